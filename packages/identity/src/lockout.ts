/** Failed password attempts of one account so far. Times are epoch milliseconds. */
export interface FailureRecord {
  readonly count: number;
  readonly lastAtMs: number;
}

/** Whether another attempt may be made now. */
export type LockoutVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'wait'; readonly untilMs: number };

/** Limits on password attempts; the defaults are `defaultLockoutPolicy`. */
export interface LockoutPolicy {
  /** Attempts that cost nothing but the hash. */
  readonly freeAttempts: number;
  /** Attempts after which the account rests. */
  readonly softLockAttempts: number;
  readonly softLockMs: number;
  readonly longestDelayMs: number;
}

/** Five free attempts, then delays of 1, 2, 4 … 60 seconds, and 15 minutes of rest from the tenth failure on. */
export const defaultLockoutPolicy: LockoutPolicy = {
  freeAttempts: 5,
  softLockAttempts: 10,
  softLockMs: 15 * 60_000,
  longestDelayMs: 60_000,
};

/** How long after the last failure the next attempt must wait, in milliseconds. */
export function delayAfter(count: number, policy: LockoutPolicy): number {
  if (count >= policy.softLockAttempts) return policy.softLockMs;
  if (count < policy.freeAttempts) return 0;
  return Math.min(1000 * 2 ** (count - policy.freeAttempts), policy.longestDelayMs);
}

/**
 * How long after the last failure all are forgotten, longer than any rest. It holds for names nobody has as well, whose
 * counts are not kept for ever: otherwise an old count would tell them apart.
 */
export const attemptsForgottenAfterMs = 48 * 3_600_000;

// Clocks of nodes may differ by so much. A time further ahead comes of a clock that was wrong.
const clockToleranceMs = 60_000;

function remembered(record: FailureRecord, nowMs: number): FailureRecord {
  return nowMs - record.lastAtMs > attemptsForgottenAfterMs ? { count: 0, lastAtMs: 0 } : record;
}

/** The failures so far with one more attempt, counted before its outcome is known. */
export function countAttempt(record: FailureRecord, nowMs: number): FailureRecord {
  return { count: remembered(record, nowMs).count + 1, lastAtMs: nowMs };
}

/**
 * The failures without an attempt that was none. While the count still stands as the attempt left it, all is as before;
 * later ones stay counted. An attempt that only `perhaps` was counted is taken out in the first case alone.
 */
export function undoAttempt(
  record: FailureRecord,
  attempt: {
    readonly before: FailureRecord;
    readonly after: FailureRecord;
    readonly certainty: 'counted' | 'perhaps';
  },
): FailureRecord {
  const { before, after, certainty } = attempt;
  if (record.count === after.count && record.lastAtMs === after.lastAtMs) return before;
  return certainty === 'perhaps' ? record : { ...record, count: Math.max(0, record.count - 1) };
}

/**
 * Decides from the failures so far whether an attempt may be made at `nowMs`. A last failure in the future was noted by a
 * clock that was ahead: it would keep the account shut for as long as that clock was, so one attempt is allowed, which is
 * counted on top of the others and noted with the right time. Source: NIST SP 800-63B-4 §3.2.2.
 */
export function judgeAttempt(record: FailureRecord, nowMs: number, policy: LockoutPolicy): LockoutVerdict {
  const { count, lastAtMs } = remembered(record, nowMs);
  if (lastAtMs > nowMs + clockToleranceMs) return { kind: 'allowed' };
  const untilMs = lastAtMs + delayAfter(count, policy);
  return untilMs > nowMs ? { kind: 'wait', untilMs } : { kind: 'allowed' };
}
