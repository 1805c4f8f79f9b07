import { digestOf } from './seal.ts';
import type { Session } from './session.ts';
import { createMemoryStore, type SessionStore } from './session-store.ts';

/** Which sessions have ended before their time. */
export interface EndedSessions {
  /** True when every process hears of what is added, and back-channel logout can work. */
  readonly isShared: boolean;
  add(session: Session): Promise<void>;
  /** Ends the sessions of one session at the issuer. */
  addSid(sid: string): Promise<void>;
  /** Ends the sessions a user has begun until now. */
  addSubject(sub: string): Promise<void>;
  includes(session: Session): Promise<boolean>;
  /** True the first time a token ID is seen. */
  useTokenId(jti: string, ttlSeconds: number): Promise<boolean>;
}

/** Remembers ended sessions in the store given, else in this process, which does for its own sign-outs. */
export function createEndedSessions(
  shared: SessionStore | undefined,
  lifetimeSeconds: number,
  now: () => number,
): EndedSessions {
  const store = shared ?? createMemoryStore({ now });
  const ttlSeconds = lifetimeSeconds + 60;
  const keyOf = async (kind: string, value: string) => `ended:${kind}:${await digestOf(value)}`;
  const mark = async (kind: string, value: string) =>
    store.set(await keyOf(kind, value), String(now()), ttlSeconds);
  return {
    isShared: shared !== undefined,
    add: ({ id }) => mark('id', id),
    addSid: (sid) => mark('sid', sid),
    addSubject: (sub) => mark('sub', sub),
    async includes({ id, sid, claims, signedInAtMs }) {
      const find = async (kind: string, value: string | undefined) =>
        value === undefined ? undefined : store.get(await keyOf(kind, value));
      const [byId, bySid, bySubject] = await Promise.all([
        find('id', id),
        find('sid', sid),
        find('sub', claims.sub),
      ]);
      if (byId !== undefined || bySid !== undefined) return true;
      return bySubject !== undefined && signedInAtMs <= Number(bySubject);
    },
    async useTokenId(jti, tokenTtlSeconds) {
      const key = await keyOf('jti', jti);
      if ((await store.get(key)) !== undefined) return false;
      await store.set(key, '1', tokenTtlSeconds);
      return true;
    },
  };
}
