import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type AuthError, issuerUnavailable, verifierMisconfigured } from './auth-error.ts';
import type { Discover } from './discovery.ts';
import { type IssuerContext, requestIssuer } from './issuer-request.ts';
import { isJsonObject, type JsonObject, stringOf } from './json.ts';
import { keyFits } from './jws.ts';

export type KeyLookup =
  | { readonly kind: 'key'; readonly key: KeyObject }
  | { readonly kind: 'unknown-key' }
  | AuthError;

/** The issuer's signing keys. */
export interface KeySet {
  /** Finds the key for a token's header; `keyId` may be absent only while one key alone fits the algorithm. */
  find(algorithm: string, keyId: string | undefined): Promise<KeyLookup>;
}

interface PublishedKey {
  readonly keyId: string | undefined;
  readonly algorithm: string | undefined;
  readonly key: KeyObject;
}

interface LoadedKeys {
  readonly keys: readonly PublishedKey[];
  readonly loadedAt: number;
}

/** The platform tells clients to keep keys this long; older ones are fetched again while still in use. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** Without a successful fetch for this long the keys are no longer trusted: one may have been withdrawn. */
const TRUST_FOR_MS = 60 * 60_000;
/** Unknown key ids trigger at most one fetch in this time, whoever invents them. */
const UNKNOWN_KEY_COOLDOWN_MS = 30_000;
/** After a failed fetch the next attempt waits this long. */
const FAILURE_COOLDOWN_MS = 1_000;
const MAX_KEYS = 100;

/** Keeps the issuer's JWKS in memory, refreshed in the background and once for an unknown key id. */
export function createKeySet(context: IssuerContext, discover: Discover): KeySet {
  let loaded: LoadedKeys | undefined;
  let failure: { error: AuthError; until: number } | undefined;
  let unknownKeyFetchAt = Number.NEGATIVE_INFINITY;
  let running: Promise<AuthError | undefined> | undefined;

  const load = async () => {
    const outcome = await loadKeys(context, discover);
    running = undefined;
    if ('kind' in outcome) {
      failure = { error: outcome, until: context.now() + FAILURE_COOLDOWN_MS };
      return outcome;
    }
    loaded = outcome;
    failure = undefined;
    return undefined;
  };

  const refresh = async () => {
    if (failure && context.now() < failure.until) return failure.error;
    running ??= load();
    return running;
  };

  const refetchForUnknownKey = async () => {
    if (context.now() < unknownKeyFetchAt + UNKNOWN_KEY_COOLDOWN_MS) {
      // A fetch that failed has told nothing about the key: that is not the token's fault.
      return running ?? (failure ? refresh() : undefined);
    }
    unknownKeyFetchAt = context.now();
    return refresh();
  };

  return {
    async find(algorithm, keyId) {
      const age = loaded ? context.now() - loaded.loadedAt : Number.POSITIVE_INFINITY;
      const mustLoad = loaded === undefined || age > TRUST_FOR_MS;
      if (mustLoad) {
        const error = await refresh();
        if (error) return error;
      } else if (age > REFRESH_AFTER_MS) {
        void refresh();
      }
      const known = chooseKey(loaded?.keys ?? [], algorithm, keyId);
      if (known) return { kind: 'key', key: known };
      if (mustLoad) return { kind: 'unknown-key' };
      const error = await refetchForUnknownKey();
      if (error) return error;
      const fetched = chooseKey(loaded?.keys ?? [], algorithm, keyId);
      return fetched ? { kind: 'key', key: fetched } : { kind: 'unknown-key' };
    },
  };
}

function chooseKey(
  keys: readonly PublishedKey[],
  algorithm: string,
  keyId: string | undefined,
): KeyObject | undefined {
  const fitting = keys.filter(
    (entry) =>
      (keyId === undefined || entry.keyId === keyId) &&
      (entry.algorithm === undefined || entry.algorithm === algorithm) &&
      keyFits(algorithm, entry.key),
  );
  return fitting.length === 1 ? fitting[0]?.key : undefined;
}

async function loadKeys(context: IssuerContext, discover: Discover): Promise<LoadedKeys | AuthError> {
  const metadata = await discover();
  if (metadata.kind !== 'metadata') return metadata;
  if (metadata.jwksUri === undefined) {
    return verifierMisconfigured(
      `The metadata of ${metadata.issuer} names no jwks_uri; use mode: 'introspect'.`,
    );
  }
  const answer = await requestIssuer(context, metadata.jwksUri, { headers: { accept: 'application/json' } });
  if (answer.kind === 'no-answer') return issuerUnavailable(answer.detail);
  if (answer.status !== 200 || !Array.isArray(answer.body?.keys)) {
    return issuerUnavailable(
      `${metadata.jwksUri} answered ${answer.status} and no keys`,
      answer.retryAfterSeconds,
    );
  }
  const keys = answer.body.keys.slice(0, MAX_KEYS).filter(isJsonObject);
  return { keys: keys.flatMap(importKey), loadedAt: context.now() };
}

// A key that cannot be used is passed over: one exotic entry must not take the others down (RFC 7517 §5).
function importKey(jwk: JsonObject): PublishedKey[] {
  if (jwk.use !== undefined && jwk.use !== 'sig') return [];
  try {
    const key = createPublicKey({ key: publicPart(jwk), format: 'jwk' });
    return [{ keyId: stringOf(jwk.kid), algorithm: stringOf(jwk.alg), key }];
  } catch {
    return [];
  }
}

// Only these members reach the import, so neither a private half nor a symmetric key can.
function publicPart(jwk: JsonObject): JsonWebKey {
  const members = ['kty', 'crv', 'x', 'y', 'n', 'e'].flatMap((name) => {
    const value = stringOf(jwk[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(members);
}
