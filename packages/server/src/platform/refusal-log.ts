import { insertRefusalReports, type RefusalReport, type Store } from '@latchkey/store';
import { callerKeyOf } from './caller-address.ts';
import type { Clock } from './clock.ts';
import { createLimiter, type LimiterFactory } from './limiter.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What was refused, to whom, and why. */
export type Refusal = Omit<RefusalReport, 'count' | 'atMs'>;

/** Reasons of refusals on their way to the event log, kept in memory until the next flush. */
export interface RefusalLog {
  /** Notes what a caller who has proved who it is was refused; never waits. */
  readonly note: (refusal: Refusal) => void;
  /** Notes what anybody at all was refused. Few of these are written, so that no stranger fills the log. */
  readonly noteUnproven: (refusal: Refusal & { readonly ip: string }) => void;
  /** Writes what has been noted, in one statement. Never rejects: these reports are worth less than the service. */
  readonly flush: () => Promise<void>;
}

interface Noted extends Refusal {
  count: number;
  readonly atMs: number;
}

// Equal reports within a second become one with a count; more different ones than this are counted, not kept.
const maximumReports = 200;
// Reports of strangers wait here until they may be written, and equal ones become one meanwhile.
const maximumUnproven = 50;
const unprovenLimits = {
  ofAddress: { perMinute: 10, burst: 20 },
  ofInstance: { perMinute: 30, burst: 60 },
} as const;

function nameOf({ type, scope, clientId, tokenId, sessionId, reason, ip }: Refusal): string {
  return [type, scope.instanceId, clientId, tokenId, sessionId, ip, reason].join(' ');
}

/** A log of refusals over the event log. */
export function createRefusalLog(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'countRefusedToken' | 'countUnloggedRefusal'>;
  readonly limiter?: LimiterFactory;
}): RefusalLog {
  const { store, clock, log, metrics, limiter = (_, limit) => createLimiter(limit) } = deps;
  let reports = new Map<string, Noted>();
  const unproven = new Map<string, Noted & { readonly ip: string }>();
  const ofAddress = limiter('unproven-refusals:address', unprovenLimits.ofAddress);
  const ofInstance = limiter('unproven-refusals:instance', unprovenLimits.ofInstance);

  function keep<T extends Refusal>(
    kept: Map<string, T & { count: number; readonly atMs: number }>,
    maximum: number,
    refusal: T,
  ): void {
    const name = nameOf(refusal);
    const known = kept.get(name);
    if (known !== undefined) known.count += 1;
    else if (kept.size >= maximum) metrics.countUnloggedRefusal();
    else kept.set(name, { ...refusal, count: 1, atMs: clock.now() });
  }

  /** Takes out what strangers may write now. */
  function takeUnproven(): readonly Noted[] {
    const nowMs = clock.monotonicMs();
    const taken: Noted[] = [];
    for (const [name, report] of unproven) {
      const { ip, scope } = report;
      const caller = callerKeyOf(ip);
      if (ofAddress.waitMs(caller, nowMs) > 0 || ofInstance.waitMs(scope.instanceId, nowMs) > 0) continue;
      ofAddress.count(caller, nowMs);
      ofInstance.count(scope.instanceId, nowMs);
      unproven.delete(name);
      taken.push(report);
    }
    return taken;
  }

  return {
    note: (refusal) => {
      if (refusal.type === 'introspection.refused') metrics.countRefusedToken(refusal.reason);
      keep(reports, maximumReports, refusal);
    },
    noteUnproven: (refusal) => keep(unproven, maximumUnproven, refusal),
    flush: async () => {
      if (reports.size === 0 && unproven.size === 0) return;
      const written = [...reports.values(), ...takeUnproven()];
      reports = new Map();
      if (written.length === 0) return;
      try {
        await insertRefusalReports(store.db, written);
      } catch (err) {
        log.warn(
          { err, reports: written.length },
          'reasons of what was refused could not be written to the event log',
        );
      }
    },
  };
}
