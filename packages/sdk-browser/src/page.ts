import { answerSilentParent } from './answer-silent-parent.ts';
import { ConfigurationError } from './auth-error.ts';

/** The part of a `Storage` that is used. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** A window that was opened for a sign-in. */
export type Popup = {
  navigate(url: string): void;
  /** Also true when the pages shown in it cut the tie to this one. */
  isClosed(): boolean;
  close(): void;
};

/** Everything the client asks of the browser, so that the rest needs no globals. */
export type Page = {
  readonly origin: string;
  readonly sessionStorage: PageStorage | undefined;
  readonly localStorage: PageStorage | undefined;
  readonly locks: Pick<LockManager, 'request'> | undefined;
  href(): string;
  nowMs(): number;
  navigate(url: string): void;
  /** Opens an empty window; undefined when the browser blocks it. */
  openPopup(): Popup | undefined;
  /** Closes this window, where a script may. */
  closeWindow(): void;
  hasFocus(): boolean;
  /** Changes the address without loading, and lets routers know. */
  replaceUrl(url: string): void;
  openChannel(name: string): BroadcastChannel | undefined;
  /** Loads `url` in a hidden frame and gives back the address at which it arrived, or undefined. */
  runSilentFrame(url: string, state: string, timeoutMs: number): Promise<string | undefined>;
  /** In a hidden frame of our own: hands the address to the page around it. */
  answerSilentParent(state: string): 'answered' | 'not-in-frame';
  /** Calls `hidden` when the page may be frozen and `shown` when it is seen (again). Returns the undo. */
  watch(listeners: { readonly hidden: () => void; readonly shown: () => void }): () => void;
};

/** The real page. Throws `ConfigurationError` where there is none (server rendering). */
export function openBrowserPage(): Page {
  if (typeof window === 'undefined') {
    throw new ConfigurationError(
      'no_browser',
      'Signing in needs a browser: call this in an event handler or an effect, not while rendering on a server.',
    );
  }
  return {
    origin: window.location.origin,
    sessionStorage: storageOf(() => window.sessionStorage),
    localStorage: storageOf(() => window.localStorage),
    // Typed as always there, but missing outside secure contexts and in older browsers.
    locks: 'locks' in navigator ? navigator.locks : undefined,
    href: () => window.location.href,
    nowMs: () => Date.now(),
    navigate: (url) => window.location.assign(url),
    openPopup,
    closeWindow: () => window.close(),
    hasFocus: () => document.hasFocus(),
    replaceUrl(url) {
      window.history.replaceState(window.history.state, '', url);
      window.dispatchEvent(new PopStateEvent('popstate', { state: window.history.state }));
    },
    openChannel: (name) => (typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(name)),
    runSilentFrame: async (...request) => (await import('./silent-frame.ts')).runSilentFrame(...request),
    answerSilentParent,
    watch: watchPage,
  };
}

function openPopup(): Popup | undefined {
  const width = 480;
  const height = 680;
  const left = Math.round(window.screenX + (window.outerWidth - width) / 2);
  const top = Math.round(window.screenY + (window.outerHeight - height) / 2);
  const popup = window.open('', 'latchkey', `popup,width=${width},height=${height},left=${left},top=${top}`);
  if (popup === null) return undefined;
  return {
    navigate: (url) => popup.location.replace(url),
    isClosed: () => popup.closed,
    close: () => popup.close(),
  };
}

// Reading the property alone throws where the user has blocked storage.
function storageOf(read: () => Storage): PageStorage | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function watchPage(listeners: { readonly hidden: () => void; readonly shown: () => void }): () => void {
  const onVisibility = () => {
    if (document.visibilityState === 'visible') listeners.shown();
  };
  window.addEventListener('pagehide', listeners.hidden);
  window.addEventListener('pageshow', listeners.shown);
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    window.removeEventListener('pagehide', listeners.hidden);
    window.removeEventListener('pageshow', listeners.shown);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
