import * as oauth from 'oauth4webapi';
import { ConfigurationError, NetworkError } from './auth-error.ts';
import { isRecord, textOf } from './json.ts';
import type { Settings } from './settings.ts';
import type { Trace } from './trace.ts';

/** The issuer as the protocol functions need it. */
export type Issuer = {
  readonly client: oauth.Client;
  readonly clientAuth: oauth.ClientAuth;
  readonly requestOptions: RequestOptions;
  /** For requests that must not be cancelled when the page is left. */
  readonly farewellOptions: RequestOptions;
  /** The discovery document, fetched once; a failure is not kept. */
  metadata(): Promise<oauth.AuthorizationServer>;
};

type RequestOptions = {
  readonly [oauth.customFetch]: (
    url: string,
    init: oauth.CustomFetchOptions<string, unknown>,
  ) => Promise<Response>;
  readonly [oauth.allowInsecureRequests]: boolean;
};

const REQUEST_TIMEOUT_MS = 15_000;
const CLOCK_TOLERANCE_SECONDS = 60;

/** Creates the issuer. Nothing is fetched before the first use. */
export function createIssuer(settings: Settings, fetchWith: typeof globalThis.fetch, trace: Trace): Issuer {
  const optionsWith = (init: RequestInit): RequestOptions => ({
    [oauth.customFetch]: reachableFetch(settings, fetchWith, init),
    [oauth.allowInsecureRequests]: settings.allowInsecure,
  });
  const requestOptions = optionsWith({});
  let pending: Promise<oauth.AuthorizationServer> | undefined;
  return {
    client: { client_id: settings.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
    clientAuth: oauth.None(),
    requestOptions,
    farewellOptions: optionsWith({ keepalive: true }),
    metadata() {
      pending ??= discover(settings, requestOptions, trace).catch((error: unknown) => {
        pending = undefined;
        throw error;
      });
      return pending;
    },
  };
}

// The one place where "could not be reached" is decided: no answer, an answer of 5xx, or 429. What is decided here
// never signs anybody out.
function reachableFetch(settings: Settings, fetchWith: typeof globalThis.fetch, more: RequestInit) {
  return async (url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> => {
    const origin = new URL(url).origin;
    let response: Response;
    try {
      // No cookies: every request here carries its own credential, and a wildcard CORS answer would refuse them.
      response = await fetchWith(url, {
        method: init.method,
        headers: init.headers,
        redirect: init.redirect,
        credentials: 'omit',
        ...(init.body instanceof URLSearchParams ? { body: init.body } : {}),
        signal: init.signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        ...more,
      });
    } catch (cause) {
      throw new NetworkError(
        'network_error',
        `Could not reach ${origin}. Check that the issuer ${settings.issuer} is running and lets this page's origin call it (CORS), then try again.`,
        { cause },
      );
    }
    if (response.status >= 500 || response.status === 429) {
      throw new NetworkError(
        'issuer_unavailable',
        `${origin} answered ${response.status}. Try again in a moment.`,
      );
    }
    return response;
  };
}

async function discover(
  settings: Settings,
  requestOptions: RequestOptions,
  trace: Trace,
): Promise<oauth.AuthorizationServer> {
  const issuerUrl = new URL(settings.issuer);
  const address = `${settings.issuer}/.well-known/openid-configuration`;
  const response = await oauth.discoveryRequest(issuerUrl, requestOptions);
  const named = await issuerNamedIn(response.clone());
  if (named === undefined) {
    throw new ConfigurationError(
      'no_discovery',
      `${address} answered ${response.status} and no OpenID configuration. Check the issuer "${settings.issuer}".`,
    );
  }
  if (named.replace(/\/+$/, '') !== settings.issuer) {
    throw new ConfigurationError(
      'issuer_mismatch',
      `The issuer calls itself "${named}", but the app was given "${settings.issuer}". Use the name the issuer uses.`,
    );
  }
  // Compared above without the trailing slash; from here on the issuer's own spelling is the one that counts.
  const metadata = await oauth.processDiscoveryResponse(new URL(named), response);
  trace('discovery', { url: address, issuer: metadata.issuer });
  return metadata;
}

async function issuerNamedIn(response: Response): Promise<string | undefined> {
  if (response.status !== 200) return undefined;
  const body: unknown = await response.json().catch(() => undefined);
  const named = isRecord(body) ? textOf(body.issuer) : undefined;
  return named !== undefined && URL.canParse(named) ? named : undefined;
}
