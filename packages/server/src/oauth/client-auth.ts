import { createPublicKey, verify } from 'node:crypto';
import { canonicalLoginName } from '@latchkey/identity';
import {
  assertedClientId,
  type BasicCredentials,
  type Brand,
  type ClientFacts,
  type CompactJwt,
  checkClientAssertion,
  isClientActive,
  jwtBearerAssertionType,
  type Params,
  parseBasicCredentials,
  parseCompactJwt,
} from '@latchkey/protocol';
import { consumeOnce, type MachineClient } from '@latchkey/store';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { sha256Hex } from '../platform/random.ts';

/** How a client proved who it is. */
export type ProvenBy = 'none' | 'secret' | 'assertion';

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

/** Whether an assertion that was used before may be used again: only where it cannot change anything. */
export type AssertionReuse = 'single-use' | 'reusable';

function refusal(description: string, internal: string): OAuthError {
  // RFC 6749 §5.2: 401 with the scheme the client may use.
  return new OAuthError('invalid_client', description, {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="Latchkey", charset="UTF-8"' },
    internal,
  });
}

function hasSecret(
  secrets: readonly { readonly sha256: string; readonly expiresAtMs: number | null }[],
  secret: string,
  nowMs: number,
): boolean {
  const given = sha256Hex(secret);
  return secrets.some(
    (known) => known.sha256 === given && (known.expiresAtMs === null || known.expiresAtMs > nowMs),
  );
}

async function bySecret(
  context: RequestContext,
  credentials: BasicCredentials,
): Promise<AuthenticatedClient | undefined> {
  const { facts, clock } = context.deps;
  const client = await facts.clients.load(context.instance.scope, credentials.clientId);
  if (client !== undefined) {
    const method = client.application.authMethod;
    const isSecretClient = method === 'client_secret_basic' || method === 'client_secret_post';
    if (!isSecretClient || !hasSecret(client.application.secrets, credentials.clientSecret, clock.now()))
      return undefined;
    return isClientActive(client)
      ? authenticated({ kind: 'application', facts: client, provenBy: 'secret' })
      : undefined;
  }
  const name = canonicalLoginName(credentials.clientId);
  if (name === undefined) return undefined;
  const machine = await facts.machines.load(context.instance.scope, name);
  if (machine === undefined || !hasSecret(machine.secrets, credentials.clientSecret, clock.now()))
    return undefined;
  return authenticated({ kind: 'machine', clientId: credentials.clientId, machine, provenBy: 'secret' });
}

/** Verifies an assertion's signature with the key it names (RFC 7523 §3 rule 9). RS256 only, whatever the header says. */
function isSignedBy(context: RequestContext, client: ClientFacts, jwt: CompactJwt, text: string): boolean {
  const { verifiedAssertions, clock } = context.deps;
  const key = client.application.keys.find((candidate) => candidate.keyId === jwt.header.kid);
  if (key === undefined || jwt.header.alg !== 'RS256') return false;
  if (key.expiresAtMs !== null && key.expiresAtMs <= clock.now()) return false;
  const name = `${context.instance.id} ${text}`;
  if (verifiedAssertions.get(name) === key.keyId) return true;
  const isValid = verify(
    'sha256',
    Buffer.from(jwt.signingInput),
    createPublicKey(key.publicKeyPem),
    jwt.signature,
  );
  if (isValid) verifiedAssertions.set(name, key.keyId);
  return isValid;
}

async function spendAssertion(context: RequestContext, clientId: string, jwt: CompactJwt): Promise<boolean> {
  const { jti, exp } = jwt.payload;
  if (typeof jti !== 'string' || typeof exp !== 'number') return true;
  return await consumeOnce(context.deps.store.db, context.instance.scope, {
    kind: 'assertion',
    id: sha256Hex(`${clientId} ${jti}`),
    keepUntilMs: Math.ceil(exp * 1000) + 60_000,
  });
}

async function byAssertion(
  context: RequestContext,
  params: Params,
  reuse: AssertionReuse,
): Promise<AuthenticatedClient> {
  if (params.get('client_assertion_type') !== jwtBearerAssertionType) {
    throw refusal(`client_assertion_type must be ${jwtBearerAssertionType}`, 'assertion type');
  }
  const text = params.get('client_assertion') ?? '';
  const jwt = parseCompactJwt(text);
  const clientId = jwt === undefined ? undefined : assertedClientId(jwt);
  if (jwt === undefined || clientId === undefined)
    throw refusal('client_assertion must be a JWT whose iss and sub are the client_id', 'assertion shape');
  if ((params.get('client_id') ?? clientId) !== clientId)
    throw refusal('client_id differs from the one of the assertion', 'assertion client_id');
  const client = await context.deps.facts.clients.load(context.instance.scope, clientId);
  const isUsable =
    client !== undefined && client.application.authMethod === 'private_key_jwt' && isClientActive(client);
  if (!isUsable || !isSignedBy(context, client, jwt, text)) {
    throw refusal(
      'client authentication failed; check the key, its kid and that it has not expired',
      `assertion of ${clientId}`,
    );
  }
  const problem = checkClientAssertion(jwt, {
    clientId,
    now: context.deps.clock.now(),
    audiences: [
      context.instance.origin,
      `${context.instance.origin}/`,
      publicUrl(context.instance, context.path),
    ],
  });
  if (problem !== undefined) throw refusal(problem.detail, `assertion claims of ${clientId}`);
  if (reuse === 'single-use' && !(await spendAssertion(context, clientId, jwt)))
    throw refusal('the assertion was used before; sign a new one for every request', 'assertion replay');
  return authenticated({ kind: 'application', facts: client, provenBy: 'assertion' });
}

async function byCandidates(
  context: RequestContext,
  candidates: readonly BasicCredentials[],
): Promise<AuthenticatedClient> {
  for (const candidate of candidates) {
    const client = await bySecret(context, candidate);
    if (client !== undefined) return client;
  }
  throw refusal(
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
    throw refusal(
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

async function publicClient(context: RequestContext, clientId: string): Promise<AuthenticatedClient> {
  const client = await context.deps.facts.clients.load(context.instance.scope, clientId);
  if (client === undefined || !isClientActive(client))
    throw refusal('no active application has this client_id', `unknown client ${clientId}`);
  if (client.application.authMethod !== 'none')
    throw refusal(
      'this application must authenticate; send its secret or an assertion',
      `no credentials of ${clientId}`,
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
  if (hasAssertion) return await byAssertion(context, params, reuse);
  const clientId = params.get('client_id');
  if (clientId === undefined)
    throw refusal(
      'client authentication is missing; send Basic credentials, a client_assertion, or client_id',
      'no credentials',
    );
  if (clientSecret !== undefined) return await byCandidates(context, [{ clientId, clientSecret }]);
  return await publicClient(context, clientId);
}

/**
 * Finds out which client is calling: by Basic, body secret, assertion, or for public clients by its id alone.
 * Throws `OAuthError` `invalid_client` (401) when it does not prove itself, `invalid_request` when it tries two ways at
 * once, and after too many failures from one address 429. Source: RFC 6749 §2.3, RFC 7523 §2.2, OpenID Connect Core §9.
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
    const { clientAuth } = context.deps.limits;
    const now = context.deps.clock.now();
    const waitMs = clientAuth.waitMs(context.ip, now);
    clientAuth.count(context.ip, now);
    if (waitMs === 0) throw error;
    const seconds = String(Math.ceil(waitMs / 1000));
    throw new OAuthError('invalid_client', `too many failed attempts; wait ${seconds} seconds`, {
      status: 429,
      headers: { 'retry-after': seconds },
      cause: error,
    });
  }
}
