import type { EpochMs } from '../brands.ts';
import { grantableScopes, reservedScopes } from '../wire/scope.ts';
import type { ApplicationFacts, ProjectFacts } from './facts.ts';
import { isRecent } from './recency.ts';

/** A request that waits for a person's word elsewhere, as far as polling goes: device or backchannel authentication. */
export interface AwaitedFacts {
  readonly clientId: string;
  readonly state: 'pending' | 'approved' | 'denied' | 'redeemed';
  readonly intervalSeconds: number;
  /** When the client asked last; 0 before the first time. */
  readonly lastPolledAtMs: number;
  readonly expiresAtMs: number;
}

/** What to answer a poll. */
export type PollDecision =
  | { readonly kind: 'redeem' }
  | { readonly kind: 'pending' }
  /** Asked too soon: the interval grows for good. */
  | { readonly kind: 'slow-down' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'used' }
  | { readonly kind: 'foreign' };

/** By how much the interval grows each time a client polls too fast (RFC 8628 §3.5). */
export const slowDownSeconds = 5;

// Two requests an interval apart at the client can arrive a little closer together.
const jitterMs = 1000;

/**
 * Decides about a poll. Another client's code is told nothing of; a denial and an approval are told however fast the
 * client asks, since its asking ends with them.
 * @see RFC 8628 §3.4, §3.5; OpenID CIBA Core §10.1, §11
 */
export function decidePoll(
  awaited: AwaitedFacts,
  at: { readonly clientId: string; readonly now: EpochMs },
): PollDecision {
  if (awaited.clientId !== at.clientId) return { kind: 'foreign' };
  if (awaited.state === 'redeemed') return { kind: 'used' };
  if (awaited.expiresAtMs <= at.now) return { kind: 'expired' };
  switch (awaited.state) {
    case 'denied':
      return { kind: 'denied' };
    case 'approved':
      return { kind: 'redeem' };
    case 'pending': {
      const intervalMs = awaited.intervalSeconds * 1000 - jitterMs - 1;
      return { kind: isRecent(awaited.lastPolledAtMs, at.now, intervalMs) ? 'slow-down' : 'pending' };
    }
  }
}

/**
 * The `max_age` of a device authorization: an extension parameter of ours with the meaning of an authorization request's.
 * `undefined` when there is none, 'invalid' when it is not a number of seconds.
 * @see RFC 8628 §3.1; OpenID Connect Core §3.1.2.1
 */
export function parseDeviceMaxAge(text: string | undefined): number | undefined | 'invalid' {
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : 'invalid';
}

/**
 * Whether a session may approve a device that asked for a recent sign-in: one from after the device asked always may.
 * @see OpenID Connect Core §3.1.2.1 (max_age)
 */
export function isRecentForDevice(
  session: { readonly authTimeMs: number },
  device: { readonly maxAgeSeconds: number | null; readonly createdAtMs: number },
  now: EpochMs,
): boolean {
  const { maxAgeSeconds, createdAtMs } = device;
  if (maxAgeSeconds === null) return true;
  // Since the device asked, however long it has waited.
  const maximumMs = Math.max(maxAgeSeconds * 1000, now - createdAtMs);
  return isRecent(session.authTimeMs, now, maximumMs);
}

/**
 * Letters of a user code: no vowels, so that no words come about, and none that look alike.
 * @see RFC 8628 §6.1
 */
export const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';

/** How many letters a user code has: 20^8 possibilities, some 34 bits (RFC 8628 §6.1). */
export const userCodeLength = 8;

const notALetter = new RegExp(`[^${userCodeLetters}]`, 'g');
const maximumTyped = 100;

/**
 * The letters of a typed user code: in any case, with whatever between them; `undefined` when they are not eight.
 * @see RFC 8628 §6.1
 */
export function parseUserCode(text: string): string | undefined {
  if (text.length > maximumTyped) return undefined;
  const letters = text.toUpperCase().replace(notALetter, '');
  return letters.length === userCodeLength ? letters : undefined;
}

/**
 * A user code as people read it: two groups of four.
 * @see RFC 8628 §6.1
 */
export function formatUserCode(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/**
 * The scopes a person will be asked for outside an authorization request: what the application may have of what it asked
 * for, with every role of a project that tells its roles unasked, as one scope however many roles there are.
 * @see RFC 8628 §3.1; OpenID CIBA Core §7.1; ZITADEL dialect, claims
 */
export function awaitedScopes(
  client: {
    readonly application: Pick<ApplicationFacts, 'grantTypes'>;
    readonly project: Pick<ProjectFacts, 'roleKeys' | 'roleAssertion'>;
  },
  asked: readonly string[],
): readonly string[] {
  const { application, project } = client;
  const mayRefresh = application.grantTypes.includes('refresh_token');
  const granted = grantableScopes(asked, project.roleKeys).filter(
    (scope) => scope !== 'offline_access' || mayRefresh,
  );
  const { everyRole, roleOf } = reservedScopes;
  const hasRoleScope = granted.some((scope) => scope === everyRole || scope.startsWith(roleOf('')));
  return project.roleAssertion && !hasRoleScope && project.roleKeys.length > 0
    ? [...granted, everyRole]
    : granted;
}
