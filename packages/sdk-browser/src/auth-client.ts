import { type AccessTokenOptions, keyOfOptions } from './access-token-options.ts';
import { type AuthState, createStateStore } from './auth-state.ts';
import type { SignInOptions } from './authorize-request.ts';
import { createBffClient } from './bff/bff-client.ts';
import type { BffClientOptions } from './bff/bff-options.ts';
import { finishSignIn, parseAnswer } from './callback.ts';
import { buildParts, type ClientParts } from './client-parts.ts';
import { findPeerSession } from './find-peer-session.ts';
import { finishSignOut } from './finish-sign-out.ts';
import type { Grant } from './grant-store.ts';
import { loadPart } from './load-part.ts';
import { openBrowserPage, type Page } from './page.ts';
import type { PopupSignInOptions } from './popup.ts';
import { answerOpener, isPopupState } from './popup-answer.ts';
import { isFresh } from './session.ts';
import type { SessionWork } from './session-work.ts';
import { type AuthClientOptions, parseSettings } from './settings.ts';
import type { SignOutOptions } from './sign-out.ts';
import { toAuthError } from './to-auth-error.ts';

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
  /**
   * The same in a window, so that this page stays as it is. Call it directly in the handler of a click. Resolves when the user is
   * signed in; throws `PopupError` when the window is blocked or closed.
   */
  signInWithPopup(options?: PopupSignInOptions): Promise<void>;
  /** The same, but opens the registration page (`prompt=create`). */
  signUp(options?: Omit<SignInOptions, 'prompt'>): Promise<void>;
  /** Signs out in all tabs and at the issuer. */
  signOut(options?: SignOutOptions): Promise<void>;
  /**
   * A token that is not expired: the session's, or one for a resource, a narrower scope or another organization. Throws
   * `LoginRequired`, `NetworkError`, `ConsentRequired` or another `AuthError`. One bound to a key (DPoP, RFC 9449) works with
   * a proof only: `createAuthFetch` and `getAuthHeaders` send one.
   */
  getAccessToken(options?: AccessTokenOptions): Promise<string>;
  /**
   * The headers that authorize one request, for clients other than `createAuthFetch`: `authorization`, and `dpop` where the
   * token is bound to a key. Good for this method and address, once. Throws as `getAccessToken()` does.
   */
  getAuthHeaders(request: AuthorizedRequest, options?: AccessTokenOptions): Promise<AuthHeaders>;
  /**
   * Goes on in another organization of the user: silently where the issuer allows that, else on the issuer's pages and back.
   * Resolves when the session is the new one or the browser is on its way.
   */
  switchOrganization(organization: string): Promise<void>;
  /** Stops listening to other tabs and to the page; `start()` resumes. */
  stop(): void;
};

/** A request that is about to be sent. */
export type AuthorizedRequest = {
  /** Absolute. */
  readonly url: string;
  /** Default: `GET`. */
  readonly method?: string | undefined;
  /** The last `DPoP-Nonce` the API sent. RFC 9449 §9. */
  readonly nonce?: string | undefined;
  /** The API's time in epoch milliseconds, where its `Date` shows that the clocks differ. Default: the issuer's. */
  readonly nowMs?: number | undefined;
};

/** Header fields to add to a request. */
export type AuthHeaders = { readonly authorization: string; readonly dpop?: string };

/** Creates a client. Touches no browser API before `start()`, so it may run on a server. Throws `ConfigurationError`. */
export function createAuthClient(options: AuthClientOptions | BffClientOptions): AuthClient {
  if (options.mode === 'bff') return createBffClient(openBrowserPage, options);
  return createAuthClientOn(openBrowserPage, options);
}

/** The same on a page of the caller's making. */
export function createAuthClientOn(openPage: () => Page, options: AuthClientOptions): AuthClient {
  const settings = parseSettings(options);
  const state = createStateStore(options.initialState ?? { status: 'loading' });
  let opened: OpenClient | undefined;
  let booted: Promise<void> | undefined;
  let popup: Promise<void> | undefined;
  let unwatch: (() => void) | undefined;
  let isWanted = false;
  const open = () => {
    opened ??= openClient((onRenew) => buildParts(settings, options, openPage(), state, onRenew));
    return opened;
  };
  const start = () => {
    isWanted = true;
    const client = open();
    client.parts.tabs.open();
    unwatch ??= watch(client);
    booted ??= boot(client);
    return booted;
  };
  const freshGrant = async (tokenOptions: AccessTokenOptions = {}): Promise<Grant> => {
    await (booted ?? start());
    const { parts, work } = open();
    if (keyOfOptions(tokenOptions) !== undefined) return (await work()).freshTargetToken(tokenOptions);
    const session = parts.sessions.current();
    // The usual case needs nothing but what is here.
    if (session !== undefined && isFresh(session, parts.nowMs())) return session;
    return (await work()).freshSession();
  };
  return {
    subscribe: state.subscribe,
    getSnapshot: state.get,
    start,
    signIn: async (signInOptions) => (await open().work()).signIn(signInOptions ?? {}),
    signUp: async (signInOptions) => (await open().work()).signIn({ ...signInOptions, prompt: 'create' }),
    signInWithPopup(popupOptions = {}) {
      const { parts, work } = open();
      parts.tabs.open();
      // At once: browsers open windows only while the click is being handled.
      const opening = popup === undefined ? parts.page.openPopup() : undefined;
      popup ??= work()
        .then((loaded) => loaded.signInThrough(opening, popupOptions))
        .finally(() => {
          popup = undefined;
        });
      return popup;
    },
    signOut: async (signOutOptions) => (await open().work()).signOut(signOutOptions ?? {}),
    getAccessToken: async (tokenOptions) => (await freshGrant(tokenOptions)).accessToken,
    async getAuthHeaders(request, tokenOptions) {
      return authHeaders(open().parts, request, await freshGrant(tokenOptions));
    },
    async switchOrganization(organization) {
      await (booted ?? start());
      await (await open().work()).switchOrganization(organization);
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

type OpenClient = {
  readonly parts: ClientParts;
  /** The part that works with sessions. */
  work(): Promise<SessionWork>;
};

function openClient(build: (onRenew: () => void) => ClientParts): OpenClient {
  const work = loadPart(async () => {
    const { createSessionWork } = await import('./session-work.ts');
    return createSessionWork(parts);
  });
  const parts = build(() => void work().then((loaded) => loaded.renewForPeer()));
  return { parts, work };
}

async function boot({ parts, work }: OpenClient): Promise<void> {
  const answer = parseAnswer(parts.page.href(), parts.redirectUri);
  // Needed soon in any case. A failure comes up again where it matters.
  const loading = work();
  loading.catch(() => {});
  if (answer === undefined) {
    finishSignOut(parts);
    await findPeerSession(parts);
    if (parts.sessions.current() !== undefined) return;
    try {
      return await (await loading).restore();
    } catch (thrown) {
      return parts.state.set({ status: 'error', error: toAuthError(thrown) });
    }
  }
  // In the hidden frame of a silent sign-in the page around it does the rest; this copy of the app stays loading.
  if (parts.page.answerSilentParent(answer.state) === 'answered') return;
  // Not a moment later, so that another client of this page finds the answer taken.
  if (!isPopupState(answer.state)) return finishSignIn(parts, answer);
  if ((await answerOpener(parts.page, answer.state)) === 'alone') return finishSignIn(parts, answer);
  // A window that may not close itself goes on as a tab of the app.
  parts.page.replaceUrl(answer.cleanUrl);
  await findPeerSession(parts);
  if (parts.sessions.current() === undefined) parts.state.set({ status: 'signed-out', reason: 'none' });
}

// RFC 9449 §7.1: the scheme goes with the token, and a bound one with a proof for this very request.
async function authHeaders(
  parts: ClientParts,
  request: AuthorizedRequest,
  grant: Grant,
): Promise<AuthHeaders> {
  const { accessToken, keyThumbprint } = grant;
  if (keyThumbprint === undefined) return { authorization: `Bearer ${accessToken}` };
  const { url, method = 'GET', nonce, nowMs } = request;
  const dpop = await parts.vault.sign({ url, method, accessToken, keyThumbprint, nonce, nowMs });
  return { authorization: `DPoP ${accessToken}`, dpop };
}

// A frozen page (back-forward cache, background tab) misses what other tabs say, so it looks again when it is seen.
// The channel is closed while hidden for good: an open one would keep some browsers from caching the page.
function watch({ parts, work }: OpenClient): () => void {
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
        parts.dropSession();
        state.set({ status: 'signed-out', reason: 'sign-out' });
        return;
      }
      // A failure shows in the state, or again at the next getAccessToken().
      if (isFresh(session, parts.nowMs())) return;
      work()
        .then((loaded) => loaded.freshSession())
        .catch(() => {});
    },
  });
}
