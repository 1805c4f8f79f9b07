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
  /** When the latest generations began, the present one first: as many as began within `partingMs`. */
  readonly recentRotationsMs: readonly number[];
  readonly idleExpiresAtMs: EpochMs;
  readonly absoluteExpiresAtMs: EpochMs;
  readonly ended: 'yes' | 'no';
}

/** What to do with a presented refresh token. */
export type RefreshDecision =
  /** Begin the next generation, and give out its first token. */
  | { readonly kind: 'rotate' }
  /** The token is the present one and stays it: the client's tokens do not rotate. */
  | { readonly kind: 'keep' }
  /** The token was just used, by another tab or node of the client: give out one more token of the present generation. */
  | { readonly kind: 'sibling' }
  /** Used again soon after, but not within the grace: refuse, revoke nothing. */
  | { readonly kind: 'refuse-harmless' }
  /** An old token came back: somebody else has it. Revoke the whole family. */
  | { readonly kind: 'replay' }
  | { readonly kind: 'refuse'; readonly reason: 'foreign' | 'ended' | 'expired' };

/** Who presents a refresh token, when, and what the instance and the client's profile say about rotation. */
export interface RefreshOccasion {
  readonly clientId: string;
  readonly now: EpochMs;
  /** For how long a token that was used may be used again; 0 makes every second use a replay. */
  readonly graceSeconds: number;
  readonly rotation: 'rotate' | 'keep';
}

/** For how long after its use a token is no sign of theft: two tabs that parted may refresh so far from each other. */
export const partingMs = 60_000;

/** When the token's generation was followed by the next; `undefined` when that is longer ago than is remembered. */
function replacedAtMs(generation: number, grant: GrantFacts): number | undefined {
  if (generation === grant.generation - 1) return grant.rotatedAtMs;
  const { recentRotationsMs: recent } = grant;
  // A server of an earlier version rotates without noting it here; then the list is about other generations.
  return recent[0] === grant.rotatedAtMs ? recent[grant.generation - 1 - generation] : undefined;
}

/**
 * Decides about a refresh token by its generation: the present one rotates, or stays where the profile forbids rotation. One
 * that was replaced within the grace gets a token of the present generation, as often as it comes; within a minute it is
 * refused; later it is a replay that revokes the family.
 * @see RFC 9700 §4.14.2, RFC 6749 §6, FAPI 2.0 Security Profile §5.3.2.1
 */
export function decideRefresh(
  token: RefreshTokenFacts,
  grant: GrantFacts,
  at: RefreshOccasion,
): RefreshDecision {
  if (grant.clientId !== at.clientId) return { kind: 'refuse', reason: 'foreign' };
  if (grant.ended === 'yes') return { kind: 'refuse', reason: 'ended' };
  if (grant.idleExpiresAtMs <= at.now || grant.absoluteExpiresAtMs <= at.now)
    return { kind: 'refuse', reason: 'expired' };
  if (token.generation === grant.generation) return { kind: at.rotation };
  if (token.generation > grant.generation) return { kind: 'refuse', reason: 'ended' };
  const replaced = replacedAtMs(token.generation, grant);
  if (replaced === undefined) return { kind: 'replay' };
  const sinceMs = Math.max(0, at.now - replaced);
  const graceMs = at.graceSeconds * 1000;
  if (sinceMs < graceMs) return { kind: 'sibling' };
  return graceMs > 0 && sinceMs < partingMs ? { kind: 'refuse-harmless' } : { kind: 'replay' };
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
