import { type EpochMs, type EpochSeconds, toSeconds } from '../brands.ts';
import type { AccessTokenFacts } from './access-token.ts';
import { clockToleranceMs } from './recency.ts';

/** What a resource demands of the sign-in behind an access token; a later demand for a strength is a member of its own. */
export interface AuthenticationDemand {
  /** The sign-in must be at most this old. */
  readonly maxAgeSeconds: number;
}

/** Why a sign-in does not meet a demand. */
export type InsufficientAuthentication =
  | { readonly kind: 'sign-in-too-old'; readonly ageSeconds: number }
  | { readonly kind: 'sign-in-time-unknown' };

/** Whose sign-in counts, and when it was. */
export interface ActingParty {
  /** A machine proves itself with its own credential for every token; there is no sign-in that could be old. */
  readonly kind: 'machine' | 'person';
  /** Absent when the token does not say. */
  readonly authTime?: EpochSeconds;
}

/**
 * When whoever uses the token signed in: the actor of an exchanged token, otherwise its subject. `undefined` when unknown.
 * @see RFC 8693 §4.1, OpenID Connect Core §2 (auth_time)
 */
export function actingAuthTime(
  token: Pick<AccessTokenFacts, 'actor' | 'authTime' | 'actorAuthTime'>,
): EpochSeconds | undefined {
  return token.actor === undefined ? token.authTime : token.actorAuthTime;
}

/**
 * Whether a sign-in meets a demand; `undefined` when it does. A person whose sign-in time is unknown never meets it.
 * @see RFC 9470 §3, §6.2 (auth_time)
 */
export function checkAuthenticationDemand(
  party: ActingParty,
  demand: AuthenticationDemand,
  now: EpochMs,
): InsufficientAuthentication | undefined {
  if (party.kind === 'machine') return undefined;
  if (party.authTime === undefined) return { kind: 'sign-in-time-unknown' };
  const ageSeconds = toSeconds(now) - party.authTime;
  // Written by a clock that was ahead: the true time is lost.
  if (ageSeconds * 1000 < -clockToleranceMs) return { kind: 'sign-in-time-unknown' };
  return ageSeconds <= demand.maxAgeSeconds ? undefined : { kind: 'sign-in-too-old', ageSeconds };
}

/**
 * The `WWW-Authenticate` value that asks for another sign-in. `description` must be printable ASCII without quotes.
 * @see RFC 9470 §3, RFC 9449 §7.1 (the scheme of a DPoP-bound token)
 */
export function buildStepUpChallenge(
  scheme: 'Bearer' | 'DPoP',
  demand: AuthenticationDemand,
  description: string,
): string {
  return `${scheme} realm="Latchkey", error="insufficient_user_authentication", error_description="${description}", max_age=${demand.maxAgeSeconds}`;
}
