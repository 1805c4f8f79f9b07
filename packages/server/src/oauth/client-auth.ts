import { canonicalLoginName } from '@latchkey/identity';
import {
  assertedClientId,
  type BasicCredentials,
  type Brand,
  type ClientFacts,
  isClientActive,
  mayUseAuthMethod,
  type Params,
  parseBasicCredentials,
  parseCompactJwt,
} from '@latchkey/protocol';
import type { MachineClient } from '@latchkey/store';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { clientRefusal } from './client-refusal.ts';
import { isSecretOf } from './client-secrets.ts';
import { countClientFailure } from './count-client-failure.ts';
import { noteRefusedRequest } from './note-refused-request.ts';
import { type AssertionReuse, proveByAssertion } from './prove-by-assertion.ts';
import { proveByCertificate } from './prove-by-certificate.ts';

/** How a client proved who it is. */
export type ProvenBy = 'none' | 'secret' | 'assertion' | 'certificate';

interface AuthenticatedApplication {
  readonly kind: 'application';
  readonly facts: ClientFacts;
  readonly provenBy: ProvenBy;
}

interface AuthenticatedMachine {
  readonly kind: 'machine';
  readonly clientId: string;
  readonly machine: MachineClient;
  readonly provenBy: 'secret';
}

/** A client that has proved who it is. Made by `authenticateClient` only. */
export type AuthenticatedClient = Brand<
  AuthenticatedApplication | AuthenticatedMachine,
  'AuthenticatedClient'
>;

/** Brand constructor: the one place where a client becomes authenticated. */
function authenticated(client: AuthenticatedApplication | AuthenticatedMachine): AuthenticatedClient {
  // cast: the brand's constructor; every caller has just checked the proof
  return client as AuthenticatedClient;
}

async function bySecret(
  context: RequestContext,
  credentials: BasicCredentials,
): Promise<AuthenticatedClient | undefined> {
  const { facts } = context.deps;
  const { scope } = context.instance;
  const known = facts.clients.recall(scope, credentials.clientId);
  const client = known === undefined ? await facts.clients.load(scope, credentials.clientId) : known.value;
  if (client !== undefined) {
    const method = client.application.authMethod;
    const isSecretClient = method === 'client_secret_basic' || method === 'client_secret_post';
    if (!isSecretClient || !mayUseAuthMethod(client.application)) return undefined;
    const { id, secrets } = client.application;
    const owner = { kind: 'application', id } as const;
    if (!(await isSecretOf(context, owner, secrets, credentials.clientSecret))) return undefined;
    return isClientActive(client)
      ? authenticated({ kind: 'application', facts: client, provenBy: 'secret' })
      : undefined;
  }
  const name = canonicalLoginName(credentials.clientId);
  if (name === undefined) return undefined;
  const machine = await facts.machines.load(context.instance.scope, name);
  if (machine === undefined) return undefined;
  const owner = { kind: 'user', id: machine.userId } as const;
  if (!(await isSecretOf(context, owner, machine.secrets, credentials.clientSecret))) return undefined;
  return authenticated({ kind: 'machine', clientId: credentials.clientId, machine, provenBy: 'secret' });
}

async function byCandidates(
  context: RequestContext,
  candidates: readonly BasicCredentials[],
): Promise<AuthenticatedClient> {
  for (const candidate of candidates) {
    const client = await bySecret(context, candidate);
    if (client !== undefined) return client;
  }
  throw clientRefusal(
    'client authentication failed; check client_id and client_secret',
    `secret of ${candidates[0]?.clientId ?? ''}`,
  );
}

async function byBasic(
  context: RequestContext,
  header: string,
  params: Params,
): Promise<AuthenticatedClient> {
  const [, encoded] = /^basic +(.+)$/i.exec(header) ?? [];
  const parsed = encoded === undefined ? undefined : parseBasicCredentials(encoded);
  if (parsed?.kind !== 'candidates')
    throw clientRefusal(
      'the Authorization header must be Basic with base64 of client_id:client_secret',
      'malformed Basic',
    );
  const named = params.get('client_id');
  const candidates = parsed.candidates.filter(
    (candidate) => named === undefined || candidate.clientId === named,
  );
  if (candidates.length === 0)
    throw new OAuthError('invalid_request', 'client_id differs from the one in the Authorization header');
  return await byCandidates(context, candidates);
}

/** A client that names itself and sends nothing else: a public one, or one whose proof is its TLS connection. */
async function byIdAlone(context: RequestContext, clientId: string): Promise<AuthenticatedClient> {
  const client = await context.deps.facts.clients.load(context.instance.scope, clientId);
  if (client === undefined || !isClientActive(client))
    throw clientRefusal('no active application has this client_id', `unknown client ${clientId}`);
  const { authMethod } = client.application;
  if (authMethod === 'tls_client_auth' || authMethod === 'self_signed_tls_client_auth') {
    await proveByCertificate(context, client, authMethod);
    return authenticated({ kind: 'application', facts: client, provenBy: 'certificate' });
  }
  if (authMethod !== 'none')
    throw clientRefusal(
      'this application must authenticate; send its secret or an assertion',
      `no credentials of ${clientId}`,
    );
  if (!mayUseAuthMethod(client.application))
    throw clientRefusal(
      'the security profile of this application needs private_key_jwt or a client certificate',
      `public client ${clientId} under FAPI`,
    );
  return authenticated({ kind: 'application', facts: client, provenBy: 'none' });
}

async function authenticate(
  context: RequestContext,
  params: Params,
  reuse: AssertionReuse,
): Promise<AuthenticatedClient> {
  const header = context.request.headers.get('authorization');
  const hasAssertion = params.has('client_assertion') || params.has('client_assertion_type');
  const clientSecret = params.get('client_secret');
  const methods = [header !== null, hasAssertion, clientSecret !== undefined].filter(Boolean).length;
  if (methods > 1)
    throw new OAuthError('invalid_request', 'more than one way of client authentication was used; send one');
  if (header !== null) return await byBasic(context, header, params);
  if (hasAssertion) {
    const facts = await proveByAssertion(context, params, reuse);
    return authenticated({ kind: 'application', facts, provenBy: 'assertion' });
  }
  const clientId = params.get('client_id');
  if (clientId === undefined)
    throw clientRefusal(
      'client authentication is missing; send Basic credentials, a client_assertion, or client_id',
      'no credentials',
    );
  if (clientSecret !== undefined) return await byCandidates(context, [{ clientId, clientSecret }]);
  return await byIdAlone(context, clientId);
}

/** Who a request says it comes from; nothing is proved. */
function namedClient(context: RequestContext, params: Params): string | undefined {
  const [, encoded] = /^basic +(.+)$/i.exec(context.request.headers.get('authorization') ?? '') ?? [];
  const parsed = encoded === undefined ? undefined : parseBasicCredentials(encoded);
  const jwt = parseCompactJwt(params.get('client_assertion') ?? '');
  return (
    params.get('client_id') ??
    (parsed?.kind === 'candidates' ? parsed.candidates[0]?.clientId : undefined) ??
    (jwt === undefined ? undefined : assertedClientId(jwt))
  );
}

/**
 * Finds out which client is calling: by Basic, body secret, assertion, client certificate, or for public clients by its
 * id alone; each application by the method it is registered with, Basic and body secret counting as one.
 * Throws `OAuthError` `invalid_client` (401) when it does not prove itself, `invalid_request` when it tries two ways at
 * once, and after too many failures 429. Source: RFC 6749 §2.3, RFC 7523 §2.2,
 * RFC 8705 §2, OpenID Connect Core §9.
 */
export async function authenticateClient(
  context: RequestContext,
  params: Params,
  reuse: AssertionReuse,
): Promise<AuthenticatedClient> {
  const fresh = context.deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  try {
    return await authenticate(context, params, reuse);
  } catch (error) {
    if (!(error instanceof OAuthError) || error.code !== 'invalid_client') throw error;
    const clientId = namedClient(context, params);
    await countClientFailure(context, clientId, error);
    await noteRefusedRequest(context, { type: 'client.refused', clientId, params, error });
    throw error;
  }
}
