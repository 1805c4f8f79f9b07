import { type EpochMs, epochMs } from '@latchkey/protocol';
import type { Clock } from '@latchkey/server';

/** A clock that runs like the machine's and can be moved and paused. */
export interface FakeClock extends Clock {
  /** Moves the clock on by so many milliseconds, and with it the monotonic one; back when negative, that one staying. */
  readonly advance: (byMs: number) => void;
  /** Sets the time of day forward, or back when negative, as an operator sets a wrong clock: the monotonic one runs on. */
  readonly set: (byMs: number) => void;
  /** Lets the clock stand still; `advance` moves it all the same. */
  readonly pause: () => void;
  /** Lets a paused clock run on from where it stands. */
  readonly resume: () => void;
  /** How far the clock is ahead of the machine's, in milliseconds. */
  readonly offsetMs: () => number;
}

/**
 * A clock for a test server. It goes on between moves unless paused, because two things that happen one after the other
 * should not have the same time: a revocation ends what was issued at or before it.
 */
export function createFakeClock(): FakeClock {
  let offsetMs = 0;
  const startedAtMs = Date.now();
  let monotonicOffsetMs = 0;
  let pausedAtMs: number | undefined;
  const nowMs = (): number => (pausedAtMs ?? Date.now()) + offsetMs;
  return {
    now: (): EpochMs => epochMs(nowMs()),
    monotonicMs: () => (pausedAtMs ?? Date.now()) - startedAtMs + monotonicOffsetMs,
    advance: (byMs) => {
      offsetMs += byMs;
      monotonicOffsetMs += Math.max(0, byMs);
    },
    set: (byMs) => {
      offsetMs += byMs;
    },
    pause: () => {
      pausedAtMs ??= Date.now();
    },
    resume: () => {
      if (pausedAtMs === undefined) return;
      offsetMs -= Date.now() - pausedAtMs;
      monotonicOffsetMs -= Date.now() - pausedAtMs;
      pausedAtMs = undefined;
    },
    offsetMs: () => nowMs() - Date.now(),
  };
}
