import type { Client } from 'pg';
import { unavailable } from './database-faults.ts';
import type { DatabaseLink } from './database-link.ts';
import type { DatabaseUnavailable } from './engine.ts';

/** A connection on loan. After `markBroken` it is destroyed on release instead of going back. */
export interface Lease {
  readonly client: Client;
  readonly link: DatabaseLink;
  isBroken(): boolean;
  markBroken(): void;
  release(): void;
}

/** A bounded set of connections with a bounded queue of waiters. */
export interface ConnectionPool {
  /** Resolves to a free connection within `timeoutMs` (the pool's default otherwise), in order of arrival. */
  acquire(timeoutMs?: number): Promise<Lease>;
  /** Connections opened before this call are closed once they are free, and new ones opened in their place. */
  renew(): void;
  /** Rejects the waiters, waits at most `graceMs` for leases to come back, then closes every connection. */
  close(graceMs: number): Promise<void>;
}

export interface ConnectionPoolOptions {
  readonly size: number;
  readonly maxWaiting: number;
  readonly acquireTimeoutMs: number;
  /** A connection unused for this long is closed; 0 keeps it. */
  readonly idleTimeoutMs: number;
  /** Opens one connection; its client already has an `error` listener. */
  readonly open: () => Promise<DatabaseLink>;
}

interface Entry {
  readonly client: Client;
  readonly link: DatabaseLink;
  readonly generation: number;
  broken: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

interface Waiter {
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

interface PoolState {
  readonly options: ConnectionPoolOptions;
  readonly entries: Set<Entry>;
  readonly idle: Entry[];
  readonly waiting: Set<Waiter>;
  opening: number;
  generation: number;
  closed: boolean;
  whenEmpty: (() => void) | undefined;
}

function discard(state: PoolState, entry: Entry): void {
  entry.broken = true;
  clearTimeout(entry.idleTimer);
  const index = state.idle.indexOf(entry);
  if (index >= 0) state.idle.splice(index, 1);
  // The connection is being thrown away, so how its goodbye ends is of no interest.
  if (state.entries.delete(entry)) entry.client.end().catch(() => undefined);
  if (state.entries.size === 0 && state.opening === 0) state.whenEmpty?.();
}

function isUsable(state: PoolState, entry: Entry): boolean {
  return !entry.broken && entry.generation === state.generation && !state.closed;
}

function takeIdle(state: PoolState): Entry | undefined {
  for (let entry = state.idle.pop(); entry !== undefined; entry = state.idle.pop()) {
    clearTimeout(entry.idleTimer);
    if (isUsable(state, entry)) return entry;
    discard(state, entry);
  }
  return undefined;
}

function nextWaiter(state: PoolState): Waiter | undefined {
  for (const waiter of state.waiting) {
    state.waiting.delete(waiter);
    clearTimeout(waiter.timer);
    return waiter;
  }
  return undefined;
}

function lend(state: PoolState, entry: Entry): Lease {
  let released = false;
  return {
    client: entry.client,
    link: entry.link,
    isBroken: () => entry.broken,
    markBroken: () => {
      entry.broken = true;
    },
    release: () => {
      if (released) return;
      released = true;
      // A connection inside a transaction would give the next user somebody else's half-done work.
      if (entry.client.getTransactionStatus() !== 'I') entry.broken = true;
      offer(state, entry);
    },
  };
}

function offer(state: PoolState, entry: Entry): void {
  if (!isUsable(state, entry)) {
    discard(state, entry);
    openForWaiters(state);
    return;
  }
  const waiter = nextWaiter(state);
  if (waiter !== undefined) {
    waiter.resolve(lend(state, entry));
    return;
  }
  if (state.options.idleTimeoutMs > 0) {
    entry.idleTimer = setTimeout(() => discard(state, entry), state.options.idleTimeoutMs);
    entry.idleTimer.unref();
  }
  state.idle.push(entry);
}

function openForWaiters(state: PoolState): void {
  while (
    !state.closed &&
    state.opening < state.waiting.size &&
    state.entries.size + state.opening < state.options.size
  ) {
    void openOne(state);
  }
}

async function openOne(state: PoolState): Promise<void> {
  state.opening += 1;
  // A renewal while the connection is being opened makes it an old one.
  const generation = state.generation;
  try {
    const link = await state.options.open();
    const { client } = link;
    const entry: Entry = { client, link, generation, broken: false, idleTimer: undefined };
    state.opening -= 1;
    state.entries.add(entry);
    const lost = () => {
      entry.broken = true;
      if (state.idle.includes(entry)) discard(state, entry);
    };
    client.on('error', lost);
    client.on('end', lost);
    offer(state, entry);
  } catch (error) {
    state.opening -= 1;
    // While other connections live, the waiters may still get one of them; otherwise there is nothing to wait for.
    if (state.entries.size === 0 && state.opening === 0) rejectWaiters(state, error);
    if (state.entries.size === 0 && state.opening === 0) state.whenEmpty?.();
  }
}

function rejectWaiters(state: PoolState, error: unknown): void {
  for (let waiter = nextWaiter(state); waiter !== undefined; waiter = nextWaiter(state)) waiter.reject(error);
}

function wait(state: PoolState, timeoutMs: number): Promise<Lease> {
  return new Promise((resolve, reject) => {
    const expire = (): void => {
      if (state.waiting.delete(waiter)) reject(unavailable('acquire-timeout'));
    };
    // Where this thread was kept busy, the timer fires before the answers that have arrived meanwhile are read: they come first.
    const timer = setTimeout(() => setImmediate(expire), timeoutMs);
    const waiter: Waiter = { resolve, reject, timer };
    state.waiting.add(waiter);
    openForWaiters(state);
  });
}

async function closePool(state: PoolState, graceMs: number): Promise<void> {
  if (state.closed) return;
  state.closed = true;
  const error: DatabaseUnavailable = unavailable('closed');
  rejectWaiters(state, error);
  const empty = new Promise<void>((resolve) => {
    state.whenEmpty = resolve;
  });
  for (const entry of [...state.idle]) discard(state, entry);
  if (state.entries.size + state.opening === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([empty, expired]);
  clearTimeout(timer);
  for (const entry of [...state.entries]) discard(state, entry);
}

/** Builds a pool; nothing is opened before the first `acquire`. */
export function createConnectionPool(options: ConnectionPoolOptions): ConnectionPool {
  const state: PoolState = {
    options,
    entries: new Set(),
    idle: [],
    waiting: new Set(),
    opening: 0,
    generation: 0,
    closed: false,
    whenEmpty: undefined,
  };
  return {
    acquire: async (timeoutMs = options.acquireTimeoutMs) => {
      if (state.closed) throw unavailable('closed');
      const entry = takeIdle(state);
      if (entry !== undefined) return lend(state, entry);
      if (state.waiting.size >= options.maxWaiting) throw unavailable('queue-full');
      return wait(state, timeoutMs);
    },
    renew: () => {
      state.generation += 1;
      for (const entry of [...state.idle]) discard(state, entry);
    },
    close: (graceMs) => closePool(state, graceMs),
  };
}
