import { type EpochMs, epochMs } from '../brands.ts';
import type { AccessTokenFacts, Actor } from './access-token.ts';

/** Until when tokens depending on an id are dead: those issued at or before this time. Ids are unique over all kinds. */
export type RevocationLookup = (id: string) => EpochMs | undefined;

/** The `notAfterMs` of a thing that can never come back: every token that depends on it is dead, whenever issued. */
export const forever: EpochMs = epochMs(Number.MAX_SAFE_INTEGER);

/** Why a token is not live. For the log and the debug view; callers of introspection are told nothing. */
export type DeadReason =
  | { readonly kind: 'expired' }
  | { readonly kind: 'not-yet-valid' }
  | { readonly kind: 'revoked'; readonly by: string };

const leewayMs = 30_000;

function revokedBy(
  ids: readonly (string | undefined)[],
  issuedAtMs: EpochMs,
  revokedAt: RevocationLookup,
): DeadReason | undefined {
  for (const id of ids) {
    if (id === undefined) continue;
    const notAfter = revokedAt(id);
    if (notAfter !== undefined && issuedAtMs <= notAfter) return { kind: 'revoked', by: id };
  }
  return undefined;
}

/**
 * Everybody who acts in a token, the present actor first.
 * @see RFC 8693 §4.1
 */
export function actorIdsOf(actor: Actor): readonly string[] {
  return actor.act === undefined ? [actor.sub] : [actor.sub, ...actorIdsOf(actor.act)];
}

/**
 * The one door for liveness: is this token still good? `undefined` means yes.
 * A token is dead when it has expired, or when anything it depends on was ended at or after its issue time; those who act
 * in it count too. A personal access token is a credential of its own, like a secret: what ends sign-ins does not end it, so
 * besides its time only its own id counts here, and its row where it is read.
 * @see RFC 7662 §2.2 `active`, RFC 7009 §2.1
 */
export function whyDead(
  token: AccessTokenFacts,
  instanceId: string,
  revokedAt: RevocationLookup,
  now: EpochMs,
): DeadReason | undefined {
  if (token.expiresAt * 1000 <= now) return { kind: 'expired' };
  if (token.issuedAtMs > now + leewayMs) return { kind: 'not-yet-valid' };
  if (token.personal === true) return revokedBy([token.tokenId], token.issuedAtMs, revokedAt);
  const ids = [
    token.tokenId,
    token.sessionId,
    token.grantId,
    token.clientId,
    token.applicationId,
    token.userId,
    token.projectId,
    token.organizationId,
    instanceId,
    token.keyId,
    token.applicationId === undefined ? undefined : consentId(token.userId, token.applicationId),
  ];
  const dead = revokedBy(ids, token.issuedAtMs, revokedAt);
  if (dead !== undefined || (token.actor === undefined && token.dependsOn === undefined)) return dead;
  const others = [...(token.actor === undefined ? [] : actorIdsOf(token.actor)), ...(token.dependsOn ?? [])];
  return revokedBy(others, token.issuedAtMs, revokedAt);
}

/**
 * The id by which what a person let an application have is revoked.
 * @see OpenID Connect Core §3.1.2.4
 */
export function consentId(userId: string, applicationId: string): string {
  return `${userId}:${applicationId}`;
}
