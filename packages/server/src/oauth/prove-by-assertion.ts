import {
  type AssertionKeyOrigin,
  assertedClientId,
  assertionAlgorithms,
  assertionExpectation,
  type ClientFacts,
  type CompactJwt,
  checkClientAssertion,
  isClientActive,
  isOtherJwtType,
  jwtBearerAssertionType,
  type Params,
  parseCompactJwt,
} from '@latchkey/protocol';
import { consumeOnce } from '@latchkey/store';
import { findClientKeys } from '../platform/client-keys.ts';
import type { RequestContext } from '../platform/http.ts';
import { publicUrl } from '../platform/instances.ts';
import { verifyHmacJws, verifyJws } from '../platform/jws.ts';
import { sha256Hex } from '../platform/random.ts';
import { clientRefusal } from './client-refusal.ts';

/** Whether an assertion that was used before may be used again: only where it cannot change anything. */
export type AssertionReuse = 'single-use' | 'reusable';

const tokenPath = '/oauth/v2/token';

interface Asserted {
  readonly text: string;
  readonly jwt: CompactJwt;
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

/** RFC 7518 §3.2: a secret shorter than the hash would make the hash's strength a pretence. */
function isLongEnough(secret: Uint8Array, algorithm: string): boolean {
  return secret.length * 8 >= Number(algorithm.slice(2));
}

function isSignedBySecret(context: RequestContext, { application }: ClientFacts, jwt: CompactJwt): boolean {
  const { alg } = jwt.header;
  const now = context.deps.clock.now();
  if (!assertionAlgorithms(application, 'secret').includes(alg)) return false;
  return application.secrets.some(({ id, sealedHex, expiresAtMs }) => {
    if (sealedHex === null || (expiresAtMs !== null && expiresAtMs <= now)) return false;
    const secret = context.instance.sealer.openAtRest(
      `client_secrets|sealed|${id}`,
      Buffer.from(sealedHex, 'hex'),
    );
    return isLongEnough(secret, alg) && verifyHmacJws(jwt, secret, alg);
  });
}

/** The kind of key that signed; `undefined` when none of the client's did, by an algorithm it may use. */
async function findSigner(
  context: RequestContext,
  client: ClientFacts,
  { jwt, text }: Asserted,
): Promise<AssertionKeyOrigin | undefined> {
  const { application } = client;
  if (application.authMethod === 'client_secret_jwt')
    return isSignedBySecret(context, client, jwt) ? 'secret' : undefined;
  const { alg, kid } = jwt.header;
  // Asked before any key is looked for, since looking may mean a call to the client's server.
  const isPossible = (['key-file', 'jwk'] as const).some((origin) =>
    assertionAlgorithms(application, origin).includes(alg),
  );
  if (!isPossible) return undefined;
  const { verifiedAssertions } = context.deps;
  const name = `${context.instance.id} ${text}`;
  const verifiedBy = verifiedAssertions.get(name);
  for (const key of await findClientKeys(context, application, { kid, alg, use: 'sig' })) {
    if (!assertionAlgorithms(application, key.origin).includes(alg)) continue;
    if (key.origin === 'key-file' && kid === undefined) continue;
    if (verifiedBy !== key.fingerprint && !verifyJws(jwt, key.key, alg)) continue;
    verifiedAssertions.set(name, key.fingerprint);
    return key.origin;
  }
  return undefined;
}

function parseAssertion(params: Params): Asserted & { readonly clientId: string } {
  if (params.get('client_assertion_type') !== jwtBearerAssertionType)
    throw clientRefusal(`client_assertion_type must be ${jwtBearerAssertionType}`, 'assertion type');
  const text = params.get('client_assertion') ?? '';
  const jwt = parseCompactJwt(text);
  const clientId = jwt === undefined ? undefined : assertedClientId(jwt);
  if (jwt === undefined || clientId === undefined)
    throw clientRefusal(
      'client_assertion must be a JWT whose iss and sub are the client_id',
      'assertion shape',
    );
  if (isOtherJwtType(jwt.header.typ))
    throw clientRefusal('typ of the assertion must be JWT or client-authentication+jwt', 'assertion typ');
  if ((params.get('client_id') ?? clientId) !== clientId)
    throw clientRefusal('client_id differs from the one of the assertion', 'assertion client_id');
  return { text, jwt, clientId };
}

/**
 * The application that signed the `client_assertion` of a request, by a key (private_key_jwt) or its secret
 * (client_secret_jwt). Throws `OAuthError` `invalid_client` when it does not hold, or was used before where that matters.
 * Source: RFC 7521 §4.2, RFC 7523 §2.2, §3, OpenID Connect Core §9.
 */
export async function proveByAssertion(
  context: RequestContext,
  params: Params,
  reuse: AssertionReuse,
): Promise<ClientFacts> {
  const asserted = parseAssertion(params);
  const { clientId, jwt } = asserted;
  const client = await context.deps.facts.clients.load(context.instance.scope, clientId);
  const isUsable = client !== undefined && isClientActive(client);
  const signer = isUsable ? await findSigner(context, client, asserted) : undefined;
  if (!isUsable || signer === undefined) {
    throw clientRefusal(
      'client authentication failed; check the key, its kid and algorithm, and that it has not expired',
      `assertion of ${clientId}`,
    );
  }
  const { instance, deps, path } = context;
  const expectation = assertionExpectation(client.application, signer, {
    issuer: instance.origin,
    tokenEndpoint: publicUrl(instance, tokenPath),
    calledEndpoint: publicUrl(instance, path),
    now: deps.clock.now(),
  });
  const problem = checkClientAssertion(jwt, expectation);
  if (problem !== undefined) throw clientRefusal(problem.detail, `assertion claims of ${clientId}`);
  if (reuse === 'single-use' && !(await spendAssertion(context, clientId, jwt)))
    throw clientRefusal(
      'the assertion was used before; sign a new one for every request',
      'assertion replay',
    );
  return client;
}
