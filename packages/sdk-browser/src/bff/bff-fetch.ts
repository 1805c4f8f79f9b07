import type { AuthError } from '../auth-error.ts';
import { ConfigurationError, LoginRequired } from '../auth-error.ts';

/** What the fetch of a client in bff mode needs of it. */
type BffHandle = {
  /** Resolves when it is known who is signed in. */
  ready(): Promise<void>;
  isSignedOut(): boolean;
  onExpired(error: AuthError): void;
};

const handles = new WeakMap<object, BffHandle>();

/** Lets `createAuthFetch` know a client in bff mode. */
export function rememberBffClient(client: object, handle: BffHandle): void {
  handles.set(client, handle);
}

/**
 * A `fetch` for a client in bff mode; undefined for any other client. It adds the CSRF header for this origin and no token
 * anywhere. Throws `LoginRequired`, `NetworkError` and what `throwStepUp` finds in a 401.
 */
export function bffFetchOf(
  client: object,
  options: {
    readonly apiOrigins?: readonly string[] | undefined;
    readonly fetch?: typeof globalThis.fetch | undefined;
  },
  throwStepUp: (challenge: string | null) => void,
): typeof globalThis.fetch | undefined {
  const handle = handles.get(client);
  if (handle === undefined) return undefined;
  refuseForeign(options.apiOrigins ?? []);
  return async (input, init) => {
    const fetchWith = options.fetch ?? globalThis.fetch;
    const isRequest = input instanceof Request;
    const { origin } = new URL(isRequest ? input.url : String(input), document.baseURI);
    if (origin !== window.location.origin) return fetchWith(input, init);
    await handle.ready();
    const { CSRF_HEADER, refusalOf } = await import('./bff-endpoints.ts');
    if (handle.isSignedOut())
      throw new LoginRequired('login_required', 'Nobody is signed in. Call signIn().');
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    headers.set(CSRF_HEADER, '1');
    const response = await fetchWith(input, { ...init, headers });
    const refused = await refusalOf(response);
    if (refused instanceof LoginRequired) handle.onExpired(refused);
    if (refused !== undefined) throw refused;
    if (response.status === 401) throwStepUp(response.headers.get('www-authenticate'));
    return response;
  };
}

function refuseForeign(apiOrigins: readonly string[]): void {
  const here = typeof window === 'undefined' ? undefined : window.location.origin;
  const foreign = apiOrigins.find((value) => !URL.canParse(value) || new URL(value).origin !== here);
  if (foreign === undefined || here === undefined) return;
  throw new ConfigurationError(
    'api_origin_in_bff_mode',
    `In bff mode requests go to this origin only. Take "${foreign}" out of apiOrigins, list the API in createBff({ apis }) and call it by its path here.`,
  );
}
