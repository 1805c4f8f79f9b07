import { browserState, buildStateCookie } from './browser-sessions.ts';
import { cookieName } from './cookies.ts';
import { addCookie, cookie, cookieLines, type RequestContext } from './http.ts';
import { randomId, sha256Hex } from './random.ts';

type Headers = Readonly<Record<string, string>>;

/** The state that an answer's own cookies give the browser, which count before those of the request. */
function stateOfAnswer(context: RequestContext, headers: Headers): string | undefined {
  const start = `${cookieName('state', context.instance.origin)}=`;
  const line = cookieLines(headers).findLast((candidate) => candidate.startsWith(start));
  return line?.slice(start.length).split(';', 1)[0];
}

/**
 * `session_state` of an authorization response: what lets the application's page ask our frame whether the browser's
 * sign-ins have changed, and no other page, since it is bound to client and origin and salted. `headers` are those of the
 * answer so far, with the cookies of a sign-in just made. `undefined` for an address without an origin, where no page is
 * (OpenID Connect Session Management 1.0 §2, §3.2).
 */
export function sessionState(
  context: RequestContext,
  clientId: string,
  redirectUri: string,
  headers: Headers = {},
): string | undefined {
  const { origin } = new URL(redirectUri);
  if (origin === 'null') return undefined;
  const state = stateOfAnswer(context, headers) ?? browserState(context);
  const salt = randomId();
  return `${sha256Hex(`${clientId} ${origin} ${state} ${salt}`)}.${salt}`;
}

/** The headers of an answer, with the cookie our frame reads where the browser has lost it or holds an old one. */
export function withBrowserState(context: RequestContext, headers: Headers = {}): Headers {
  const state = browserState(context);
  if (stateOfAnswer(context, headers) !== undefined || (cookie(context, 'state') ?? '') === state)
    return headers;
  return addCookie(headers, buildStateCookie(context, state));
}
