import { isRecord, numberOf, parseJson } from './json.ts';
import type { Page, PageStorage } from './page.ts';
import { parseSession, type Session } from './session.ts';
import type { Settings } from './settings.ts';

/** Holds the session of this tab, and what survives a reload where the app asked for that. */
export type SessionStore = {
  current(): Session | undefined;
  /** Keeps the session. */
  save(session: Session): void;
  /** Forgets it in this tab. */
  drop(): void;
  /** Forgets it and leaves a mark for tabs that are frozen now. */
  markSignedOut(): void;
  /** True when the session began before the last sign-out in any tab. */
  isSignedOut(session: Session): boolean;
  /** The session kept in storage, its access token gone: it has to be refreshed. */
  stored(): Session | undefined;
};

/** Creates the store. Access tokens are never written to storage. */
export function createSessionStore(page: Page, settings: Settings): SessionStore {
  const key = `latchkey:session:${settings.issuer}:${settings.clientId}`;
  const markKey = `latchkey:signed-out:${settings.issuer}:${settings.clientId}`;
  const storage = storageFor(page, settings);
  let session: Session | undefined;
  return {
    current: () => session,
    save(next) {
      session = next;
      write(storage, key, JSON.stringify({ ...next, accessToken: '', expiresAtMs: 0 }));
    },
    drop() {
      session = undefined;
      storage?.removeItem(key);
    },
    markSignedOut() {
      session = undefined;
      storage?.removeItem(key);
      write(page.localStorage, markKey, JSON.stringify({ atMs: page.nowMs() }));
    },
    isSignedOut(candidate) {
      const mark = parseJson(page.localStorage?.getItem(markKey));
      const atMs = isRecord(mark) ? numberOf(mark.atMs) : undefined;
      return atMs !== undefined && atMs >= candidate.signedInAtMs;
    },
    stored: () => parseSession(parseJson(storage?.getItem(key))),
  };
}

function storageFor(page: Page, settings: Settings): PageStorage | undefined {
  switch (settings.storage) {
    case 'memory':
      return undefined;
    case 'session':
      return page.sessionStorage;
    case 'local':
      return page.localStorage;
  }
}

// A full or blocked storage costs the restore after a reload, not the sign-in.
function write(storage: PageStorage | undefined, key: string, text: string): void {
  try {
    storage?.setItem(key, text);
  } catch {
    storage?.removeItem(key);
  }
}
