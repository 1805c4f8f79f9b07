import { type KeyedGrant, parseKeyedGrant } from './grant-store.ts';
import { isRecord, textOf } from './json.ts';
import type { Page } from './page.ts';
import { parseSession, type Session } from './session.ts';

/** Talks to the other tabs of this origin that use the same issuer and client. */
export type TabChannel = {
  open(): void;
  close(): void;
  /** Gives the session to the other tabs. */
  share(session: Session): void;
  shareGrant(entry: KeyedGrant): void;
  announceSignOut(): void;
  /** Asks for a session; resolves once `isWanted` likes one that came in, or after `timeoutMs`. */
  ask(isWanted: () => boolean, timeoutMs: number): Promise<void>;
  /** The same for a token under this key. */
  askGrant(key: string, isWanted: () => boolean, timeoutMs: number): Promise<void>;
  /** Asks the tabs whose worker holds the refresh token to renew the session. */
  askToRenew(isWanted: () => boolean, timeoutMs: number): Promise<void>;
  /** True once another tab was heard. */
  hasPeers(): boolean;
};

/** What the channel reports and asks back. */
export type TabChannelListeners = {
  readonly onSession: (session: Session) => void;
  readonly onSignOut: () => void;
  readonly currentSession: () => Session | undefined;
  readonly onGrant: (entry: KeyedGrant) => void;
  readonly currentGrant: (key: string) => KeyedGrant | undefined;
  readonly onRenew: () => void;
};

/** Creates the channel; nothing is opened before `open()`. Without `BroadcastChannel` it stays silent. */
export function createTabChannel(page: Page, name: string, listeners: TabChannelListeners): TabChannel {
  let channel: BroadcastChannel | undefined;
  let heardPeer = false;
  const waiting = new Set<() => void>();
  const post = (message: Record<string, unknown>) => channel?.postMessage(message);
  const wakeWaiting = () => {
    for (const check of waiting) check();
  };
  const onMessage = (event: { readonly data: unknown }) => {
    if (!isRecord(event.data)) return;
    heardPeer = true;
    switch (event.data.type) {
      case 'ask': {
        const session = listeners.currentSession();
        post(session === undefined ? { type: 'hello' } : { type: 'session', session });
        return;
      }
      case 'session': {
        const session = parseSession(event.data.session);
        if (session !== undefined) listeners.onSession(session);
        wakeWaiting();
        return;
      }
      case 'ask-grant': {
        const entry = listeners.currentGrant(textOf(event.data.key) ?? '');
        if (entry !== undefined) post({ type: 'grant', entry });
        return;
      }
      case 'grant': {
        const entry = parseKeyedGrant(event.data.entry);
        if (entry !== undefined) listeners.onGrant(entry);
        wakeWaiting();
        return;
      }
      case 'renew':
        listeners.onRenew();
        return;
      case 'signed-out':
        listeners.onSignOut();
    }
  };
  const waitFor = (
    question: Record<string, unknown>,
    isWanted: () => boolean,
    timeoutMs: number,
  ): Promise<void> => {
    if (channel === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (isWanted()) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      waiting.add(check);
      post(question);
    });
  };
  return {
    open() {
      if (channel !== undefined) return;
      channel = page.openChannel(name);
      channel?.addEventListener('message', onMessage);
    },
    close() {
      channel?.close();
      channel = undefined;
    },
    share: (session) => post({ type: 'session', session }),
    shareGrant: (entry) => post({ type: 'grant', entry }),
    announceSignOut: () => post({ type: 'signed-out' }),
    ask: (isWanted, timeoutMs) => waitFor({ type: 'ask' }, isWanted, timeoutMs),
    askGrant: (key, isWanted, timeoutMs) => waitFor({ type: 'ask-grant', key }, isWanted, timeoutMs),
    askToRenew: (isWanted, timeoutMs) => waitFor({ type: 'renew' }, isWanted, timeoutMs),
    hasPeers: () => heardPeer,
  };
}
