import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  type CompactJwt,
  checkGrantAssertion,
  type GrantAssertionClaim,
  grantTypes,
  parseCompactJwt,
  readGrantAssertion,
} from '@latchkey/protocol';
import { consumeOnce, type MachineClient } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import { publicUrl } from '../../platform/instances.ts';
import { verifyJws } from '../../platform/jws.ts';
import { sha256Hex } from '../../platform/random.ts';
import { authenticateClient } from '../client-auth.ts';
import { countClientFailure } from '../count-client-failure.ts';
import { readConfirmation } from '../proof-of-possession.ts';
import type { SelfAuthenticatingGrant } from './grant.ts';
import { issueToMachine } from './issue-to-machine.ts';

function refusal(description: string, internal: string): OAuthError {
  return new OAuthError('invalid_grant', description, { internal });
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

function isSignedBy(
  machine: MachineClient,
  claim: GrantAssertionClaim,
  jwt: CompactJwt,
  nowMs: number,
): boolean {
  const key = machine.keys.find((candidate) => candidate.keyId === claim.keyId);
  if (key === undefined || (key.expiresAtMs !== null && key.expiresAtMs <= nowMs)) return false;
  const publicKey = readKey(key.publicKeyPem);
  return publicKey !== undefined && verifyJws(jwt, publicKey, claim.algorithm);
}

/** An assertion with a `jti` is good once; one without can be repeated until it expires (RFC 7523 §3 rule 7). */
async function spend(context: RequestContext, userId: string, jwt: CompactJwt): Promise<void> {
  const { jti, exp } = jwt.payload;
  if (typeof jti !== 'string' || typeof exp !== 'number') return;
  const isFirst = await consumeOnce(context.deps.store.db, context.instance.scope, {
    kind: 'assertion',
    id: sha256Hex(`user ${userId} ${jti}`),
    keepUntilMs: Math.ceil(exp * 1000) + 60_000,
  });
  if (!isFirst)
    throw refusal('the assertion was used before; sign a new one for every request', 'assertion replay');
}

async function proveMachine(
  context: RequestContext,
  text: string,
): Promise<{ readonly machine: MachineClient; readonly loginName: string }> {
  const { deps, instance } = context;
  const jwt = parseCompactJwt(text);
  const claim = jwt === undefined ? undefined : readGrantAssertion(jwt);
  if (jwt === undefined || claim === undefined) {
    throw refusal(
      'assertion must be a JWT whose iss and sub are the id of the user and whose kid is the id of its key',
      'assertion shape',
    );
  }
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) await fresh;
  const machine = await deps.facts.machines.load(instance.scope, claim.userId);
  // A login name is looked up in the same place; only the id may stand in an assertion.
  if (machine?.userId !== claim.userId || !isSignedBy(machine, claim, jwt, deps.clock.now())) {
    throw refusal(
      'the assertion is not signed by a key of this user; check the key, its kid and that it has not expired',
      `grant assertion of ${claim.userId}`,
    );
  }
  const { origin } = instance;
  const problem = checkGrantAssertion(jwt, {
    userId: claim.userId,
    audiences: [origin, `${origin}/`, publicUrl(instance, context.path)],
    now: deps.clock.now(),
  });
  if (problem !== undefined) throw refusal(problem.detail, `grant assertion claims of ${claim.userId}`);
  const subject = await deps.facts.subjects.load(instance.scope, claim.userId);
  if (subject === undefined) throw refusal('the user is not active', `no user ${claim.userId}`);
  await spend(context, claim.userId, jwt);
  return { machine, loginName: subject.user.loginName };
}

/** Failures count like those of clients that authenticate, at the user the assertion names. */
async function countingFailures<T>(
  context: RequestContext,
  text: string,
  prove: () => Promise<T>,
): Promise<T> {
  try {
    return await prove();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const issuer = parseCompactJwt(text)?.payload.iss;
    await countClientFailure(context, typeof issuer === 'string' ? issuer : undefined, error);
    throw error;
  }
}

function hasClientCredentials(context: RequestContext, params: ReadonlyMap<string, string>): boolean {
  return (
    context.request.headers.get('authorization') !== null ||
    params.has('client_secret') ||
    params.has('client_assertion')
  );
}

/**
 * A token for a machine user by an assertion that a key of it signed. No client need authenticate; credentials that are sent
 * all the same must be right (RFC 7523 §2.1, RFC 7521 §4.1).
 */
export const jwtBearerGrant: SelfAuthenticatingGrant = async (context, params) => {
  const text = params.get('assertion');
  if (text === undefined) throw new OAuthError('invalid_request', 'assertion is missing');
  const client = hasClientCredentials(context, params)
    ? await authenticateClient(context, params, 'single-use')
    : undefined;
  // Before the assertion is spent: a client told to use a nonce sends the same assertion again.
  const confirmation = await readConfirmation(context, client, params);
  const { machine, loginName } = await countingFailures(context, text, () => proveMachine(context, text));
  return await issueToMachine(context, {
    grantType: grantTypes.jwtBearer,
    clientId: loginName,
    machine,
    params,
    confirmation,
  });
};
