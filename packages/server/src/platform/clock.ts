import { type EpochMs, epochMs } from '@latchkey/protocol';

/** Where the server takes the time from, so that tests can move it. */
export interface Clock {
  readonly now: () => EpochMs;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => epochMs(Date.now()) };
