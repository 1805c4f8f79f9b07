import type { EpochMs } from '../brands.ts';
import { foldEveryRole, nameEveryRole, reservedScopes } from '../wire/scope.ts';

/** What a refresh token stands for; sealed into the token itself. The grant's row holds everything else. */
export interface RefreshTokenFacts {
  readonly grantId: string;
  readonly generation: number;
}

/** The state of a grant as far as refreshing goes. */
export interface GrantFacts {
  readonly clientId: string;
  readonly generation: number;
  /** When the present generation began. */
  readonly rotatedAtMs: EpochMs;
  readonly siblingUsed: 'yes' | 'no';
  readonly idleExpiresAtMs: EpochMs;
  readonly absoluteExpiresAtMs: EpochMs;
  readonly ended: 'yes' | 'no';
}

/** What to do with a presented refresh token. */
export type RefreshDecision =
  | { readonly kind: 'rotate' }
  /** The token was just used by another tab: give out a second token of the present generation, once. */
  | { readonly kind: 'sibling' }
  /** Used again within the grace, but the sibling is gone: refuse, harm nobody. */
  | { readonly kind: 'refuse-harmless' }
  /** An old token came back: somebody else has it. End the whole family. */
  | { readonly kind: 'replay' }
  | { readonly kind: 'refuse'; readonly reason: 'foreign' | 'ended' | 'expired' };

/**
 * Decides about a refresh token by its generation: the present one rotates, the one before it gets a sibling once
 * within the grace, anything older is a replay that ends the family.
 * @see RFC 9700 §4.14.2, RFC 6749 §6
 */
export function decideRefresh(
  token: RefreshTokenFacts,
  grant: GrantFacts,
  at: { readonly clientId: string; readonly now: EpochMs; readonly graceSeconds: number },
): RefreshDecision {
  if (grant.clientId !== at.clientId) return { kind: 'refuse', reason: 'foreign' };
  if (grant.ended === 'yes') return { kind: 'refuse', reason: 'ended' };
  if (grant.idleExpiresAtMs <= at.now || grant.absoluteExpiresAtMs <= at.now)
    return { kind: 'refuse', reason: 'expired' };
  if (token.generation === grant.generation) return { kind: 'rotate' };
  if (token.generation > grant.generation) return { kind: 'refuse', reason: 'ended' };
  const isWithinGrace =
    token.generation === grant.generation - 1 &&
    Math.max(0, at.now - grant.rotatedAtMs) < at.graceSeconds * 1000;
  if (!isWithinGrace) return { kind: 'replay' };
  return grant.siblingUsed === 'no' ? { kind: 'sibling' } : { kind: 'refuse-harmless' };
}

/**
 * Scopes of a refreshed token: those asked for, if the grant has them all; all of the grant's when none are asked for.
 * Who was granted every role of the project may ask for some of them. `undefined` when more is asked for than was granted.
 * @see RFC 6749 §6
 */
export function narrowScopes(
  granted: readonly string[],
  asked: readonly string[],
  projectRoleKeys: readonly string[] = [],
): readonly string[] | undefined {
  if (asked.length === 0) return granted;
  const allowed = new Set([...granted, ...nameEveryRole(granted, projectRoleKeys)]);
  if (!asked.every((scope) => allowed.has(scope))) return undefined;
  return granted.includes(reservedScopes.everyRole) ? foldEveryRole(asked, projectRoleKeys) : asked;
}
