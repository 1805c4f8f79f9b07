import type { AccessTokenOptions } from './access-token-options.ts';
import type { AuthClient, AuthHeaders } from './auth-client.ts';
import { ConfigurationError, StepUpRequired } from './auth-error.ts';
import { bffFetchOf } from './bff/bff-fetch.ts';

/** What `createAuthFetch` takes. */
export type AuthFetchOptions = {
  /** Origins that get the token besides the page's own: `https://api.example.com`. */
  readonly apiOrigins?: readonly string[] | undefined;
  /** Another access token than the session's. */
  readonly token?: AccessTokenOptions | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
};

// `Date` counts in seconds and the answer travelled.
const CLOCK_NOISE_MS = 10_000;

type TokenSource = Pick<AuthClient, 'getAccessToken'> & Partial<Pick<AuthClient, 'getAuthHeaders'>>;

/**
 * A `fetch` that adds the access token for this origin and `apiOrigins`, and for nothing else: other requests pass
 * unchanged. A token bound to a key goes with a proof, which is repeated once with the nonce an API asks for (RFC 9449 §9).
 * Redirects are not followed with a token. Throws as `getAccessToken()` does, `StepUpRequired` when the API asks for a stronger
 * sign-in (RFC 9470 §3), and `ConfigurationError` when it redirects.
 */
export function createAuthFetch(
  client: TokenSource,
  options: AuthFetchOptions = {},
): typeof globalThis.fetch {
  const bffFetch = bffFetchOf(client, options, throwStepUp);
  if (bffFetch !== undefined) return bffFetch;
  const apiOrigins = new Set((options.apiOrigins ?? []).map(parseOrigin));
  const nonces = new Map<string, string>();
  const skewsMs = new Map<string, number>();
  return async (input, init) => {
    const fetchWith = options.fetch ?? globalThis.fetch;
    const isRequest = input instanceof Request;
    const url = new URL(isRequest ? input.url : String(input), document.baseURI);
    const { origin } = url;
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    const isOurs = origin === window.location.origin || apiOrigins.has(origin);
    if (!isOurs || headers.has('authorization')) return fetchWith(input, init);
    // As fetch will spell it: "get" becomes GET, "patch" stays.
    const { method } = new Request(url, { method: init?.method ?? (isRequest ? input.method : 'GET') });
    const redirect = init?.redirect ?? (isRequest ? input.redirect : 'follow');
    let sentWithSkewMs: number | undefined;
    const send = async (): Promise<Response> => {
      const skewMs = skewsMs.get(origin);
      sentWithSkewMs = skewMs;
      const nowMs = skewMs === undefined ? undefined : Date.now() + skewMs;
      const request = { url: url.href, method, nonce: nonces.get(origin), nowMs };
      for (const [name, value] of Object.entries(await headersOf(client, request, options.token)))
        headers.set(name, value);
      // The body of a Request can be read once, and this may have to be repeated.
      const response = await fetchWith(isRequest ? input.clone() : input, {
        ...init,
        headers,
        redirect: redirect === 'follow' ? 'manual' : redirect,
      });
      const nonce = response.headers.get('dpop-nonce');
      if (nonce !== null) nonces.set(origin, nonce);
      return response;
    };
    const isRepeatable = !(init?.body instanceof ReadableStream);
    let response = await send();
    for (let repeats = 0; isRepeatable && repeats < 2; repeats += 1) {
      if (!wantsNonce(response) && !learnsTime(response, origin, skewsMs, sentWithSkewMs)) break;
      response = await send();
    }
    if (response.type === 'opaqueredirect' && redirect === 'follow') throw redirected(url);
    if (response.status === 401) throwStepUp(response.headers.get('www-authenticate'));
    return response;
  };
}

async function headersOf(
  client: TokenSource,
  request: Parameters<AuthClient['getAuthHeaders']>[0],
  token: AccessTokenOptions | undefined,
): Promise<AuthHeaders> {
  if (client.getAuthHeaders !== undefined) return client.getAuthHeaders(request, token);
  return { authorization: `Bearer ${await client.getAccessToken(token)}` };
}

function wantsNonce(response: Response): boolean {
  return response.headers.has('dpop-nonce') && isChallenge(response, 'use_dpop_nonce');
}

function isChallenge({ status, headers }: Response, error: string): boolean {
  return status === 401 && new RegExp(`error="?${error}`).test(headers.get('www-authenticate') ?? '');
}

// A proof is good for a minute or so. Of an API that refuses one and exposes its `Date` the clock is known from then on; of
// another it may still be that of this device, where the issuer's is not.
// True when the request was sent with another time, also where a parallel one has learned the difference meanwhile.
function learnsTime(
  response: Response,
  origin: string,
  skewsMs: Map<string, number>,
  sentWithSkewMs: number | undefined,
): boolean {
  if (!isChallenge(response, 'invalid_dpop_proof')) return false;
  const date = response.headers.get('date');
  const skewMs = date === null ? 0 : Date.parse(date) - Date.now();
  skewsMs.set(origin, skewMs);
  return sentWithSkewMs === undefined || Math.abs(sentWithSkewMs - skewMs) > CLOCK_NOISE_MS;
}

function redirected(url: URL): ConfigurationError {
  return new ConfigurationError(
    'api_redirects',
    `${url.origin}${url.pathname} answered with a redirect, and an access token is not sent on. Call the address it leads to.`,
  );
}

function parseOrigin(value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : 'null';
  if (origin === 'null') {
    throw new ConfigurationError(
      'invalid_api_origin',
      `"${value}" in apiOrigins is not an origin. Write it as https://api.example.com.`,
    );
  }
  return origin;
}

function throwStepUp(challenge: string | null): void {
  if (challenge === null || !/error="?insufficient_user_authentication/.test(challenge)) return;
  const maxAge = /\bmax_age="?(\d+)/.exec(challenge)?.[1];
  throw new StepUpRequired(
    'The API wants a stronger or more recent sign-in. Call signIn() with the acrValues and maxAge of this error.',
    {
      acrValues: /\bacr_values="([^"]*)"/.exec(challenge)?.[1],
      maxAge: maxAge === undefined ? undefined : Number(maxAge),
    },
  );
}
