import { epochMs } from '@latchkey/protocol';
import { readDatabaseTime, type Store } from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** The database's time as this process knows it. */
export interface DatabaseClock extends Clock {
  /** How far the machine's clock is ahead of the database's, in milliseconds; negative when it is behind. */
  readonly aheadMs: () => number;
  /** Looks at the database's time once more. Never rejects. */
  readonly look: () => Promise<void>;
  readonly stop: () => void;
}

const lookEveryMs = 2000;
const firstLooks = 5;
// Long enough for a few quick answers among slow ones, short enough that clocks do not drift apart meanwhile.
const keptMs = 20_000;
const tellAtMs = 1000;
const longestSlewMs = 60_000;

/**
 * Makes a time that may jump back run on: a small step back (`longestSlewMs` at most) is caught up with at half speed, so that
 * what happens later still has a later time; after a larger one the time is what it is.
 */
export function steadied(read: () => number, monotonicMs: () => number): () => number {
  let told = Number.NEGATIVE_INFINITY;
  let toldAt = 0;
  return () => {
    const [time, at] = [read(), monotonicMs()];
    const slewed = told + (at - toldAt) / 2;
    told = time < slewed && slewed - time <= longestSlewMs ? slewed : time;
    toldAt = at;
    return told;
  };
}

interface Sample {
  /** The database's time less the monotonic one when its answer was here: never more than the true difference. */
  readonly atLeastMs: number;
  readonly atMs: number;
}

/** Estimates the difference between the database's time and the monotonic one, always from below. */
export function createOffsetEstimate() {
  let samples: readonly Sample[] = [];
  let bestMs = 0;
  return {
    /** Takes an answer: what the database said, and when it was asked and heard by the monotonic clock. */
    note: (databaseMs: number, askedMs: number, heardMs: number): void => {
      // The database cannot be further ahead than when it was asked: if it seemed so, its clock has been set back.
      const atMostMs = databaseMs - askedMs;
      const atLeastMs = databaseMs - heardMs;
      samples = [
        ...samples.filter((sample) => sample.atLeastMs <= atMostMs + 1 && sample.atMs > heardMs - keptMs),
        { atLeastMs, atMs: heardMs },
      ];
      // The quickest answer is the closest one.
      bestMs = Math.max(...samples.map((sample) => sample.atLeastMs));
    },
    ms: (): number => bestMs,
  };
}

/**
 * A clock that tells the database's time, whatever this machine's clock says or is set to: between two looks it runs by the
 * monotonic clock. It is behind the database by a network's latency at most and never ahead, so that what is issued before a
 * revocation, by the database's time, is never dated after it. Rejects when the database cannot be asked at first.
 */
export async function followDatabaseClock(parts: {
  readonly store: Pick<Store, 'db'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<DatabaseClock> {
  const { store, clock, log } = parts;
  const { monotonicMs } = clock;
  const offset = createOffsetEstimate();
  const state = { told: false, looking: false };
  const databaseMs = (): number => monotonicMs() + offset.ms();
  const aheadMs = (): number => clock.now() - databaseMs();
  const ask = async (): Promise<void> => {
    const askedMs = monotonicMs();
    const answer = await readDatabaseTime(store.db);
    offset.note(answer, askedMs, monotonicMs());
    const isOff = Math.abs(aheadMs()) > tellAtMs;
    if (isOff === state.told) return;
    state.told = isOff;
    const details = { aheadSeconds: Math.round(aheadMs()) / 1000 };
    if (isOff)
      log.warn(
        details,
        "this machine's clock is not the database's; the database's time is used. Check time synchronization (NTP)",
      );
    else log.info(details, "this machine's clock agrees with the database's again");
  };
  const look = async (): Promise<void> => {
    if (state.looking) return;
    state.looking = true;
    // While the database is away the time runs on, and other parts of the server say so.
    await ask().catch((err: unknown) => log.debug({ err }, "the database's time could not be read"));
    state.looking = false;
  };
  for (let times = 0; times < firstLooks; times += 1) await ask();
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  const now = steadied(databaseMs, monotonicMs);
  return {
    now: () => epochMs(Math.floor(now())),
    monotonicMs,
    aheadMs,
    look,
    stop: () => clearInterval(timer),
  };
}

/** A clock whose small steps back are smoothed, for a database on the same machine, which has no better one. */
export function steadyClock(clock: Clock): Clock {
  const now = steadied(clock.now, clock.monotonicMs);
  return { now: () => epochMs(Math.floor(now())), monotonicMs: clock.monotonicMs };
}
