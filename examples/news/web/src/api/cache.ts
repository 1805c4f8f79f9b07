/** What is known under a key. */
export interface Entry {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly isLoading: boolean;
  readonly loadedAt: number;
}

/** Answers of the API by key, so that going back shows a page at once. Keys of a user's own data begin with `own:`. */
export interface Cache {
  read(key: string): Entry;
  /** Loads the key unless a load is under way or the data is younger than `maxAgeMs`. */
  load(key: string, loader: (signal: AbortSignal) => Promise<unknown>, maxAgeMs: number): void;
  /** Replaces the data with what `change` makes of it, if there is any. */
  update(key: string, change: (data: unknown) => unknown): void;
  /** Stores what is known from another answer. */
  put(key: string, data: unknown): void;
  /** Lets the keys that begin with `prefix` be loaded again the next time they are needed. */
  expire(prefix: string): void;
  /** Drops the keys that begin with `prefix`. Loads that are under way are aborted. */
  drop(prefix: string): void;
  subscribe(listener: () => void): () => void;
}

const NEVER = Number.NEGATIVE_INFINITY;
const NOTHING: Entry = { isLoading: true, loadedAt: NEVER };

/** Creates an empty cache. `now` is the clock in milliseconds. */
export function createCache(now: () => number = Date.now): Cache {
  const entries = new Map<string, Entry>();
  const loads = new Map<string, AbortController>();
  const listeners = new Set<() => void>();
  const set = (key: string, entry: Entry) => {
    entries.set(key, entry);
    for (const listener of [...listeners]) listener();
  };

  const load = async (key: string, loader: (signal: AbortSignal) => Promise<unknown>) => {
    const controller = new AbortController();
    loads.set(key, controller);
    const { error: _, ...before } = entries.get(key) ?? NOTHING;
    set(key, { ...before, isLoading: true });
    const settle = (outcome: Pick<Entry, 'data' | 'error'>, loadedAt: number) => {
      // A load that was dropped meanwhile belongs to a user who has left.
      if (loads.get(key) !== controller) return;
      loads.delete(key);
      set(key, { ...outcome, isLoading: false, loadedAt });
    };
    try {
      settle({ data: await loader(controller.signal) }, now());
    } catch (error) {
      settle({ ...('data' in before ? { data: before.data } : {}), error }, NEVER);
    }
  };

  return {
    read: (key) => entries.get(key) ?? NOTHING,
    load(key, loader, maxAgeMs) {
      const entry = entries.get(key);
      const isFresh = entry !== undefined && now() - entry.loadedAt < maxAgeMs;
      if (!isFresh && !loads.has(key)) void load(key, loader);
    },
    update(key, change) {
      const entry = entries.get(key);
      if (entry?.data !== undefined) set(key, { ...entry, data: change(entry.data) });
    },
    put: (key, data) => set(key, { data, isLoading: false, loadedAt: now() }),
    expire(prefix) {
      for (const [key, entry] of [...entries])
        if (key.startsWith(prefix)) set(key, { ...entry, loadedAt: NEVER });
    },
    drop(prefix) {
      for (const [key, controller] of [...loads])
        if (key.startsWith(prefix)) {
          loads.delete(key);
          controller.abort();
        }
      for (const key of [...entries.keys()]) if (key.startsWith(prefix)) entries.delete(key);
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
