import { apiRoutes, type OperationId } from '@latchkey/contract';
import {
  type ApiAnswer,
  ApiProblem,
  callApi,
  type PlainCall,
  type ProblemBody,
} from '@latchkey/contract/client';
import { type ManagedKind, setMembership } from '@latchkey/store';
import {
  changeAsOperator,
  seedMachine,
  seedOrganization,
  seedPersonalAccessToken,
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
  /** A second organization of the instance. */
  readonly otherOrganizationId: string;
}

function createCaller(server: TestServer, userId: string, token: string): ApiCaller {
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

/** A server with an owner and two organizations. */
export async function startManagementWorld(
  engine: EngineName,
  options: Parameters<typeof startFlowServer>[1] = {},
): Promise<ManagementWorld> {
  const flow = await startFlowServer(engine, options);
  const { server } = flow;
  const other = await seedOrganization(server);
  const callerWith: ManagementWorld['callerWith'] = async (roles, at) => {
    const target = { ...server, organizationId: at?.organizationId ?? server.organizationId };
    const machine = await seedMachine(target);
    const { kind, id } = at ?? { kind: 'instance' as const, id: server.instanceId };
    if (roles.length > 0)
      await changeAsOperator(server, (change) =>
        setMembership(change, { objectKind: kind, objectId: id, userId: machine.id }, roles),
      );
    const { token } = await seedPersonalAccessToken(server, machine.id);
    return createCaller(server, machine.id, token);
  };
  return { ...flow, owner: await callerWith(['IAM_OWNER']), callerWith, otherOrganizationId: other.id };
}
