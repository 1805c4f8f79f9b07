import { AuthError, ConfigurationError, LoginRequired } from '../auth-error.ts';
import type { AuthState, StateStore } from '../auth-state.ts';
import type { SignInOptions } from '../authorize-request.ts';
import type { Page } from '../page.ts';
import { parseReturnTo } from '../return-to.ts';
import { type BffEndpoints, createBffEndpoints } from './bff-endpoints.ts';
import type { Tabs } from './bff-tabs.ts';

const PREFIX = 'latchkey:sign-out:';

/** What the parts of the client that talk to the server need. */
export type BffParts = {
  readonly page: Page;
  readonly tabs: Tabs;
  readonly state: StateStore;
  readonly basePath: string;
  readonly fetch: typeof globalThis.fetch;
  readonly onReturn: (returnTo: string) => void;
};

/** What a client in bff mode asks of its server. A part of its own, loaded beside the app. */
export type BffWork = {
  boot(): Promise<void>;
  /** Asks who is signed in. Never rejects. */
  load(): Promise<void>;
  leave(options: BffSignInOptions): Promise<void>;
  signOut(returnTo: string | undefined): Promise<void>;
};

type BffSignInOptions = SignInOptions & { readonly organization?: string | undefined };
type Opened = { readonly page: Page; readonly endpoints: BffEndpoints; readonly tabs: Tabs };

/** Creates it for one client. */
export function createBffWork({ page, tabs, state, basePath, fetch, onReturn }: BffParts): BffWork {
  const endpoints = createBffEndpoints(basePath, fetch);
  const opened = { page, endpoints, tabs };
  return {
    boot: () => boot(opened, state, onReturn),
    load: () => load(endpoints, state),
    leave: (options) => leave(opened, options),
    signOut: (returnTo) => signOut(opened, state, returnTo),
  };
}

async function boot(
  { page, endpoints, tabs }: Opened,
  state: StateStore,
  onReturn: (returnTo: string) => void,
): Promise<void> {
  finishSignOut(page, onReturn);
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

async function leave({ page, endpoints }: Opened, options: BffSignInOptions) {
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
