/**
 * Where sessions are kept, such as a table or Redis. Keys are short ASCII text that says nothing about the session; values
 * are sealed with `cookieSecret`, so a copy of the store gives nobody a token.
 */
export interface SessionStore {
  /** The value of a key that has not expired. */
  get(key: string): Promise<string | undefined>;
  /** Keeps a value for `ttlSeconds`. */
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  remove(key: string): Promise<void>;
  /**
   * Runs `work` while no other process runs one for the same key, so that one refresh token is used by one process. Left out,
   * each process locks for itself, which is enough where the requests of a session reach one process.
   */
  lock?<Outcome>(key: string, work: () => Promise<Outcome>): Promise<Outcome>;
}

/** What `createMemoryStore` takes. */
export interface MemoryStoreOptions {
  /** How many entries are kept; the oldest go first. Default: 10,000. */
  readonly maxEntries?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A store in the memory of this process, for development and tests: a restart signs everybody out. */
export function createMemoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { maxEntries = 10_000, now = Date.now } = options;
  const entries = new Map<string, { readonly value: string; readonly endsAtMs: number }>();
  return {
    async get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.endsAtMs > now()) return entry.value;
      entries.delete(key);
      return undefined;
    },
    async set(key, value, ttlSeconds) {
      entries.delete(key);
      entries.set(key, { value, endsAtMs: now() + ttlSeconds * 1000 });
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
    async remove(key) {
      entries.delete(key);
    },
  };
}
