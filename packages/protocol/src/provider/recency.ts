import type { EpochMs } from '../brands.ts';

/** How far ahead of the present a stored time may be, in milliseconds, before it must come of a clock that was wrong. */
export const clockToleranceMs = 60_000;

/**
 * Whether something at `thenMs` was at most `maximumMs` ago. A time further ahead of `now` than `clockToleranceMs` was written
 * by a clock that was wrong: how long ago it really was nobody knows, so it is not recent.
 * @see OpenID Connect Core §3.1.2.1 (max_age), RFC 9470 §3
 */
export function isRecent(thenMs: number, now: EpochMs, maximumMs: number): boolean {
  return now - thenMs <= maximumMs && thenMs <= now + clockToleranceMs;
}
