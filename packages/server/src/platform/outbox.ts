import { retryDelayMs } from '@latchkey/identity';
import {
  abandonOutboxMessage,
  type ClaimedMessage,
  claimOutbox,
  deleteOutboxMessage,
  type OutboxKind,
  postponeOutboxMessage,
} from '@latchkey/store';
import type { DeliveryOutcome } from './call-application.ts';
import type { Deps } from './deps.ts';
import type { InstanceContext } from './instances.ts';

/** Delivers one message; `messageId` is the same at every try. An error it throws counts as `failed`. */
export type Delivery = (
  deps: Deps,
  instance: InstanceContext,
  payload: unknown,
  messageId: string,
) => Promise<DeliveryOutcome>;

/** Who delivers what. Messages of a kind nobody delivers stay where they are. */
export type Deliveries = Readonly<Partial<Record<OutboxKind, Delivery>>>;

/** The delivery worker of one node. */
export interface Outbox {
  /** Tries everything that is due now, and resolves once each has been tried. Rejects when the database is away. */
  readonly deliverDue: () => Promise<void>;
  /** Takes nothing more and waits for what is on its way, at most so long. */
  readonly stop: (graceMs: number) => Promise<void>;
}

const pollMs = 1000;
const maximumInFlight = 16;
// Longer than any delivery takes: a message comes back by then if this process dies with it.
const claimMs = 30_000;

function isKind(text: string, deliveries: Deliveries): text is OutboxKind {
  return Object.hasOwn(deliveries, text);
}

async function attempt(
  deps: Deps,
  deliveries: Deliveries,
  message: ClaimedMessage,
): Promise<DeliveryOutcome> {
  const instance = deps.instances.all().find(({ id }) => id === message.instanceId);
  const deliver = deliveries[message.kind];
  if (instance === undefined || deliver === undefined)
    return { kind: 'failed', reason: 'the instance is not served here' };
  try {
    return await deliver(deps, instance, message.payload, String(message.id));
  } catch (err) {
    deps.log.warn({ err, kind: message.kind, message: message.id }, 'a message could not be delivered');
    return { kind: 'failed', reason: 'the delivery failed on our side' };
  }
}

/** What is left of a delivery that failed. */
type Failure = Exclude<DeliveryOutcome, { readonly kind: 'delivered' }>;

async function abandon(deps: Deps, message: ClaimedMessage, { reason, call }: Failure): Promise<void> {
  const { kind, attempts, instanceId } = message;
  deps.log.warn(
    { kind, message: message.id, instance: instanceId, attempts, reason },
    'a message was given up; its receiver will not hear of it',
  );
  const context = {
    scope: { instanceId },
    actor: { kind: 'system', id: 'outbox' } as const,
    nowMs: deps.clock.now(),
  };
  await deps.store.change(context, (change) => abandonOutboxMessage(change, message, { reason, call }));
}

async function settle(deps: Deps, message: ClaimedMessage, outcome: DeliveryOutcome): Promise<void> {
  deps.metrics.countDelivery(message.kind, outcome.kind);
  switch (outcome.kind) {
    case 'delivered':
      return await deleteOutboxMessage(deps.store.db, message, deps.clock.now());
    case 'refused':
      return await abandon(deps, message, outcome);
    case 'failed': {
      const now = deps.clock.now();
      const delayMs = retryDelayMs(message.attempts, now - message.createdAtMs);
      if (delayMs === undefined) return await abandon(deps, message, outcome);
      deps.log.info(
        {
          kind: message.kind,
          message: message.id,
          attempts: message.attempts,
          reason: outcome.reason,
          delayMs,
        },
        'a message was not taken; it is tried again',
      );
      const next = { nowMs: now, nextAttemptAtMs: now + delayMs, call: outcome.call };
      await postponeOutboxMessage(deps.store.db, message, next);
    }
  }
}

/**
 * Starts to deliver what the outbox holds: when this process has written something, and once a second for what others
 * left behind. No order is promised; a message may come twice when a process dies between delivering and noting it.
 */
export function startOutbox(deps: Deps, deliveries: Deliveries): Outbox {
  const { store, clock, log } = deps;
  const kinds = Object.keys(deliveries).filter((kind) => isKind(kind, deliveries));
  const inFlight = new Set<Promise<void>>();
  const state = { stopped: false, failing: false };
  let claiming: Promise<number> = Promise.resolve(0);

  const deliver = async (message: ClaimedMessage): Promise<void> => {
    try {
      await settle(deps, message, await attempt(deps, deliveries, message));
    } catch (err) {
      log.warn(
        { err, message: message.id },
        'a delivery could not be noted; it is made again in half a minute',
      );
    }
  };
  const take = async (): Promise<number> => {
    const limit = maximumInFlight - inFlight.size;
    if (limit <= 0 || state.stopped) return 0;
    const nowMs = clock.now();
    const messages = await claimOutbox(store.db, { kinds, nowMs, untilMs: nowMs + claimMs, limit });
    for (const message of messages) {
      const run: Promise<void> = deliver(message).finally(() => {
        inFlight.delete(run);
        if (limit === messages.length) wake();
      });
      inFlight.add(run);
    }
    return messages.length;
  };
  const claim = (): Promise<number> => {
    claiming = claiming.catch(() => 0).then(take);
    return claiming;
  };
  const wake = (): void => {
    claim().then(
      () => {
        state.failing = false;
      },
      (err: unknown) => {
        if (!state.failing && !state.stopped)
          log.warn({ err }, 'the outbox cannot be read; it is tried again');
        state.failing = true;
      },
    );
  };
  const forget = store.onCommitted(({ hasMessages }) => {
    if (hasMessages) wake();
  });
  const poll = setInterval(wake, pollMs);
  poll.unref();
  return {
    deliverDue: async () => {
      while ((await claim()) > 0 || inFlight.size > 0) await Promise.all(inFlight);
    },
    stop: async (graceMs) => {
      state.stopped = true;
      clearInterval(poll);
      forget();
      await claiming.catch(() => 0);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(inFlight), late]);
      clearTimeout(timer);
    },
  };
}
