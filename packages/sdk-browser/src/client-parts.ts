import type { StateStore } from './auth-state.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import type { Page } from './page.ts';
import { claimsOf, type Session } from './session.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import type { AuthClientOptions, Settings } from './settings.ts';
import { createTabChannel, type TabChannel } from './tab-channel.ts';
import { createTrace, type Trace } from './trace.ts';
import { buildUser } from './user.ts';

/** What the steps of the client share. Built on first use, in a browser only. */
export type ClientParts = {
  readonly settings: Settings;
  readonly redirectUri: string;
  readonly page: Page;
  readonly issuer: Issuer;
  readonly sessions: SessionStore;
  readonly tabs: TabChannel;
  readonly state: StateStore;
  readonly trace: Trace;
  readonly onReturn: (returnTo: string) => void;
  readonly nowMs: () => number;
  /** Takes a session as the one of this tab. */
  signedIn(session: Session): void;
};

/** Builds the parts for one page. */
export function buildParts(
  settings: Settings,
  options: AuthClientOptions,
  page: Page,
  state: StateStore,
): ClientParts {
  const trace = createTrace(options.onTrace, page.nowMs);
  const fetchWith = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const sessions = createSessionStore(page, settings);
  const signedIn = (session: Session) => {
    sessions.save(session);
    state.set({ status: 'signed-in', user: buildUser(claimsOf(session), settings.projectId) });
  };
  const tabs = createTabChannel(page, `latchkey:${settings.issuer}:${settings.clientId}`, {
    currentSession: () => sessions.current(),
    onSession(session) {
      const current = sessions.current();
      if (sessions.isSignedOut(session)) return;
      if (current !== undefined && current.obtainedAtMs >= session.obtainedAtMs) return;
      trace('tokens-shared', { from: 'another tab' });
      signedIn(session);
    },
    onSignOut() {
      sessions.drop();
      trace('sign-out', { from: 'another tab' });
      state.set({ status: 'signed-out', reason: 'sign-out' });
    },
  });
  return {
    settings,
    redirectUri: settings.redirectUri ?? `${page.origin}/callback`,
    page,
    issuer: createIssuer(settings, fetchWith, trace),
    sessions,
    tabs,
    state,
    trace,
    onReturn: options.onReturn ?? ((returnTo) => page.replaceUrl(returnTo)),
    nowMs: page.nowMs,
    signedIn,
  };
}
