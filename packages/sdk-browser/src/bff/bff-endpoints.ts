import {
  type AuthError,
  CallbackError,
  ConfigurationError,
  LoginRequired,
  NetworkError,
} from '../auth-error.ts';
import { isRecord, textOf } from '../json.ts';
import { parseClaims } from '../session.ts';
import type { AuthUser } from '../user.ts';

/** The header that tells the backend for frontend that a script of its own origin asks. */
export const CSRF_HEADER = 'x-latchkey-csrf';
const ERROR_HEADER = 'x-latchkey-error';

/** What `session` says. */
export type BffSession = { readonly user: AuthUser | undefined; readonly error: AuthError | undefined };

/** The endpoints of the backend for frontend. They throw `AuthError`. */
export type BffEndpoints = {
  session(): Promise<BffSession>;
  /** The issuer's address, with which the sign-in begins. */
  signIn(parameters: URLSearchParams): Promise<string>;
  /** Ends the session; resolves to the issuer's address that ends the session there. */
  signOut(): Promise<string>;
};

/** Creates the calls. `basePath` is a path of this origin. */
export function createBffEndpoints(basePath: string, fetchWith: typeof globalThis.fetch): BffEndpoints {
  const call = async (path: string, method: 'GET' | 'POST'): Promise<Record<string, unknown>> => {
    let response: Response;
    try {
      response = await fetchWith(`${basePath}/${path}`, {
        method,
        headers: { accept: 'application/json', [CSRF_HEADER]: '1' },
        credentials: 'same-origin',
        cache: 'no-store',
      });
    } catch (cause) {
      throw new NetworkError('network_error', 'Could not reach the server of this app. Try again.', {
        cause,
      });
    }
    const refused = await refusalOf(response);
    if (refused !== undefined) throw refused;
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && isRecord(body)) return body;
    throw new ConfigurationError(
      'no_bff',
      `${basePath}/${path} answered ${response.status} and no JSON. Serve @latchkey/bff there, or set basePath to where it is.`,
    );
  };
  const addressOf = (body: Record<string, unknown>): string => textOf(body.redirectTo) ?? '/';
  return {
    async session() {
      const { user, error } = await call('session', 'GET');
      return { user: parseUser(user), error: parseNotice(error) };
    },
    signIn: async (parameters) => addressOf(await call(`sign-in?${parameters}`, 'GET')),
    signOut: async () => addressOf(await call('sign-out', 'POST')),
  };
}

/** The error of a refusal of the backend for frontend itself; undefined for every other answer. */
export async function refusalOf(response: Response): Promise<AuthError | undefined> {
  const code = response.headers.get(ERROR_HEADER);
  if (code === null) return undefined;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const detail = (isRecord(body) ? textOf(body.detail) : undefined) ?? `The server answered "${code}".`;
  if (code === 'login_required') return new LoginRequired(code, detail);
  if (code === 'issuer_unavailable') return new NetworkError(code, detail);
  return ['api_unavailable', 'api_timeout', 'retry'].includes(code)
    ? undefined
    : new ConfigurationError(code, detail);
}

// It comes from this origin's own server, which has checked it; what is missing is filled in.
function parseUser(value: unknown): AuthUser | undefined {
  const claims = isRecord(value) ? parseClaims(value.claims) : undefined;
  if (!isRecord(value) || claims === undefined) return undefined;
  const text = (name: string) => textOf(value[name]);
  const roles: readonly unknown[] = Array.isArray(value.roles) ? value.roles : [];
  return {
    id: claims.sub,
    name: text('name'),
    givenName: text('givenName'),
    familyName: text('familyName'),
    email: text('email'),
    emailVerified: value.emailVerified === true,
    picture: text('picture'),
    loginName: text('loginName'),
    roles: roles.filter((role) => typeof role === 'string'),
    claims,
  };
}

function parseNotice(value: unknown): AuthError | undefined {
  if (!isRecord(value)) return undefined;
  const [code, message] = [textOf(value.code), textOf(value.message) ?? 'The sign-in failed. Sign in again.'];
  if (code === undefined) return undefined;
  if (code === 'login_required') return new LoginRequired(code, message);
  return code === 'issuer_unavailable' ? new NetworkError(code, message) : new CallbackError(code, message);
}
