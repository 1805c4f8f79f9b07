import { AuthError, ConfigurationError } from '../auth-error.ts';
import { createStateStore, type StateStore } from '../auth-state.ts';
import type { SignInOptions } from '../authorize-request.ts';
import { loadPart } from '../load-part.ts';
import type { Page } from '../page.ts';
import { rememberBffClient } from './bff-fetch.ts';
import type { BffClientOptions } from './bff-options.ts';
import { createTabs, type Tabs } from './bff-tabs.ts';
import type { BffWork } from './bff-work.ts';

type Opened = { readonly page: Page; readonly tabs: Tabs; work(): Promise<BffWork> };

/**
 * The client of an app behind `@latchkey/bff`: state, sign-in and sign-out as ever, while tokens stay on the server. Throws
 * `ConfigurationError` for a base path that is none.
 */
export function createBffClient(openPage: () => Page, options: BffClientOptions) {
  const basePath = parseBasePath(options.basePath ?? '/auth');
  const state = createStateStore(options.initialState ?? { status: 'loading' });
  let opened: Opened | undefined;
  let booted: Promise<void> | undefined;
  let unwatch: (() => void) | undefined;
  let isWanted = false;
  const open = (): Opened => {
    if (opened === undefined) {
      const page = openPage();
      const work = loadPart(async () => {
        const { createBffWork } = await import('./bff-work.ts');
        return createBffWork({
          page,
          tabs,
          state,
          basePath,
          fetch: options.fetch ?? ((...call) => globalThis.fetch(...call)),
          onReturn: options.onReturn ?? ((returnTo) => page.replaceUrl(returnTo)),
        });
      });
      const tabs = createTabs(page, basePath, state, async () => (await work()).load());
      opened = { page, tabs, work };
    }
    return opened;
  };
  const start = () => {
    isWanted = true;
    const { page, tabs, work } = open();
    tabs.open();
    unwatch ??= page.watch({
      hidden: tabs.close,
      // What other tabs said meanwhile was missed.
      shown() {
        tabs.open();
        if (booted !== undefined) void work().then((loaded) => loaded.load());
      },
    });
    booted ??= boot(open(), state);
    return booted;
  };
  const client = {
    subscribe: state.subscribe,
    getSnapshot: state.get,
    start,
    signIn: async (signInOptions?: SignInOptions) => (await open().work()).leave(signInOptions ?? {}),
    // The server takes the answer of the issuer, so a window would have nothing to hand back: the page goes itself.
    signInWithPopup: async (signInOptions?: SignInOptions) =>
      (await open().work()).leave(signInOptions ?? {}),
    signUp: async (signInOptions?: SignInOptions) =>
      (await open().work()).leave({ ...signInOptions, prompt: 'create' }),
    signOut: async (signOutOptions?: { readonly returnTo?: string | undefined }) =>
      (await open().work()).signOut(signOutOptions?.returnTo),
    getAccessToken: async () => refuseToken(),
    getAuthHeaders: async () => refuseToken(),
    switchOrganization: async (organization: string) => (await open().work()).leave({ organization }),
    stop() {
      isWanted = false;
      // Later, as a React StrictMode mount stops and starts in one go.
      queueMicrotask(() => {
        if (isWanted) return;
        unwatch?.();
        unwatch = undefined;
        opened?.tabs.close();
      });
    },
  };
  rememberBffClient(client, {
    ready: () => booted ?? start(),
    isSignedOut: () => state.get().status === 'signed-out',
    onExpired: (error) => state.set({ status: 'signed-out', reason: 'expired', error }),
  });
  return client;
}

function parseBasePath(value: string): string {
  if (/^(?:\/[\w.-]+)+$/.test(value)) return value;
  throw new ConfigurationError(
    'invalid_base_path',
    `basePath is "${value}". Write it like /auth: a path of this origin, without a slash at the end.`,
  );
}

function refuseToken(): never {
  throw new ConfigurationError(
    'no_token_in_bff_mode',
    'In bff mode the access token stays on the server. Call the API through createAuthFetch() or useAuthFetch(), by a path that the backend for frontend forwards.',
  );
}

// A part that cannot be loaded is what a server that does not answer is.
async function boot({ work }: Opened, state: StateStore): Promise<void> {
  try {
    await (await work()).boot();
  } catch (error) {
    if (error instanceof AuthError) state.set({ status: 'error', error });
    else throw error;
  }
}
