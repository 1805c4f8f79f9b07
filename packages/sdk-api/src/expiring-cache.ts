/** A bounded map whose entries end by themselves; full, it drops what was least recently used. */
export interface ExpiringCache<V> {
  find(key: string): V | undefined;
  /** Keeps a value until `expiresAtMs`; a time already past keeps nothing. */
  keep(key: string, value: V, expiresAtMs: number): void;
}

export function createExpiringCache<V>(options: { maxEntries: number; now: () => number }): ExpiringCache<V> {
  // A Map iterates in insertion order, so its first key is the one unused for longest.
  const entries = new Map<string, { value: V; expiresAtMs: number }>();
  return {
    find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (options.now() >= entry.expiresAtMs) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    keep(key, value, expiresAtMs) {
      entries.delete(key);
      if (expiresAtMs <= options.now()) return;
      entries.set(key, { value, expiresAtMs });
      if (entries.size > options.maxEntries) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
    },
  };
}
