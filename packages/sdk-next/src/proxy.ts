import type { Bff } from '@latchkey/bff';
import { NextResponse } from 'next/server.js';
import { addressOf, isBelow } from './addresses.ts';
import type { AuthOptions } from './auth-options.ts';
import { mergeCookies } from './merge-cookies.ts';
import { isNavigation, refuse } from './refuse.ts';

/** What `proxy` takes. */
export interface ProxyOptions {
  /** Paths that need a signed-in user, each with everything below it: `['/account']`. Or a function of the decoded path. */
  readonly protect?: readonly string[] | ((path: string) => boolean) | undefined;
}

/** Tells server components which path they render. */
export const PATH_HEADER = 'x-latchkey-path';

/**
 * Creates the function of `proxy.ts`. Before a page is rendered it refreshes the token where that is due, as pages cannot set cookies,
 * and sends people who are not signed in from protected paths to sign in and back.
 */
export function createProxy(
  bff: () => Bff,
  options: AuthOptions,
  { protect = [] }: ProxyOptions,
): (request: Request) => Promise<Response> {
  const { basePath = '/auth', apis = {} } = options;
  // The route handlers of these refresh for themselves.
  const handled = [basePath, ...Object.keys(apis)];
  const isProtected =
    typeof protect === 'function'
      ? protect
      : (path: string) => protect.some((prefix) => isBelow(path, prefix));
  return async (request) => {
    const url = new URL(request.url);
    if (handled.some((prefix) => isBelow(url.pathname, prefix))) return NextResponse.next();
    const visit = new Headers(request.headers);
    const isSignedIn = await refreshSession(bff(), visit);
    const cookies = bff().setCookies(visit);
    // The router's own parameter is no part of the address.
    url.searchParams.delete('_rsc');
    const path = `${url.pathname}${url.search}`;
    if (!isSignedIn && isProtected(decodePath(url.pathname)))
      return withCookies(sendToSignIn(request, addressOf(basePath, 'sign-in', path), options), cookies);
    const headers = new Headers(request.headers);
    headers.set('cookie', mergeCookies(headers.get('cookie') ?? '', cookies));
    headers.set(PATH_HEADER, path);
    return withCookies(NextResponse.next({ request: { headers } }), cookies);
  };
}

/** Refreshes the session of a visit where that is due. Resolves to whether somebody is signed in. */
async function refreshSession(bff: Bff, visit: Headers): Promise<boolean> {
  if ((await bff.getSession(visit)) === undefined) return false;
  // A session that has ended is gone afterwards. Any other failure says nothing about it; what needs the token meets it.
  await bff.getAccessToken(visit).catch(() => undefined);
  return (await bff.getSession(visit)) !== undefined;
}

function sendToSignIn(request: Request, address: string, { baseUrl }: AuthOptions): Response {
  // Refused, the router in the page lets the browser open the path, which then is a navigation.
  if (!isNavigation(request.headers))
    return refuse(401, 'login_required', 'Nobody is signed in. Sign in first.');
  return new Response(null, {
    status: 303,
    headers: { location: new URL(address, baseUrl).href, 'cache-control': 'no-store' },
  });
}

// A shared cache must not keep what has somebody's cookies on it.
function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const line of cookies) response.headers.append('set-cookie', line);
  if (cookies.length > 0) response.headers.set('cache-control', 'private, no-store');
  return response;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
