import { type EpochMs, epochMs } from '@latchkey/protocol';

/** Where the server takes the time from, so that tests can move it. */
export interface Clock {
  /** The time of day: for what is stored, issued or told to others. It may be set while the server runs. */
  readonly now: () => EpochMs;
  /**
   * Milliseconds since some moment, of a clock that only runs forward: for limits, pauses and ages that this process alone
   * measures, or the processes of one machine together: they all read the same. Never stored, and never compared with `now`.
   */
  readonly monotonicMs: () => number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
};
