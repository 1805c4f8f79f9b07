import * as oauth from 'oauth4webapi';
import { ConfigurationError, NetworkError } from './auth-error.ts';
import { isRecord, textOf } from './json.ts';
import type { Trace } from './trace.ts';
import type { VaultConfig } from './vault-contract.ts';

/** The issuer as the protocol functions need it. */
export type Issuer = {
  /** The client with what is known of the clocks. */
  client(): oauth.Client;
  readonly clientAuth: oauth.ClientAuth;
  readonly requestOptions: RequestOptions;
  /** For requests that must not be cancelled when the page is left. */
  readonly farewellOptions: RequestOptions;
  /** The discovery document, fetched once; a failure is not kept. */
  metadata(): Promise<oauth.AuthorizationServer>;
  /** Now by the clock of the issuer, as far as that is known; epoch milliseconds. */
  nowMs(): number;
  /** Learns the time from the `Date` of an answer, or of this origin's own server. True when the clock was off. */
  learnTime(answer: Response): Promise<boolean>;
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
// `Date` counts in seconds and the answer travelled: a smaller difference says nothing.
const CLOCK_NOISE_MS = 10_000;

/** Creates the issuer. Nothing is fetched before the first use. */
export function createIssuer(
  config: VaultConfig,
  fetchWith: typeof globalThis.fetch,
  trace: Trace,
  nowMs: () => number,
): Issuer {
  const optionsWith = (init: RequestInit): RequestOptions => ({
    [oauth.customFetch]: reachableFetch(config, fetchWith, init),
    [oauth.allowInsecureRequests]: config.allowInsecure,
  });
  const requestOptions = optionsWith({});
  let pending: Promise<oauth.AuthorizationServer> | undefined;
  let skewMs = 0;
  return {
    client: () => ({
      client_id: config.clientId,
      [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS,
      [oauth.clockSkew]: Math.round(skewMs / 1000),
    }),
    clientAuth: oauth.None(),
    requestOptions,
    farewellOptions: optionsWith({ keepalive: true }),
    metadata() {
      pending ??= discover(config, requestOptions, trace).catch((error: unknown) => {
        pending = undefined;
        throw error;
      });
      return pending;
    },
    nowMs: () => nowMs() + skewMs,
    async learnTime(answer) {
      const date = answer.headers.get('date') ?? (await dateOfThisOrigin(fetchWith));
      const measured = date === null ? Number.NaN : Date.parse(date) - nowMs();
      if (Number.isNaN(measured)) return false;
      const before = skewMs;
      skewMs = Math.abs(measured) > CLOCK_NOISE_MS ? measured : 0;
      if (skewMs !== 0) trace('clock', { offBySeconds: Math.round(-skewMs / 1000) });
      return Math.abs(skewMs - before) > CLOCK_NOISE_MS;
    },
  };
}

// The `Date` of other origins is hidden from scripts unless they expose it; that of the app's own server is not.
async function dateOfThisOrigin(fetchWith: typeof globalThis.fetch): Promise<string | null> {
  try {
    const { origin } = globalThis.location;
    const answer = await fetchWith(`${origin}/`, { method: 'HEAD', cache: 'no-store', credentials: 'omit' });
    return answer.headers.get('date');
  } catch {
    return null;
  }
}

// The one place where "could not be reached" is decided: no answer, an answer of 5xx, or 429. What is decided here
// never signs anybody out.
function reachableFetch(config: VaultConfig, fetchWith: typeof globalThis.fetch, more: RequestInit) {
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
        `Could not reach ${origin}. Check that the issuer ${config.issuer} is running and lets this page's origin call it (CORS), then try again.`,
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
  config: VaultConfig,
  requestOptions: RequestOptions,
  trace: Trace,
): Promise<oauth.AuthorizationServer> {
  const issuerUrl = new URL(config.issuer);
  const address = `${config.issuer}/.well-known/openid-configuration`;
  const response = await oauth.discoveryRequest(issuerUrl, requestOptions);
  const named = await issuerNamedIn(response.clone());
  if (named === undefined) {
    throw new ConfigurationError(
      'no_discovery',
      `${address} answered ${response.status} and no OpenID configuration. Check the issuer "${config.issuer}".`,
    );
  }
  if (named.replace(/\/+$/, '') !== config.issuer) {
    throw new ConfigurationError(
      'issuer_mismatch',
      `The issuer calls itself "${named}", but the app was given "${config.issuer}". Use the name the issuer uses.`,
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
