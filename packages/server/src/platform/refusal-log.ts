import { insertRefusalReports, type RefusalReport, type Store } from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What an API was told nothing about, and why. */
export type Refusal = Omit<RefusalReport, 'count' | 'atMs'>;

/** Reasons of negative answers on their way to the event log, kept in memory until the next flush. */
export interface RefusalLog {
  /** Notes one; never waits. */
  readonly note: (refusal: Refusal) => void;
  /** Writes what has been noted, in one statement. Never rejects: these reports are worth less than the service. */
  readonly flush: () => Promise<void>;
}

// Equal reports within a second become one with a count; more different ones than this are counted, not kept.
const maximumReports = 200;

/** A log of refusals over the event log. */
export function createRefusalLog(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'countRefusedToken' | 'countUnloggedRefusal'>;
}): RefusalLog {
  const { store, clock, log, metrics } = deps;
  let reports = new Map<string, Refusal & { count: number; readonly atMs: number }>();
  return {
    note: (refusal) => {
      const { scope, clientId, tokenId, sessionId, reason, type } = refusal;
      if (type !== 'sign-in.refused') metrics.countRefusedToken(reason);
      const name = [scope.instanceId, clientId, tokenId, sessionId, reason].join(' ');
      const known = reports.get(name);
      if (known !== undefined) known.count += 1;
      else if (reports.size >= maximumReports) metrics.countUnloggedRefusal();
      else reports.set(name, { ...refusal, count: 1, atMs: clock.now() });
    },
    flush: async () => {
      if (reports.size === 0) return;
      const written = reports;
      reports = new Map();
      try {
        await insertRefusalReports(store.db, [...written.values()]);
      } catch (err) {
        log.warn(
          { err, reports: written.size },
          'reasons of refused tokens could not be written to the event log',
        );
      }
    },
  };
}
