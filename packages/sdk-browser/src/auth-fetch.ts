import type { AuthClient } from './auth-client.ts';
import { ConfigurationError, StepUpRequired } from './auth-error.ts';
import { bffFetchOf } from './bff/bff-fetch.ts';

/** What `createAuthFetch` takes. */
export type AuthFetchOptions = {
  /** Origins that get the token besides the page's own: `https://api.example.com`. */
  readonly apiOrigins?: readonly string[] | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
};

/**
 * A `fetch` that adds the access token for this origin and `apiOrigins`, and for nothing else: other requests pass
 * unchanged. Throws as `getAccessToken()` does, and `StepUpRequired` when the API asks for a stronger sign-in (RFC 9470 §3).
 */
export function createAuthFetch(
  client: Pick<AuthClient, 'getAccessToken'>,
  options: AuthFetchOptions = {},
): typeof globalThis.fetch {
  const bffFetch = bffFetchOf(client, options, throwStepUp);
  if (bffFetch !== undefined) return bffFetch;
  const apiOrigins = new Set((options.apiOrigins ?? []).map(parseOrigin));
  return async (input, init) => {
    const fetchWith = options.fetch ?? globalThis.fetch;
    const here = window.location;
    const address = input instanceof Request ? input.url : String(input);
    const { origin } = new URL(address, document.baseURI);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    const isOurs = origin === here.origin || apiOrigins.has(origin);
    if (!isOurs || headers.has('authorization')) return fetchWith(input, init);
    headers.set('authorization', `Bearer ${await client.getAccessToken()}`);
    const response = await fetchWith(input, { ...init, headers });
    if (response.status === 401) throwStepUp(response.headers.get('www-authenticate'));
    return response;
  };
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
