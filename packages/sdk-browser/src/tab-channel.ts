import { isRecord } from './json.ts';
import type { Page } from './page.ts';
import { parseSession, type Session } from './session.ts';

/** Talks to the other tabs of this origin that use the same issuer and client. */
export type TabChannel = {
  open(): void;
  close(): void;
  /** Gives the session to the other tabs. */
  share(session: Session): void;
  announceSignOut(): void;
  /** Asks for a session; resolves once `isWanted` likes one that came in, or after `timeoutMs`. */
  ask(isWanted: () => boolean, timeoutMs: number): Promise<void>;
  /** True once another tab was heard. */
  hasPeers(): boolean;
};

/** What the channel reports and asks back. */
export type TabChannelListeners = {
  readonly onSession: (session: Session) => void;
  readonly onSignOut: () => void;
  readonly currentSession: () => Session | undefined;
};

/** Creates the channel; nothing is opened before `open()`. Without `BroadcastChannel` it stays silent. */
export function createTabChannel(page: Page, name: string, listeners: TabChannelListeners): TabChannel {
  let channel: BroadcastChannel | undefined;
  let heardPeer = false;
  const waiting = new Set<() => void>();
  const post = (message: Record<string, unknown>) => channel?.postMessage(message);
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
        for (const check of waiting) check();
        return;
      }
      case 'signed-out':
        listeners.onSignOut();
    }
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
    announceSignOut: () => post({ type: 'signed-out' }),
    ask: (isWanted, timeoutMs) =>
      channel === undefined
        ? Promise.resolve()
        : waitFor(waiting, () => post({ type: 'ask' }), isWanted, timeoutMs),
    hasPeers: () => heardPeer,
  };
}

function waitFor(
  waiting: Set<() => void>,
  post: () => void,
  isWanted: () => boolean,
  timeoutMs: number,
): Promise<void> {
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
    post();
  });
}
