import { type EpochMs, epochMs } from '../brands.ts';
import type { AccessTokenFacts } from './access-token.ts';

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

/**
 * The one door for liveness: is this token still good? `undefined` means yes.
 * A token is dead when it has expired, or when anything it depends on was ended at or after its issue time.
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
  ];
  for (const id of ids) {
    if (id === undefined) continue;
    const notAfter = revokedAt(id);
    if (notAfter !== undefined && token.issuedAtMs <= notAfter) return { kind: 'revoked', by: id };
  }
  return undefined;
}
