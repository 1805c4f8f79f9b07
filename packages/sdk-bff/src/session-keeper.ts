import type { CookieJar } from './cookies.ts';
import type { EndedSessions } from './ended-sessions.ts';
import { digestOf, type Sealer } from './seal.ts';
import { endOf, parseSession, type Session } from './session.ts';
import { openSessionCookies, removeChunks, sealSessionCookies } from './session-cookie.ts';
import type { SessionStore } from './session-store.ts';

type Cookies = ReadonlyMap<string, string>;

/** Where sessions are: in sealed cookies, or in a store with the ID in the cookie. */
export interface SessionKeeper {
  /** The live session of a request. */
  load(cookies: Cookies): Promise<Session | undefined>;
  /** The session as it is kept now; in sealed mode the one given, as nothing else is kept. */
  reload(session: Session): Promise<Session | undefined>;
  /** Keeps a new session. Resolves to its `Set-Cookie` lines. Throws `SessionTooLarge`. */
  insert(session: Session, cookies: Cookies): Promise<readonly string[]>;
  /** Keeps the refreshed tokens of a session, unless it has ended meanwhile. */
  update(session: Session): Promise<'updated' | 'ended'>;
  /** The `Set-Cookie` lines after an update. Throws `SessionTooLarge`. */
  cookiesAfterUpdate(session: Session, cookies: Cookies): Promise<readonly string[]>;
  /** Ends a session for every holder of its cookie that can be reached. */
  end(session: Session): Promise<void>;
  /** Lines that remove what cookies a request has of a session. */
  removeCookies(cookies: Cookies): readonly string[];
  /** Runs work while no other work of this session runs. */
  lock<Outcome>(session: Session, work: () => Promise<Outcome>): Promise<Outcome>;
}

interface KeeperDeps {
  readonly sealer: Sealer;
  readonly jar: CookieJar;
  readonly ended: EndedSessions;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

const secondsLeft = (session: Session, nowMs: number) => Math.ceil((endOf(session) - nowMs) / 1000);

/** Keeps sessions in sealed cookies. */
export function createSealedKeeper(deps: KeeperDeps): SessionKeeper {
  const { sealer, jar, ended, now, log } = deps;
  let hasWarned = false;
  const onDropped = () => {
    if (hasWarned) return;
    hasWarned = true;
    log(
      'A session is too large for its cookies, so its ID token was dropped: the issuer may ask before it signs the user out. Hand in a store to keep it.',
    );
  };
  const seal = (session: Session, cookies: Cookies) =>
    sealSessionCookies({ sealer, jar, onDropped }, session, cookies, secondsLeft(session, now()));
  return {
    async load(cookies) {
      const session = await openSessionCookies(sealer, jar, cookies);
      if (session === undefined || endOf(session) <= now()) return undefined;
      return (await ended.includes(session)) ? undefined : session;
    },
    reload: async (session) => ((await ended.includes(session)) ? undefined : session),
    insert: seal,
    update: async (session) => ((await ended.includes(session)) ? 'ended' : 'updated'),
    cookiesAfterUpdate: seal,
    end: (session) => ended.add(session),
    removeCookies: (cookies) => removeChunks(jar, cookies, 0),
    lock: (_session, work) => work(),
  };
}

/** Keeps sessions in a store, under a digest of their ID and sealed. */
export function createStoreKeeper(deps: KeeperDeps, store: SessionStore): SessionKeeper {
  const { sealer, jar, ended, now } = deps;
  const keyOf = async (id: string) => `session:${await digestOf(id)}`;
  const find = async (id: string): Promise<Session | undefined> => {
    const sealed = await store.get(await keyOf(id));
    if (sealed === undefined) return undefined;
    const session = parseSession(await sealer.open('stored-session', sealed));
    if (session?.id !== id || endOf(session) <= now()) return undefined;
    return (await ended.includes(session)) ? undefined : session;
  };
  const put = async (session: Session) =>
    store.set(
      await keyOf(session.id),
      await sealer.seal('stored-session', { ...session }),
      Math.max(1, secondsLeft(session, now())),
    );
  return {
    async load(cookies) {
      const id = cookies.get(jar.sessionName);
      return id !== undefined && /^[\w-]{43}$/.test(id) ? find(id) : undefined;
    },
    reload: ({ id }) => find(id),
    async insert(session, cookies) {
      await put(session);
      return [
        ...removeChunks(jar, cookies, 1),
        jar.write(jar.sessionName, session.id, secondsLeft(session, now())),
      ];
    },
    async update(session) {
      if ((await find(session.id)) === undefined) return 'ended';
      await put(session);
      return 'updated';
    },
    cookiesAfterUpdate: async () => [],
    async end(session) {
      await ended.add(session);
      await store.remove(await keyOf(session.id));
    },
    removeCookies: (cookies) => removeChunks(jar, cookies, 0),
    lock: async (session, work) =>
      store.lock === undefined ? work() : store.lock(`lock:${await digestOf(session.id)}`, work),
  };
}
