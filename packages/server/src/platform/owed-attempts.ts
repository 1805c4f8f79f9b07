import { type FailureRecord, undoAttempt } from '@latchkey/identity';
import { LRUCache } from 'lru-cache';
import type { Logger } from './log.ts';

/** An attempt that was counted, or perhaps was, and is to be taken back. */
export interface OwedAttempt {
  /** What the count would be without it. */
  readonly before: FailureRecord;
  readonly after: FailureRecord;
  /** `perhaps` when the database did not say whether it counted: then it is taken back only while `after` stands. */
  readonly certainty: 'counted' | 'perhaps';
  /** Takes it back where it is stored. */
  readonly release: () => Promise<void>;
}

/** Attempts that could not be taken back yet because the database could not write. Kept in memory, and tried again. */
export interface OwedAttempts {
  /** Notes an attempt of a counter. */
  readonly owe: (counter: string, owed: readonly OwedAttempt[]) => void;
  /** Takes out what is owed to a counter: whoever does so settles it, or owes it again. */
  readonly take: (counter: string) => readonly OwedAttempt[];
  /** Takes everything back that can be. Never rejects; what fails is owed still. */
  readonly flush: () => Promise<void>;
}

// As many accounts as can try to sign in while nothing can be written; the longest forgotten stay counted.
const maximumCounters = 10_000;
const maximumPerCounter = 50;

/** What a count would be without the attempts owed to it. */
export function withoutOwed(stored: FailureRecord, owed: readonly OwedAttempt[]): FailureRecord {
  return owed.reduceRight((record, attempt) => undoAttempt(record, attempt), stored);
}

/** The memory of one process. */
export function createOwedAttempts(log: Logger): OwedAttempts {
  const byCounter = new LRUCache<string, readonly OwedAttempt[]>({ max: maximumCounters });
  const owe: OwedAttempts['owe'] = (counter, owed) => {
    if (owed.length === 0) return;
    byCounter.set(counter, [...(byCounter.get(counter) ?? []), ...owed].slice(-maximumPerCounter));
  };
  const take: OwedAttempts['take'] = (counter) => {
    const owed = byCounter.get(counter) ?? [];
    byCounter.delete(counter);
    return owed;
  };
  const settle = async (counter: string): Promise<boolean> => {
    const owed = [...take(counter)];
    try {
      // The last first, so that each finds the count as it left it.
      for (let last = owed.at(-1); last !== undefined; last = owed.at(-1)) {
        await last.release();
        owed.pop();
      }
      return true;
    } catch (err) {
      owe(counter, owed);
      log.debug({ err }, 'attempts at passwords cannot be given back yet');
      return false;
    }
  };
  return {
    owe,
    take,
    flush: async () => {
      for (const counter of [...byCounter.keys()]) if (!(await settle(counter))) return;
    },
  };
}
