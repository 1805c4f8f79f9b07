import { type Bff, type BffSession, ConfigurationError, RefreshRequired } from '@latchkey/bff';
import { headers } from 'next/headers.js';
import { addressOf, findApiAddress } from './addresses.ts';
import type { AuthOptions } from './auth-options.ts';
import { createHandlers, type RouteHandlers } from './handlers.ts';
import { createProxy, PATH_HEADER, type ProxyOptions } from './proxy.ts';
import { redirectTo } from './redirect-to.ts';
import { shareBff } from './share-bff.ts';

/** What `requireSession` takes. */
export interface RequireSessionOptions {
  /** The path to come back to after signing in. Default: the path that is rendered, where `proxy` runs for it, else `/`. */
  readonly returnTo?: string | undefined;
}

/** The session of the person who visits, for server components, route handlers, server actions and `proxy.ts`. */
export interface Auth {
  /** Who is signed in; null when nobody is. Asks nobody and refreshes nothing. */
  (): Promise<BffSession | null>;
  /** The same under its name. */
  getSession(): Promise<BffSession | null>;
  /** Who is signed in. Sends everybody else to sign in and back here. */
  requireSession(options?: RequireSessionOptions): Promise<BffSession>;
  /**
   * Calls an API of `apis` as the user, by its address or by the path under which the browser calls it. Throws `LoginRequired` when nobody
   * is signed in. A token that ended while the page was rendered is refreshed by a detour of the browser.
   */
  fetch(address: string | URL, init?: RequestInit): Promise<Response>;
  /**
   * A route handler for each method. Export them from `app/auth/[...latchkey]/route.ts` and, where the browser calls an API,
   * from `app/api/[...path]/route.ts`.
   */
  readonly handlers: RouteHandlers;
  /** The function of `proxy.ts` (`middleware.ts` before Next.js 16): refreshes tokens and guards paths. */
  proxy(options?: ProxyOptions): (request: Request) => Promise<Response>;
}

/**
 * Creates the sign-in of an app; once, in a module that the others import. Options are checked at the first request, so that
 * an app can be built without its secrets. Then `ConfigurationError` says what is missing or wrong.
 */
export function createAuth(options: AuthOptions): Auth {
  const bff = () => shareBff(options);
  const basePath = options.basePath ?? '/auth';
  const getSession = async () => {
    // First of all, as it tells Next.js that this cannot be rendered ahead, when the options may be missing.
    const visit = await visitor();
    return (await bff().getSession(visit)) ?? null;
  };
  const handlers = createHandlers(bff, basePath);
  return Object.assign(() => getSession(), {
    getSession,
    async requireSession({ returnTo }: RequireSessionOptions = {}) {
      const session = await getSession();
      if (session !== null) return session;
      return redirectTo(addressOf(basePath, 'sign-in', returnTo ?? pathOf(await visitor()) ?? '/'));
    },
    fetch: (address: string | URL, init: RequestInit = {}) => callApi(bff, options, basePath, address, init),
    handlers,
    proxy: (proxyOptions: ProxyOptions = {}) => createProxy(bff, options, proxyOptions),
  });
}

async function callApi(
  bff: () => Bff,
  options: AuthOptions,
  basePath: string,
  address: string | URL,
  init: RequestInit,
): Promise<Response> {
  const visit = await visitor();
  // A server component cannot set cookies. With a store there are none to set; else proxy.ts has just refreshed.
  const refresh = options.store === undefined ? 'never' : 'when-due';
  try {
    return await bff().fetch(visit, findApiAddress(options.apis, address), init, { refresh });
  } catch (error) {
    if (!(error instanceof RefreshRequired)) throw error;
    const path = pathOf(visit);
    if (path === undefined)
      throw new ConfigurationError(
        'proxy_not_running',
        'The access token has expired, and proxy.ts does not run for this path, which would refresh it. Add the path to config.matcher of proxy.ts.',
        { cause: error },
      );
    return redirectTo(addressOf(basePath, 'refresh', path));
  }
}

const visits = new WeakMap<object, Headers>();

// Next gives the same object throughout a request, and a session is read once for each object.
async function visitor(): Promise<Headers> {
  const given = await headers();
  const visit = visits.get(given) ?? new Headers(given);
  visits.set(given, visit);
  return visit;
}

// Set by proxy.ts. Where it does not run a visitor may have written it, and chosen where to come back to on this origin.
function pathOf(visit: Headers): string | undefined {
  return visit.get(PATH_HEADER) ?? undefined;
}
