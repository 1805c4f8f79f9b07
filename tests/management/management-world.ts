import { apiRoutes, type OperationId } from '@latchkey/contract';
import {
  type ApiAnswer,
  ApiProblem,
  callApi,
  type PlainCall,
  type ProblemBody,
} from '@latchkey/contract/client';
import { newId, sha256Hex } from '@latchkey/server';
import { insertSession, type ManagedKind, setMembership } from '@latchkey/store';
import {
  changeAsOperator,
  type SeedTarget,
  seedMachine,
  seedOrganization,
  seedPersonalAccessToken,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { type EngineName, type FlowServer, startFlowServer } from '../flows/flow-world.ts';

/** Somebody who calls the management API. */
export interface ApiCaller {
  readonly userId: string;
  readonly token: string;
  /** Calls an operation; resolves to what it answers. Rejects with `ApiProblem`. */
  readonly call: (id: OperationId, input?: PlainCall) => Promise<ApiAnswer<Record<string, unknown>>>;
  /** Calls an operation that must be refused; resolves to the problem. */
  readonly refused: (id: OperationId, input?: PlainCall) => Promise<ProblemBody>;
  /** The bare request, for headers and statuses. */
  readonly send: (method: string, path: string, init?: SendOptions) => Promise<Response>;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ManagementWorld extends FlowServer {
  /** A machine with IAM_OWNER. */
  readonly owner: ApiCaller;
  /** A machine of an organization (the first one by default) with roles for an object. */
  readonly callerWith: (
    roles: readonly string[],
    at?: { readonly kind: ManagedKind; readonly id: string; readonly organizationId?: string },
  ) => Promise<ApiCaller>;
  /** The same on another instance: a machine of its first organization with roles for the instance. */
  readonly callerOf: (server: TestServer, roles: readonly string[]) => Promise<ApiCaller>;
  /** A person of an organization who is signed in; resolves to the id of the session. */
  readonly seedSession: (organizationId: string) => Promise<string>;
  /** A second organization of the instance. */
  readonly otherOrganizationId: string;
}

/** Somebody who calls by an access token. */
export function createCaller(server: TestServer, userId: string, token: string): ApiCaller {
  const send: ApiCaller['send'] = (method, path, { headers = {}, body } = {}) =>
    server.fetch(`/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const fetchHere: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return server.fetch(String(input), {
      method: init?.method ?? 'GET',
      headers: Object.fromEntries(headers),
      ...(typeof init?.body === 'string' ? { body: init.body } : {}),
    });
  };
  const call: ApiCaller['call'] = async (id, input = {}) => {
    const answer = await callApi({ issuer: server.issuer, fetch: fetchHere }, apiRoutes[id], input);
    return { ...answer, data: (answer.data ?? {}) as Record<string, unknown> }; // cast: every answer with a body is an object
  };
  return {
    userId,
    token,
    send,
    call,
    refused: async (id, input) => {
      const outcome = await call(id, input).catch((error: unknown) => error);
      if (outcome instanceof ApiProblem) return outcome.problem;
      throw new Error(`${id} was not refused: ${JSON.stringify(outcome)}`);
    },
  };
}

async function machineCaller(
  server: TestServer,
  target: SeedTarget,
  roles: readonly string[],
  at: { readonly kind: ManagedKind; readonly id: string },
): Promise<ApiCaller> {
  const machine = await seedMachine(target);
  const membership = { objectKind: at.kind, objectId: at.id, userId: machine.id };
  if (roles.length > 0) await changeAsOperator(server, (change) => setMembership(change, membership, roles));
  const { token } = await seedPersonalAccessToken(server, machine.id);
  return createCaller(server, machine.id, token);
}

async function seedSession(server: TestServer, organizationId: string): Promise<string> {
  const user = await seedUser({ ...server, organizationId });
  const now = server.clock.now();
  const id = newId(now);
  await changeAsOperator(server, (change) =>
    insertSession(change, {
      id,
      organizationId,
      userId: user.id,
      secretSha256: sha256Hex(id),
      authTimeMs: now,
      amr: ['pwd'],
      createdAtMs: now,
      lastSeenAtMs: now,
      expiresAtMs: now + 3_600_000,
      userAgent: null,
      ip: null,
    }),
  );
  return id;
}

/** A server with an owner and two organizations. */
export async function startManagementWorld(
  engine: EngineName,
  options: Parameters<typeof startFlowServer>[1] = {},
): Promise<ManagementWorld> {
  const flow = await startFlowServer(engine, options);
  const { server } = flow;
  const other = await seedOrganization(server);
  const callerWith: ManagementWorld['callerWith'] = (roles, at) => {
    const target = { ...server, organizationId: at?.organizationId ?? server.organizationId };
    return machineCaller(server, target, roles, at ?? { kind: 'instance', id: server.instanceId });
  };
  return {
    ...flow,
    owner: await callerWith(['IAM_OWNER']),
    callerWith,
    callerOf: (other, roles) =>
      machineCaller(other, other, roles, { kind: 'instance', id: other.instanceId }),
    seedSession: (organizationId) => seedSession(server, organizationId),
    otherOrganizationId: other.id,
  };
}
