import { addUsage, type Store, type UsageCount } from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** What is counted on its way. */
export type UsageMetric =
  | 'sign-ins'
  | 'sign-in-failures'
  | 'tokens-issued'
  | 'introspections-active'
  | 'introspections-inactive';

/** Counters of one node, kept in memory and told to the database every second there is something to tell. */
export interface Usage {
  /** Counts one; never waits. `objectId` is the application's, where it matters. */
  readonly note: (instanceId: string, metric: UsageMetric, objectId: string) => void;
  /** Tells the database. Never rejects; what could not be told is told the next time. */
  readonly flush: () => Promise<void>;
}

const hourMs = 3_600_000;
// Applications are few; what a flood of others would add is counted together.
const maximumCounters = 2000;

type Counter = UsageCount & { count: number };

function isOf({ hourMs: begin }: Counter, nowMs: number): boolean {
  return nowMs >= begin && nowMs < begin + hourMs;
}

/** Counters over the store. */
export function createUsage(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}): Usage {
  const { store, clock, log } = deps;
  let counters = new Map<string, Counter>();
  // What was counted last is what is counted next, as a rule: its name need not be written again to be found.
  const latest = new Map<UsageMetric, Counter>();
  const counterFor = (instanceId: string, metric: UsageMetric, objectId: string): Counter => {
    const now = clock.now();
    const hour = now - (now % hourMs);
    const full = counters.size >= maximumCounters;
    const name = `${instanceId} ${metric} ${full ? '' : objectId} ${hour}`;
    const known = counters.get(name);
    if (known !== undefined) return known;
    const made = {
      instanceId,
      hourMs: hour,
      metric,
      objectId: full ? '' : objectId,
      count: 0,
      firstAtMs: now,
    };
    counters.set(name, made);
    return made;
  };
  const restore = (written: ReadonlyMap<string, Counter>): void => {
    for (const [name, counter] of written) {
      const present = counters.get(name);
      counters.set(
        name,
        present === undefined ? counter : { ...counter, count: counter.count + present.count },
      );
    }
  };
  return {
    note: (instanceId, metric, objectId) => {
      const known = latest.get(metric);
      if (known?.objectId === objectId && known.instanceId === instanceId && isOf(known, clock.now())) {
        known.count += 1;
        return;
      }
      const counter = counterFor(instanceId, metric, objectId);
      counter.count += 1;
      latest.set(metric, counter);
    },
    flush: async () => {
      if (counters.size === 0) return;
      const written = counters;
      counters = new Map();
      latest.clear();
      try {
        await addUsage(store.db, [...written.values()]);
      } catch (err) {
        restore(written);
        log.warn({ err }, 'counters of use could not be written; they are tried again');
      }
    },
  };
}
