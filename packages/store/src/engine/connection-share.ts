import type { ConnectionPool, Lease } from './connection-pool.ts';
import { unavailable } from './database-faults.ts';

/** How long requests of the share may wait for a connection, by what was measured. */
export const maximumShareWaitMs = 1000;

/** How much of a pool a share may hold. */
export interface ConnectionShareOptions {
  /** Connections at once, the rest of the pool staying free for others. */
  readonly size: number;
  /** Who would wait longer than this, by the times measured so far, is refused at once. */
  readonly maximumWaitMs: number;
  readonly acquireTimeoutMs: number;
}

interface ShareWaiter {
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout;
}

interface ShareState {
  readonly waiting: Set<ShareWaiter>;
  held: number;
  averageMs: number;
}

// A statement or two; measured times take its place.
const expectedMs = 5;
const weightOfLatest = 0.05;
const maximumWaiting = 1000;

/** A place of the share became free: the next waiter has it, or nobody. */
function passOn(state: ShareState): void {
  const [next] = state.waiting;
  if (next === undefined) {
    state.held -= 1;
    return;
  }
  state.waiting.delete(next);
  clearTimeout(next.timer);
  next.resolve();
}

function waitForPlace(state: ShareState, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const expire = (): void => {
      if (state.waiting.delete(waiter)) reject(unavailable('acquire-timeout'));
    };
    // As in the pool: answers that have arrived come before the time-out.
    const timer = setTimeout(() => setImmediate(expire), timeoutMs);
    const waiter: ShareWaiter = { resolve, timer };
    state.waiting.add(waiter);
  });
}

function sharedLease(state: ShareState, lease: Lease): Lease {
  const lentAtMs = performance.now();
  let isReleased = false;
  return {
    ...lease,
    release: () => {
      if (isReleased) return;
      isReleased = true;
      lease.release();
      state.averageMs += (Math.max(0.1, performance.now() - lentAtMs) - state.averageMs) * weightOfLatest;
      passOn(state);
    },
  };
}

/**
 * A share of a pool: its users hold at most so many connections at once and wait among themselves, so that however many
 * they are, users of the pool itself find connections free and wait behind a few of them at most.
 */
export function createConnectionShare(
  pool: ConnectionPool,
  { size, maximumWaitMs, acquireTimeoutMs }: ConnectionShareOptions,
): ConnectionPool & { readonly places: () => number } {
  const state: ShareState = { waiting: new Set(), held: 0, averageMs: expectedMs };
  // However slow the database, some may wait: one bad moment must not close the share.
  const mayWait = (): number =>
    Math.min(maximumWaiting, Math.max(size, (maximumWaitMs / state.averageMs) * size));
  return {
    ...pool,
    places: () => size + Math.floor(mayWait()),
    acquire: async (timeoutMs = acquireTimeoutMs) => {
      if (state.held < size) state.held += 1;
      else if (state.waiting.size >= mayWait()) throw unavailable('share-full');
      else await waitForPlace(state, timeoutMs);
      try {
        return sharedLease(state, await pool.acquire(timeoutMs));
      } catch (error) {
        passOn(state);
        throw error;
      }
    },
  };
}
