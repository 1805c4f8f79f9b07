import { LoginRequired, RefreshRequired } from './bff-error.ts';
import { parseCookies } from './cookies.ts';
import type { BffDeps } from './deps.ts';
import type { Session } from './session.ts';

/** One request's view of its session, and the cookies that are to be set with its answer. */
export interface Visit {
  readonly cookies: ReadonlyMap<string, string>;
  /** `Set-Cookie` lines so far. */
  readonly setCookies: readonly string[];
  setCookie(...lines: readonly string[]): void;
  /** The session as it came, loaded once. */
  session(): Promise<Session | undefined>;
  /** The session with a good access token. Throws `LoginRequired` or `IssuerUnavailable`. */
  freshSession(): Promise<Session>;
  /** The session as it came, if its access token has not expired. Throws `LoginRequired` or `RefreshRequired`. */
  unexpiredSession(): Promise<Session>;
}

/** Creates the view of a request's headers. */
export function createVisit(deps: BffDeps, headers: Headers): Visit {
  const { keeper, refresher, now } = deps;
  const cookies = parseCookies(headers);
  const setCookies: string[] = [];
  let loaded: Promise<Session | undefined> | undefined;
  const session = () => {
    loaded ??= keeper.load(cookies);
    return loaded;
  };
  const signedIn = async () => {
    const current = await session();
    if (current === undefined)
      throw new LoginRequired('login_required', 'Nobody is signed in. Sign in first.');
    return current;
  };
  return {
    cookies,
    setCookies,
    setCookie: (...lines) => void setCookies.push(...lines),
    session,
    async freshSession() {
      const current = await signedIn();
      try {
        const fresh = await refresher.freshen(current);
        if (fresh === current) return current;
        loaded = Promise.resolve(fresh);
        setCookies.push(...(await keeper.cookiesAfterUpdate(fresh, cookies)));
        return fresh;
      } catch (error) {
        if (error instanceof LoginRequired) {
          loaded = Promise.resolve(undefined);
          setCookies.push(...keeper.removeCookies(cookies));
        }
        throw error;
      }
    },
    async unexpiredSession() {
      const current = await signedIn();
      if (current.expiresAtMs > now()) return current;
      throw new RefreshRequired(
        'refresh_required',
        'The access token has expired. Refresh it with getAccessToken() where cookies can be set.',
      );
    },
  };
}
