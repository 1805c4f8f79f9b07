import { LRUCache } from 'lru-cache';

/** How often something may happen per key. */
export interface Limit {
  readonly perMinute: number;
  /** How many may come at once before the rate counts. */
  readonly burst: number;
}

/**
 * Counts events per key in memory (generic cell rate algorithm). Times are those of one monotonic clock, in milliseconds:
 * a clock of the day that is set back would keep everybody out for as long as it was ahead.
 */
export interface Limiter {
  /** Milliseconds to wait before the key may go on; 0 when it may now. Counts nothing. */
  readonly waitMs: (key: string, nowMs: number) => number;
  /** Counts one event. */
  readonly count: (key: string, nowMs: number) => void;
  /** Takes one counted event back. */
  readonly refund: (key: string) => void;
}

/** Makes a limiter; the name tells it from the others of a process. */
export type LimiterFactory = (name: string, limit: Limit) => Limiter;

/** A limiter that lets something happen only when every one of several does. */
export function allOf(limiters: readonly Limiter[]): Limiter {
  return {
    waitMs: (key, nowMs) => Math.max(0, ...limiters.map((limiter) => limiter.waitMs(key, nowMs))),
    count: (key, nowMs) => {
      for (const limiter of limiters) limiter.count(key, nowMs);
    },
    refund: (key) => {
      for (const limiter of limiters) limiter.refund(key);
    },
  };
}

/** A limiter that remembers at most 50,000 keys, the least recently used ones being forgotten first. */
export function createLimiter(limit: Limit): Limiter {
  const intervalMs = 60_000 / limit.perMinute;
  const toleranceMs = intervalMs * (limit.burst - 1);
  const arrivals = new LRUCache<string, number>({ max: 50_000 });
  return {
    waitMs: (key, nowMs) => Math.max(0, (arrivals.get(key) ?? 0) - toleranceMs - nowMs),
    count: (key, nowMs) => void arrivals.set(key, Math.max(arrivals.get(key) ?? 0, nowMs) + intervalMs),
    refund: (key) => {
      const at = arrivals.get(key);
      if (at !== undefined) arrivals.set(key, at - intervalMs);
    },
  };
}
