import { type Alarm, raiseAlarm, type Scope, type Store } from '@latchkey/store';
import { LRUCache } from 'lru-cache';
import type { Clock } from './clock.ts';
import { createFailureBrake, type FailureBrake } from './failure-brake.ts';
import type { Limit, Limiter, LimiterFactory } from './limiter.ts';
import type { Logger } from './log.ts';

/** Limits on guesses that many callers share, each on one node. */
export interface BrakeLimits {
  /** Failed client authentication by one caller at one client. */
  readonly clientAndCaller: Limit;
  /** Failed client authentication at one client by all callers together. */
  readonly client: Limit;
  /** Wrong user codes at one instance by all callers together. */
  readonly userCodes: Limit;
  /** Texts that are no token of ours, introspected by one client. */
  readonly unreadableTokens: Limit;
}

/** What a server has unless it is told otherwise. */
export const defaultBrakeLimits: BrakeLimits = {
  clientAndCaller: { perMinute: 10, burst: 10 },
  client: { perMinute: 100, burst: 100 },
  userCodes: { perMinute: 60, burst: 60 },
  unreadableTokens: { perMinute: 300, burst: 300 },
};

/** Brakes on guesses that come from many callers, and the alarms they raise. */
export interface Brakes {
  /** Failed authentication, by client. */
  readonly clients: FailureBrake;
  /** Wrong user codes, by instance. */
  readonly userCodes: FailureBrake;
  /** Introspections of what is no token, by client. */
  readonly unreadableTokens: Limiter;
  /** Raises an alarm; never waits, and never fails the request that tipped the scale. */
  readonly alarm: (
    context: { readonly instance: { readonly id: string; readonly scope: Scope }; readonly ip: string },
    about: Omit<Alarm, 'ip' | 'limitPerMinute'>,
  ) => void;
}

/** Brakes over limits; each caller's allowance of user codes is that of `userCodesOfCaller`. */
export function createBrakes(
  deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger },
  limits: BrakeLimits,
  userCodesOfCaller: Limit,
  limiter: LimiterFactory,
): Brakes {
  const { store, clock, log } = deps;
  // An alarm that was raised is not written again and again: the database decides, but need not be asked each time.
  const raised = new LRUCache<string, true>({ max: 1000, ttl: 60_000 });
  const limitOf: Readonly<Record<Alarm['kind'], Limit>> = {
    'client-authentication-failures': limits.client,
    'user-code-guesses': limits.userCodes,
    'unreadable-tokens': limits.unreadableTokens,
  };
  const brake = (name: string, ofCaller: Limit, ofPlace: Limit): FailureBrake =>
    createFailureBrake({ ofCaller, ofPlace }, (part, limit) => limiter(`${name}:${part}`, limit));
  return {
    clients: brake('client-failures', limits.clientAndCaller, limits.client),
    userCodes: brake('user-codes', userCodesOfCaller, limits.userCodes),
    unreadableTokens: limiter('unreadable-tokens', limits.unreadableTokens),
    alarm: ({ instance, ip }, about) => {
      const name = `${instance.id} ${about.kind} ${about.objectId}`;
      if (raised.has(name)) return;
      raised.set(name, true);
      const alarm = { ...about, ip, limitPerMinute: limitOf[about.kind].perMinute };
      log.warn({ alarm: about.kind, objectKind: about.objectKind, objectId: about.objectId }, 'alarm raised');
      raiseAlarm(store.db, instance.scope, alarm, clock.now()).catch((err: unknown) => {
        raised.delete(name);
        log.warn({ err }, 'an alarm could not be written to the event log');
      });
    },
  };
}
