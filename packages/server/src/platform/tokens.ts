import type { Subject } from '@latchkey/identity';
import {
  type AccessTokenFacts,
  type ClientFacts,
  isClientActive,
  parseCompactJwt,
  type RefreshTokenFacts,
  unpackAccessToken,
  unpackTokenId,
  whyDead,
} from '@latchkey/protocol';
import type { Deps } from './deps.ts';
import type { InstanceContext } from './instances.ts';
import { verifyOwnJwt } from './signing-keys.ts';

/** A token as read: live with its user, or dead for a reason that only the log hears. */
export type TokenReading =
  | {
      readonly kind: 'live';
      readonly token: AccessTokenFacts;
      readonly subject: Subject;
      /** The application it was issued to; machine users have none. */
      readonly client: ClientFacts | undefined;
    }
  | { readonly kind: 'dead'; readonly reason: string; readonly token?: AccessTokenFacts };

function openJwt(instance: InstanceContext, text: string): AccessTokenFacts | undefined {
  const jwt = parseCompactJwt(text);
  if (jwt === undefined || typeof jwt.payload.jti !== 'string') return undefined;
  if (verifyOwnJwt(instance.signingKeys, jwt) === undefined) return undefined;
  // An ID token has no sealed jti, so it can never be taken for an access token.
  const sealed = instance.sealer.open('token-id', jwt.payload.jti);
  return sealed === undefined ? undefined : unpackTokenId(sealed, jwt.payload, jwt.header.kid);
}

function openPersonal(instance: InstanceContext, text: string): AccessTokenFacts | undefined {
  const sealed = instance.sealer.open('personal-access-token', text);
  const facts = sealed === undefined ? undefined : unpackAccessToken(sealed);
  // What is sealed as a personal token must say that it is one, so that it is never taken without its row.
  return facts?.personal === true ? facts : undefined;
}

function openOpaque(instance: InstanceContext, text: string): AccessTokenFacts | undefined {
  if (text.startsWith('lk_pat_')) return openPersonal(instance, text);
  const sealed = instance.sealer.open('access-token', text);
  return sealed === undefined ? undefined : unpackAccessToken(sealed);
}

/** The facts of an access token of this instance, opaque, JWT or personal, whether live or not; `undefined` for anything else. */
export function openAccessToken(
  deps: Pick<Deps, 'openedTokens'>,
  instance: InstanceContext,
  text: string,
): AccessTokenFacts | undefined {
  // By its text alone, which is not joined with anything: a long text is costly to copy and to look up anew.
  // `peek`: to keep the order of use costs more than to open a token again once it has been pushed out.
  const known = deps.openedTokens.peek(text);
  // What another sealer of the instance opened, before a backup was restored, is not known to this one.
  if (known?.sealer === instance.sealer.serial) return known.facts;
  const facts = text.startsWith('lk_') ? openOpaque(instance, text) : openJwt(instance, text);
  if (facts !== undefined) deps.openedTokens.set(text, { sealer: instance.sealer.serial, facts });
  return facts;
}

/**
 * Opens an access token and says whether it is live: not expired, nothing it depends on revoked, its user, organization
 * and application active. Rejects with `StaleState` when that cannot be known.
 */
export async function readAccessToken(
  deps: Pick<Deps, 'openedTokens' | 'live' | 'facts' | 'clock' | 'instances'>,
  instance: InstanceContext,
  text: string,
): Promise<TokenReading> {
  const token = openAccessToken(deps, instance, text);
  if (token === undefined) return { kind: 'dead', reason: 'not an access token of this instance' };
  const fresh = deps.live.ensureFresh();
  if (fresh !== undefined) {
    await fresh;
    // What was heard just now may have been that a backup was restored.
    await deps.instances.settled();
    if (deps.instances.isSuperseded(instance))
      return { kind: 'dead', reason: 'issued before a backup was restored', token };
  }
  const dead = whyDead(token, instance.id, deps.live.revocationsOf(instance.id), deps.clock.now());
  if (dead !== undefined) return { kind: 'dead', reason: dead.kind, token };
  if (token.personal === true) {
    const row = await deps.facts.personalTokens.load(instance.scope, token.tokenId);
    if (row === undefined) return { kind: 'dead', reason: 'personal access token taken back', token };
  }
  const { subjects, clients } = deps.facts;
  const { scope } = instance;
  const known = subjects.recall(scope, token.userId);
  const subject = known === undefined ? await subjects.load(scope, token.userId) : known.value;
  if (subject?.user.state !== 'active') return { kind: 'dead', reason: 'user not active', token };
  if (subject.organization.state !== 'active')
    return { kind: 'dead', reason: 'organization not active', token };
  if (token.applicationId === undefined) return { kind: 'live', token, subject, client: undefined };
  const recalled = clients.recall(scope, token.clientId);
  const client = recalled === undefined ? await clients.load(scope, token.clientId) : recalled.value;
  if (client === undefined || !isClientActive(client))
    return { kind: 'dead', reason: 'application not active', token };
  return { kind: 'live', token, subject, client };
}

/** What a refresh token carries besides the grant and its generation. */
export interface RefreshTokenPayload extends RefreshTokenFacts {
  readonly userId: string;
  readonly sessionId: string;
}

/** Seals a refresh token. */
export function sealRefreshToken(instance: InstanceContext, payload: RefreshTokenPayload): string {
  return instance.sealer.seal(
    'refresh-token',
    JSON.stringify([1, payload.grantId, payload.generation, payload.userId, payload.sessionId]),
  );
}

/** Opens a refresh token; `undefined` for anything that is not one of this instance. */
export function openRefreshToken(instance: InstanceContext, text: string): RefreshTokenPayload | undefined {
  const sealed = instance.sealer.open('refresh-token', text);
  if (sealed === undefined) return undefined;
  const value: unknown = JSON.parse(sealed);
  if (!Array.isArray(value) || value[0] !== 1) return undefined;
  const [, grantId, generation, userId, sessionId]: unknown[] = value;
  if (
    typeof grantId !== 'string' ||
    typeof generation !== 'number' ||
    typeof userId !== 'string' ||
    typeof sessionId !== 'string'
  )
    return undefined;
  return { grantId, generation, userId, sessionId };
}
