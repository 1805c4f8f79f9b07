import { ConfigurationError } from './auth-error.ts';
import { type AuthState, createStateStore } from './auth-state.ts';
import { buildAuthorizeRequest, type SignInOptions } from './authorize-request.ts';
import { createBffClient } from './bff/bff-client.ts';
import type { BffClientOptions } from './bff/bff-options.ts';
import { finishSignIn, parseAnswer } from './callback.ts';
import { buildParts, type ClientParts } from './client-parts.ts';
import { describeError } from './describe-error.ts';
import { openBrowserPage, type Page } from './page.ts';
import { createRenewer, type Renewer } from './renew.ts';
import { restoreSession } from './restore.ts';
import { isFresh } from './session.ts';
import { type AuthClientOptions, parseSettings } from './settings.ts';
import { finishSignOut, type SignOutOptions, signOutEverywhere } from './sign-out.ts';
import { saveTransaction } from './transaction.ts';

/** Signs users in and keeps their tokens. One per page; make it once, outside of rendering. */
export type AuthClient = {
  /** Calls `listener` after every change of state; gives back the undo. */
  subscribe(listener: () => void): () => void;
  /** The state now: the same object until it changes. */
  getSnapshot(): AuthState;
  /**
   * Handles the issuer's answer on the redirect URI, else restores the session. Safe to call again; never rejects, but throws
   * `ConfigurationError` where there is no browser.
   */
  start(): Promise<void>;
  /** Leaves for the issuer. Resolves when the browser is on its way; throws `AuthError` when it cannot leave. */
  signIn(options?: SignInOptions): Promise<void>;
  /** The same, but opens the registration page (`prompt=create`). */
  signUp(options?: Omit<SignInOptions, 'prompt'>): Promise<void>;
  /** Signs out in all tabs and at the issuer. */
  signOut(options?: SignOutOptions): Promise<void>;
  /** A token that is not expired. Throws `LoginRequired`, `NetworkError` or another `AuthError`. */
  getAccessToken(): Promise<string>;
  /** Stops listening to other tabs and to the page; `start()` resumes. */
  stop(): void;
};

/** Creates a client. Touches no browser API before `start()`, so it may run on a server. Throws `ConfigurationError`. */
export function createAuthClient(options: AuthClientOptions | BffClientOptions): AuthClient {
  if (options.mode === 'bff') return createBffClient(openBrowserPage, options);
  return createAuthClientOn(openBrowserPage, options);
}

/** The same on a page of the caller's making. */
export function createAuthClientOn(openPage: () => Page, options: AuthClientOptions): AuthClient {
  const settings = parseSettings(options);
  const state = createStateStore(options.initialState ?? { status: 'loading' });
  let opened: { readonly parts: ClientParts; readonly renewer: Renewer } | undefined;
  let booted: Promise<void> | undefined;
  let unwatch: (() => void) | undefined;
  let isWanted = false;
  const open = () => {
    if (opened === undefined) {
      const parts = buildParts(settings, options, openPage(), state);
      opened = { parts, renewer: createRenewer(parts) };
    }
    return opened;
  };
  const start = () => {
    isWanted = true;
    const { parts, renewer } = open();
    parts.tabs.open();
    unwatch ??= watch(parts, renewer);
    booted ??= boot(parts, renewer);
    return booted;
  };
  return {
    subscribe: state.subscribe,
    getSnapshot: state.get,
    start,
    signIn: async (signInOptions) => leaveForIssuer(open().parts, signInOptions ?? {}),
    signUp: async (signInOptions) => leaveForIssuer(open().parts, { ...signInOptions, prompt: 'create' }),
    signOut: async (signOutOptions) => signOutEverywhere(open().parts, signOutOptions ?? {}),
    async getAccessToken() {
      await (booted ?? start());
      return open().renewer.freshToken();
    },
    stop() {
      isWanted = false;
      // Later, as a React StrictMode mount stops and starts in one go and should not miss what other tabs answer.
      queueMicrotask(() => {
        if (isWanted) return;
        unwatch?.();
        unwatch = undefined;
        opened?.parts.tabs.close();
      });
    },
  };
}

async function boot(parts: ClientParts, renewer: Renewer): Promise<void> {
  const answer = parseAnswer(parts.page.href(), parts.redirectUri);
  if (answer === undefined) {
    finishSignOut(parts);
    return restoreSession(parts, renewer);
  }
  // In the hidden frame of a silent sign-in the page around it does the rest; this copy of the app stays loading.
  if (parts.page.answerSilentParent(answer.state) === 'answered') return;
  return finishSignIn(parts, answer);
}

async function leaveForIssuer(parts: ClientParts, options: SignInOptions): Promise<void> {
  const callbackOrigin = URL.canParse(parts.redirectUri) ? new URL(parts.redirectUri).origin : undefined;
  if (callbackOrigin !== parts.page.origin) {
    throw new ConfigurationError(
      'redirect_uri_elsewhere',
      `This page is at ${parts.page.origin}, but the redirect URI is ${parts.redirectUri}. Open the app at the origin of the redirect URI (localhost and 127.0.0.1 differ), or change redirectUri and register the new one for client "${parts.settings.clientId}".`,
    );
  }
  try {
    const { url, transaction } = await buildAuthorizeRequest(parts, options);
    saveTransaction(parts.page, transaction);
    parts.page.navigate(url);
  } catch (thrown) {
    throw describeError(thrown, parts.settings, parts.redirectUri);
  }
}

// A frozen page (back-forward cache, background tab) misses what other tabs say, so it looks again when it is seen.
// The channel is closed while hidden for good: an open one would keep some browsers from caching the page.
function watch(parts: ClientParts, renewer: Renewer): () => void {
  const { sessions, state, tabs } = parts;
  return parts.page.watch({
    hidden: () => tabs.close(),
    shown() {
      tabs.open();
      const session = sessions.current();
      if (session === undefined) {
        // Somebody may have signed in elsewhere meanwhile; the channel takes the session when an answer comes.
        void tabs.ask(() => sessions.current() !== undefined, 0);
        return;
      }
      if (sessions.isSignedOut(session)) {
        sessions.drop();
        state.set({ status: 'signed-out', reason: 'sign-out' });
        return;
      }
      // A failure shows in the state, or again at the next getAccessToken().
      if (!isFresh(session, parts.nowMs())) renewer.freshToken().catch(() => {});
    },
  });
}
