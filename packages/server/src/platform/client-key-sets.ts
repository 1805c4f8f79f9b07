import { parseJwkSet, parseStrictJson } from '@latchkey/protocol';
import { LRUCache } from 'lru-cache';
import { type ClientKey, isAmong, type SoughtKey, toClientKeys } from './client-key.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { FetchRefused, type SafeFetch } from './safe-fetch.ts';

/** Keys that clients publish, fetched and kept for minutes. */
export interface ClientKeySets {
  /**
   * The keys at a client's `jwks_uri`. When the set in memory lacks the one sought it is fetched anew, every 30 seconds at
   * most. No keys when it cannot be had; that is remembered for 30 seconds too.
   */
  readonly load: (instanceId: string, uri: string, sought: SoughtKey) => Promise<readonly ClientKey[]>;
}

interface KeptSet {
  readonly keys: readonly ClientKey[];
  readonly fetchedAtMs: number;
  readonly staleAtMs: number;
}

const lifetimeMs = 300_000;
const cooldownMs = 30_000;

function lifetimeOf(cacheControl: string | undefined): number {
  const [, seconds] = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(cacheControl ?? '') ?? [];
  if (seconds === undefined) return lifetimeMs;
  return Math.min(lifetimeMs, Math.max(cooldownMs, Number(seconds) * 1000));
}

interface Parts {
  readonly safeFetch: SafeFetch;
  readonly clock: Clock;
  readonly log: Logger;
}

function parseKeys(body: string): readonly ClientKey[] {
  const json = parseStrictJson(body);
  if (json.kind === 'malformed') throw new FetchRefused(`the key set: ${json.detail}`);
  const set = parseJwkSet(json.value);
  if (set.kind !== 'keys') throw new FetchRefused(set.detail);
  return toClientKeys(set.keys);
}

async function fetchSet({ safeFetch, clock, log }: Parts, instanceId: string, uri: string): Promise<KeptSet> {
  try {
    const accept = 'application/jwk-set+json, application/json';
    const answer = await safeFetch(uri, { accept, instanceId, maximumBytes: 131_072 });
    if (answer.status !== 200) throw new FetchRefused(`the answer was ${answer.status}`);
    const now = clock.monotonicMs();
    const keys = parseKeys(answer.body);
    return { keys, fetchedAtMs: now, staleAtMs: now + lifetimeOf(answer.headers['cache-control']) };
  } catch (err) {
    if (!(err instanceof FetchRefused)) throw err;
    log.info({ err, uri }, 'the keys of a client could not be fetched');
    const now = clock.monotonicMs();
    return { keys: [], fetchedAtMs: now, staleAtMs: now + cooldownMs };
  }
}

/** The key sets of one process. */
export function createClientKeySets(parts: Parts): ClientKeySets {
  const kept = new LRUCache<string, KeptSet>({ max: 1000 });
  const fetching = new Map<string, Promise<KeptSet>>();
  const fetchOnce = (name: string, instanceId: string, uri: string): Promise<KeptSet> => {
    const pending = fetching.get(name);
    if (pending !== undefined) return pending;
    const fresh = fetchSet(parts, instanceId, uri)
      .then((set) => {
        kept.set(name, set);
        return set;
      })
      .finally(() => fetching.delete(name));
    fetching.set(name, fresh);
    return fresh;
  };
  return {
    load: async (instanceId, uri, sought) => {
      const name = `${instanceId} ${uri}`;
      const now = parts.clock.monotonicMs();
      const set = kept.get(name);
      if (set === undefined || now >= set.staleAtMs) return (await fetchOnce(name, instanceId, uri)).keys;
      const isKnown = (sought.kid ?? sought.fingerprint) === undefined || isAmong(set.keys, sought);
      if (isKnown || now < set.fetchedAtMs + cooldownMs) return set.keys;
      return (await fetchOnce(name, instanceId, uri)).keys;
    },
  };
}
