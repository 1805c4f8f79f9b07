import { AuthError, ConfigurationError, LoginRequired } from '../auth-error.ts';
import { type AuthState, createStateStore, type StateStore } from '../auth-state.ts';
import type { SignInOptions } from '../authorize-request.ts';
import type { Page } from '../page.ts';
import { parseReturnTo } from '../return-to.ts';
import { type BffEndpoints, createBffEndpoints } from './bff-endpoints.ts';
import { rememberBffClient } from './bff-fetch.ts';
import type { BffClientOptions } from './bff-options.ts';

const PREFIX = 'latchkey:sign-out:';

type Opened = { readonly page: Page; readonly endpoints: BffEndpoints; readonly tabs: Tabs };

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
      const endpoints = createBffEndpoints(
        basePath,
        options.fetch ?? ((...call) => globalThis.fetch(...call)),
      );
      opened = { page, endpoints, tabs: createTabs(page, basePath, state, () => load(endpoints, state)) };
    }
    return opened;
  };
  const start = () => {
    isWanted = true;
    const { page, endpoints, tabs } = open();
    tabs.open();
    unwatch ??= page.watch({
      hidden: tabs.close,
      // What other tabs said meanwhile was missed.
      shown() {
        tabs.open();
        if (booted !== undefined) void load(endpoints, state);
      },
    });
    booted ??= boot(open(), state, options);
    return booted;
  };
  const client = {
    subscribe: state.subscribe,
    getSnapshot: state.get,
    start,
    signIn: async (signInOptions?: SignInOptions) => leave(open(), signInOptions ?? {}),
    // The server takes the answer of the issuer, so a window would have nothing to hand back: the page goes itself.
    signInWithPopup: async (signInOptions?: SignInOptions) => leave(open(), signInOptions ?? {}),
    signUp: async (signInOptions?: SignInOptions) => leave(open(), { ...signInOptions, prompt: 'create' }),
    signOut: async (signOutOptions?: { readonly returnTo?: string | undefined }) =>
      signOut(open(), state, signOutOptions?.returnTo),
    getAccessToken: async () => refuseToken(),
    getAuthHeaders: async () => refuseToken(),
    switchOrganization: async (organization: string) => leave(open(), { organization }),
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

async function boot(
  { page, endpoints, tabs }: Opened,
  state: StateStore,
  options: BffClientOptions,
): Promise<void> {
  finishSignOut(page, options.onReturn ?? ((returnTo) => page.replaceUrl(returnTo)));
  await load(endpoints, state);
  const { user } = state.get();
  if (user !== undefined) tabs.announce({ kind: 'signed-in', userId: user.id });
}

/** Asks who is signed in and puts it into the state, unless that says so already. Never rejects. */
async function load(endpoints: BffEndpoints, state: StateStore): Promise<void> {
  let next: AuthState;
  try {
    const { user, error } = await endpoints.session();
    next =
      error !== undefined && user === undefined
        ? stateAfter(error)
        : user === undefined
          ? signedOutAfter(state.get())
          : { status: 'signed-in', user };
  } catch (thrown) {
    const error = thrown instanceof AuthError ? thrown : new AuthError('unknown', String(thrown));
    // Without a network whoever was signed in stays so.
    if (state.get().status !== 'loading') return;
    next = { status: 'error', error };
  }
  if (!isSame(state.get(), next)) state.set(next);
}

// Of a sign-in without a page (prompt=none) that nobody is signed in is the answer, not a failure.
function stateAfter(error: AuthError): AuthState {
  return error instanceof LoginRequired
    ? { status: 'signed-out', reason: 'none' }
    : { status: 'error', error };
}

function signedOutAfter(before: AuthState): AuthState {
  if (before.status === 'signed-out' || before.status === 'error') return before;
  return { status: 'signed-out', reason: before.status === 'signed-in' ? 'expired' : 'none' };
}

function isSame(before: AuthState, next: AuthState): boolean {
  return before === next || JSON.stringify(before) === JSON.stringify(next);
}

async function leave(
  { page, endpoints }: Opened,
  options: SignInOptions & { readonly organization?: string | undefined },
) {
  if (options.scope !== undefined)
    throw new ConfigurationError(
      'scope_in_bff_mode',
      'In bff mode the server decides about the scope. Set it in createBff({ scope }).',
    );
  const here = new URL(page.href());
  const wanted = options.returnTo ?? `${here.pathname}${here.search}${here.hash}`;
  const parameters = {
    returnTo: parseReturnTo(wanted, page.origin) ?? '/',
    prompt: options.prompt,
    max_age: options.maxAge?.toString(),
    acr_values: options.acrValues,
    login_hint: options.loginHint,
    ui_locales: options.uiLocales,
    organization: options.organization,
  };
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  page.navigate(await endpoints.signIn(new URLSearchParams(given)));
}

async function signOut(
  { page, endpoints, tabs }: Opened,
  state: StateStore,
  wanted: string | undefined,
): Promise<void> {
  const returnTo = parseReturnTo(wanted, page.origin);
  let address: string;
  try {
    address = await endpoints.signOut();
  } finally {
    // Without an answer of the issuer the session here has ended all the same.
    tabs.announce({ kind: 'signed-out' });
    state.set({ status: 'signed-out', reason: 'sign-out' });
  }
  const url = new URL(address, page.origin);
  if (url.origin === page.origin) {
    page.navigate(returnTo ?? url.href);
    return;
  }
  if (returnTo !== undefined && url.searchParams.has('post_logout_redirect_uri')) {
    const key = crypto.randomUUID();
    url.searchParams.set('state', key);
    page.sessionStorage?.setItem(PREFIX + key, returnTo);
  }
  page.navigate(url.href);
}

/** Back from the issuer's sign-out: shows the wanted path. */
function finishSignOut(page: Page, onReturn: (returnTo: string) => void): void {
  const key = new URL(page.href()).searchParams.get('state');
  const returnTo = parseReturnTo(page.sessionStorage?.getItem(PREFIX + key) ?? undefined, page.origin);
  if (returnTo === undefined) return;
  page.sessionStorage?.removeItem(PREFIX + key);
  onReturn(returnTo);
}

type TabMessage = { readonly kind: 'signed-in'; readonly userId: string } | { readonly kind: 'signed-out' };
type Tabs = { open(): void; close(): void; announce(message: TabMessage): void };

/** What tabs of this origin tell each other; nothing in it is secret. */
function createTabs(page: Page, basePath: string, state: StateStore, reload: () => Promise<void>): Tabs {
  let channel: BroadcastChannel | undefined;
  const onMessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.kind === 'signed-out') state.set({ status: 'signed-out', reason: 'sign-out' });
    // Who it is, this tab asks the server itself.
    else if (state.get().user?.id !== data.userId) void reload();
  };
  return {
    open() {
      channel ??= page.openChannel(`latchkey:bff:${basePath}`);
      if (channel !== undefined) channel.onmessage = onMessage;
    },
    close() {
      channel?.close();
      channel = undefined;
    },
    announce: (message) => channel?.postMessage(message),
  };
}
