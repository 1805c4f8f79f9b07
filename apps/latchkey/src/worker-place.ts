import type { Worker } from 'node:cluster';
import type { ProcessMetrics } from '@latchkey/server';
import type { Endings } from './restart-delay.ts';
import type { FromPrimary } from './worker-messages.ts';

/** A numbered place for a worker; the worker in it changes when one ends. */
export interface Place {
  readonly number: number;
  state: 'starting' | 'prepared' | 'listening' | 'empty';
  worker: Worker | undefined;
  startedAtMs: number;
  endings: Endings;
  restart: NodeJS.Timeout | undefined;
  /** What the worker reported last, which is all that is known once it has ended. */
  metrics: ProcessMetrics | undefined;
  /** Whether its channel is full, because it does not read. */
  isBehind: boolean;
}

/** A place without a worker. */
export function createPlace(number: number): Place {
  return {
    number,
    state: 'empty',
    worker: undefined,
    startedAtMs: 0,
    endings: { inARow: 0 },
    restart: undefined,
    metrics: undefined,
    isBehind: false,
  };
}

/** Sends a message to the worker of a place. One that does not read is told no counts, so that they do not pile up here. */
export function say(place: Place, message: FromPrimary): void {
  const { worker } = place;
  if (worker?.isConnected() !== true || (message.kind === 'tell' && place.isBehind)) return;
  const hasRoom = worker.send(message, () => {
    if (place.worker === worker) place.isBehind = false;
  });
  if (!hasRoom) place.isBehind = true;
}

/** The places whose workers take connections. */
export function listeningOf(places: readonly Place[]): readonly Place[] {
  return places.filter(({ state }) => state === 'listening');
}
