import { isRecord, numberOf, textOf } from './json.ts';
import { isFresh, type Session } from './session.ts';

/** An access token and its life. */
export type Grant = Pick<Session, 'accessToken' | 'keyThumbprint' | 'obtainedAtMs' | 'expiresAtMs'>;

/** An access token for something else than the session's own, as tabs tell each other. */
export type KeyedGrant = {
  readonly key: string;
  /** The sign-in it belongs to. */
  readonly signedInAtMs: number;
  readonly grant: Grant;
  /** The refresh token that took the place of the one used, where the page keeps it. */
  readonly refreshToken: string | undefined;
};

/** Keeps those tokens in memory. */
export type GrantStore = {
  /** The token under this key, if it is fresh and of this session. */
  find(key: string, session: Session, nowMs: number): Grant | undefined;
  keep(entry: KeyedGrant): void;
  clear(): void;
};

/** Creates the store. */
export function createGrantStore(): GrantStore {
  const entries = new Map<string, KeyedGrant>();
  return {
    find(key, session, nowMs) {
      const entry = entries.get(key);
      if (entry?.signedInAtMs !== session.signedInAtMs) return undefined;
      return isFresh(entry.grant, nowMs) ? entry.grant : undefined;
    },
    keep: (entry) => void entries.set(entry.key, entry),
    clear: () => entries.clear(),
  };
}

/** Checks what another tab told; undefined when anything is missing. */
export function parseKeyedGrant(value: unknown): KeyedGrant | undefined {
  if (!isRecord(value) || !isRecord(value.grant)) return undefined;
  const key = textOf(value.key);
  const signedInAtMs = numberOf(value.signedInAtMs);
  const accessToken = textOf(value.grant.accessToken);
  const obtainedAtMs = numberOf(value.grant.obtainedAtMs);
  const expiresAtMs = numberOf(value.grant.expiresAtMs);
  if (key === undefined || signedInAtMs === undefined || accessToken === undefined) return undefined;
  if (obtainedAtMs === undefined || expiresAtMs === undefined) return undefined;
  const keyThumbprint = textOf(value.grant.keyThumbprint);
  return {
    key,
    signedInAtMs,
    grant: { accessToken, keyThumbprint, obtainedAtMs, expiresAtMs },
    refreshToken: textOf(value.refreshToken),
  };
}
