import type { StateStore } from './auth-state.ts';
import { createGrantStore, type GrantStore, type KeyedGrant } from './grant-store.ts';
import { loadPart } from './load-part.ts';
import type { Page } from './page.ts';
import { claimsOf, type Session } from './session.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import type { AuthClientOptions, Settings } from './settings.ts';
import { createTabChannel, type TabChannel } from './tab-channel.ts';
import { createTrace, type Trace } from './trace.ts';
import { buildUser } from './user.ts';
import type { Vault } from './vault-contract.ts';

/** What the steps of the client share. Built on first use, in a browser only. */
export type ClientParts = {
  readonly settings: Settings;
  readonly redirectUri: string;
  readonly page: Page;
  readonly vault: Vault;
  readonly sessions: SessionStore;
  readonly grants: GrantStore;
  readonly tabs: TabChannel;
  readonly state: StateStore;
  readonly trace: Trace;
  readonly onReturn: (returnTo: string) => void;
  readonly nowMs: () => number;
  /** Takes a session as the one of this tab. */
  signedIn(session: Session): void;
  /** Forgets the session and all tokens of this tab. */
  dropSession(): void;
  /** Keeps a token beside that of the session, and the refresh token that came with it. */
  keepGrant(entry: KeyedGrant): void;
};

/** Builds the parts for one page. `onRenew` is called when another tab wants this one to refresh. */
export function buildParts(
  settings: Settings,
  options: AuthClientOptions,
  page: Page,
  state: StateStore,
  onRenew: (parts: ClientParts) => void,
): ClientParts {
  const trace = createTrace(options.onTrace, page.nowMs);
  const redirectUri = settings.redirectUri ?? `${page.origin}/callback`;
  const sessions = createSessionStore(page, settings);
  const grants = createGrantStore();
  const signedIn = (session: Session) => {
    sessions.save(session);
    state.set({ status: 'signed-in', user: buildUser(claimsOf(session), settings.projectId) });
  };
  const dropSession = () => {
    sessions.drop();
    grants.clear();
  };
  const keepGrant = (entry: KeyedGrant) => {
    grants.keep(entry);
    const session = sessions.current();
    if (entry.refreshToken === undefined || session?.signedInAtMs !== entry.signedInAtMs) return;
    sessions.save({ ...session, refreshToken: entry.refreshToken });
  };
  const tabs = createTabChannel(page, `latchkey:${settings.issuer}:${settings.clientId}`, {
    currentSession: () => sessions.current(),
    currentGrant(key) {
      const session = sessions.current();
      const grant = session === undefined ? undefined : grants.find(key, session, page.nowMs());
      if (session === undefined || grant === undefined) return undefined;
      return { key, signedInAtMs: session.signedInAtMs, grant, refreshToken: undefined };
    },
    onSession(session) {
      const current = sessions.current();
      if (sessions.isSignedOut(session)) return;
      if (current !== undefined && current.obtainedAtMs >= session.obtainedAtMs) return;
      trace('tokens-shared', { from: 'another tab' });
      signedIn(session);
    },
    onGrant: keepGrant,
    onRenew: () => onRenew(parts),
    onSignOut() {
      dropSession();
      trace('sign-out', { from: 'another tab' });
      state.set({ status: 'signed-out', reason: 'sign-out' });
    },
  });
  const { issuer, clientId, allowInsecure, dpop } = settings;
  const parts: ClientParts = {
    settings,
    redirectUri,
    page,
    vault: laterVault(async () => {
      const { openVault } = await import('./open-vault.ts');
      return openVault({
        nowMs: page.nowMs,
        config: { issuer, clientId, redirectUri, allowInsecure, dpop },
        place: settings.storage === 'memory' && options.fetch === undefined ? 'worker' : 'page',
        workerUrl: options.workerUrl,
        fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
        trace,
      });
    }),
    sessions,
    grants,
    tabs,
    state,
    trace,
    onReturn: options.onReturn ?? ((returnTo) => page.replaceUrl(returnTo)),
    nowMs: page.nowMs,
    signedIn,
    dropSession,
    keepGrant,
  };
  return parts;
}

function laterVault(open: () => Promise<Vault>): Vault {
  const vault = loadPart(open);
  return {
    prepare: async () => (await vault()).prepare(),
    redeem: async (request) => (await vault()).redeem(request),
    refresh: async (request) => (await vault()).refresh(request),
    revoke: async (request) => (await vault()).revoke(request),
    sign: async (request) => (await vault()).sign(request),
  };
}
