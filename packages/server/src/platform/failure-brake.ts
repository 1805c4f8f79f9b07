import { createLimiter, type Limit, type Limiter } from './limiter.ts';

/** Limits on failures at one place, such as a client or an instance, by whoever makes them. Times are monotonic milliseconds. */
export interface FailureBrake {
  /** Milliseconds the caller must wait before another failure is answered as one; 0 when none. Counts nothing. */
  readonly waitMs: (place: string, caller: string, nowMs: number) => number;
  /** Counts a failure. `alarm` once the place has had too many of all callers together. */
  readonly count: (place: string, caller: string, nowMs: number) => 'counted' | 'alarm';
  /** Takes a counted one back. */
  readonly refund: (place: string, caller: string) => void;
}

// While a place has too many failures, each caller has one a minute: a newcomer who is right at once is not kept out.
const strict: Limit = { perMinute: 1, burst: 1 };
// An attack that ends is forgotten after a minute, however large it was.
const longestMemoryMs = 60_000;

/**
 * A brake kept in memory. Each caller has an allowance of failures per place; failures spread over many callers
 * are bounded by the allowance of the place, past which those of a single caller shrink to one a minute.
 */
export function createFailureBrake(
  limits: { readonly ofCaller: Limit; readonly ofPlace: Limit },
  limiter: (part: 'caller' | 'caller-while-braked' | 'place', limit: Limit) => Limiter = (_, limit) =>
    createLimiter(limit),
): FailureBrake {
  const ofCaller = limiter('caller', limits.ofCaller);
  const ofCallerWhileBraked = limiter('caller-while-braked', strict);
  const ofPlace = limiter('place', limits.ofPlace);
  const nameOf = (place: string, caller: string): string => `${place} ${caller}`;
  return {
    waitMs: (place, caller, nowMs) => {
      const name = nameOf(place, caller);
      const isBraked = ofPlace.waitMs(place, nowMs) > 0;
      return Math.max(ofCaller.waitMs(name, nowMs), isBraked ? ofCallerWhileBraked.waitMs(name, nowMs) : 0);
    },
    count: (place, caller, nowMs) => {
      const name = nameOf(place, caller);
      ofCaller.count(name, nowMs);
      if (ofCallerWhileBraked.waitMs(name, nowMs) === 0) ofCallerWhileBraked.count(name, nowMs);
      if (ofPlace.waitMs(place, nowMs) < longestMemoryMs) ofPlace.count(place, nowMs);
      return ofPlace.waitMs(place, nowMs) > 0 ? 'alarm' : 'counted';
    },
    refund: (place, caller) => {
      const name = nameOf(place, caller);
      ofCaller.refund(name);
      ofCallerWhileBraked.refund(name);
      ofPlace.refund(place);
    },
  };
}
