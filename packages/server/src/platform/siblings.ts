import { createLimiter, type Limiter, type LimiterFactory } from './limiter.ts';

/** What can be said between processes: JSON, and little of it. */
export type Word = string | number;

/** The other processes that share a port with this one, as one another's listeners. */
export interface Siblings {
  /** Tells all others; never waits, and never fails. */
  readonly tell: (topic: string, words: readonly Word[]) => void;
  /** Calls back with what another one tells. A topic has one listener. */
  readonly hear: (topic: string, listener: (words: readonly unknown[]) => void) => void;
}

/** A process on its own: nobody hears it, and it hears nobody. */
export const noSiblings: Siblings = { tell: () => undefined, hear: () => undefined };

function shareCounts(limiter: Limiter, topic: string, siblings: Siblings): Limiter {
  siblings.hear(topic, ([verb, key, nowMs]) => {
    if (typeof key !== 'string') return;
    if (verb === 'count' && typeof nowMs === 'number') limiter.count(key, nowMs);
    if (verb === 'refund') limiter.refund(key);
  });
  return {
    waitMs: limiter.waitMs,
    count: (key, nowMs) => {
      limiter.count(key, nowMs);
      siblings.tell(topic, ['count', key, nowMs]);
    },
    refund: (key) => {
      limiter.refund(key);
      siblings.tell(topic, ['refund', key]);
    },
  };
}

/**
 * Makes limiters that all processes of a node count together, each under a name of its own. A count reaches the others
 * within milliseconds; what they let through meanwhile is counted too, so that the rate holds and only a burst may exceed.
 */
export function sharedLimiters(siblings: Siblings): LimiterFactory {
  return (name, limit) => shareCounts(createLimiter(limit), `limit:${name}`, siblings);
}
