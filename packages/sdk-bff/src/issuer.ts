import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import * as oauth from 'oauth4webapi';
import { BffError, CallbackError, ConfigurationError, IssuerUnavailable } from './bff-error.ts';
import { buildClientAuth } from './client-key.ts';
import type { Clocks } from './clocks.ts';
import { isRecord, textOf } from './json.ts';
import type { Settings } from './settings.ts';

/** The issuer as the protocol functions need it. */
export interface Issuer {
  /** Its clock skew is set as soon as the issuer's clock is known. */
  readonly client: oauth.Client;
  readonly requestOptions: RequestOptions;
  clientAuth(): Promise<oauth.ClientAuth>;
  /** The discovery document, kept for an hour, and longer while the issuer is away. */
  metadata(): Promise<oauth.AuthorizationServer>;
  /** The keys of the issuer, for what is signed besides ID tokens. */
  keys(metadata: oauth.AuthorizationServer): JWTVerifyGetKey;
  /**
   * Runs a request once more when the issuer wants the nonce it has just sent along (RFC 9449 §8), or when its answer has shown that
   * the clock of this machine is wrong.
   */
  retry<Outcome>(request: () => Promise<Outcome>): Promise<Outcome>;
  /** The issuer's time in milliseconds since the epoch, as far as it is known. */
  nowMs(): number;
}

interface RequestOptions {
  readonly [oauth.customFetch]: (
    url: string,
    init: oauth.CustomFetchOptions<string, unknown>,
  ) => Promise<Response>;
  readonly [oauth.allowInsecureRequests]: boolean;
}

interface IssuerDeps {
  readonly settings: Settings;
  readonly clocks: Clocks;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

const METADATA_LIFETIME_MS = 3_600_000;
const CLOCK_TOLERANCE_SECONDS = 60;

/** Creates the issuer. Nothing is fetched before the first use. */
export function createIssuer(deps: IssuerDeps): Issuer {
  const { settings, clocks, now } = deps;
  const { origin } = new URL(settings.issuer);
  const client: oauth.Client = {
    client_id: settings.clientId,
    [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS,
    [oauth.clockSkew]: 0,
  };
  const fetchReachable = reachableFetch(deps);
  const requestOptions: RequestOptions = {
    [oauth.customFetch]: async (url, init) => {
      const response = await fetchReachable(url, init);
      clocks.note(origin, response);
      client[oauth.clockSkew] = clocks.skewSeconds(origin);
      return response;
    },
    [oauth.allowInsecureRequests]: settings.allowInsecureIssuer,
  };
  let found: { readonly metadata: oauth.AuthorizationServer; readonly untilMs: number } | undefined;
  let pending: Promise<oauth.AuthorizationServer> | undefined;
  const discoverOnce = () => {
    pending ??= discover(settings, requestOptions)
      .then((metadata) => {
        found = { metadata, untilMs: now() + METADATA_LIFETIME_MS };
        return metadata;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
  let auth: Promise<oauth.ClientAuth> | undefined;
  let keySet: { readonly uri: string; readonly keys: JWTVerifyGetKey } | undefined;
  return {
    client,
    requestOptions,
    clientAuth: () => {
      auth ??= buildClientAuth(settings.credential);
      return auth;
    },
    async metadata() {
      if (found !== undefined && now() < found.untilMs) return found.metadata;
      const kept = found?.metadata;
      return kept === undefined ? discoverOnce() : discoverOnce().catch(() => kept);
    },
    keys({ jwks_uri: uri }) {
      if (uri === undefined)
        throw new ConfigurationError('no_jwks_uri', `${settings.issuer} names no jwks_uri.`);
      if (!settings.allowInsecureIssuer && !uri.startsWith('https:'))
        throw new ConfigurationError(
          'insecure_jwks_uri',
          `${settings.issuer} names ${uri} as jwks_uri: it must use https.`,
        );
      if (keySet?.uri !== uri)
        keySet = { uri, keys: createRemoteJWKSet(new URL(uri), { [customFetch]: fetchReachable }) };
      return keySet.keys;
    },
    nowMs: () => clocks.nowSeconds(origin) * 1000,
    async retry(request) {
      const skew = clocks.skewSeconds(origin);
      try {
        return await request();
      } catch (error) {
        const isLate = skew !== clocks.skewSeconds(origin) && isAboutTime(error);
        if (isLate || oauth.isDPoPNonceError(error)) return request();
        throw error;
      }
    },
  };
}

// What a wrong clock spoils: proofs and client assertions.
function isAboutTime(error: unknown): boolean {
  return (
    error instanceof oauth.ResponseBodyError && ['invalid_dpop_proof', 'invalid_client'].includes(error.error)
  );
}

// The one place where "could not be reached" is decided: no answer, an answer of 5xx, or 429. What is decided here
// never ends a session.
function reachableFetch({ settings, fetch, log }: IssuerDeps) {
  return async (url: string, init: RequestInit | oauth.CustomFetchOptions<string, unknown>) => {
    let response: Response;
    try {
      const { method, headers, redirect, body, signal } = init;
      response = await fetch(url, {
        ...(method === undefined ? {} : { method }),
        ...(headers === undefined ? {} : { headers }),
        redirect: redirect ?? 'manual',
        ...(body instanceof URLSearchParams ? { body } : {}),
        signal: signal ?? AbortSignal.timeout(settings.timeoutMs),
      });
    } catch (cause) {
      log(`The issuer does not answer at ${url}: ${describeCause(cause)}`);
      throw new IssuerUnavailable(
        'issuer_unavailable',
        `Could not reach ${new URL(url).origin}. Check that the issuer ${settings.issuer} is running, then try again.`,
        { cause },
      );
    }
    if (response.status >= 500 || response.status === 429) {
      log(`The issuer answered ${response.status} at ${url}.`);
      throw new IssuerUnavailable(
        'issuer_unavailable',
        `${new URL(url).origin} answered ${response.status}. Try again in a moment.`,
      );
    }
    return response;
  };
}

/** What went wrong with a request; fetch hides the interesting part (ECONNREFUSED, a certificate) in the cause. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

async function discover(
  settings: Settings,
  requestOptions: RequestOptions,
): Promise<oauth.AuthorizationServer> {
  const address = `${settings.issuer}/.well-known/openid-configuration`;
  const response = await oauth.discoveryRequest(new URL(settings.issuer), requestOptions);
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const named = response.status === 200 && isRecord(body) ? textOf(body.issuer) : undefined;
  if (named === undefined || !URL.canParse(named))
    throw new ConfigurationError(
      'no_discovery',
      `${address} answered ${response.status} and no OpenID configuration. Check the issuer "${settings.issuer}".`,
    );
  // OpenID Connect Discovery §4.3, but for a trailing slash; from here on the issuer's own spelling counts.
  if (named.replace(/\/+$/, '') !== settings.issuer)
    throw new ConfigurationError(
      'issuer_mismatch',
      `The issuer calls itself "${named}", but the app was given "${settings.issuer}". Use the name the issuer uses.`,
    );
  return oauth.processDiscoveryResponse(new URL(named), response);
}

/** Turns whatever a protocol step threw into one of our errors, with a message that says what to do. */
export function describeError(error: unknown, settings: Settings): BffError {
  if (error instanceof BffError) return error;
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const said = error.error_description ? ` (the issuer says: ${error.error_description})` : '';
    if (
      ['invalid_client', 'unauthorized_client', 'invalid_scope', 'invalid_dpop_proof'].includes(error.error)
    )
      return new ConfigurationError(
        error.error,
        `${settings.issuer} answered "${error.error}" to client "${settings.clientId}"${said}. Check client ID, secret or key, grants, scope and the clock of this machine.`,
        { cause: error },
      );
    return new CallbackError(error.error, `The issuer answered "${error.error}"${said}. Sign in again.`, {
      cause: error,
    });
  }
  return new CallbackError(
    'invalid_response',
    `The answer of ${settings.issuer} was refused: ${describeCause(error)}. Sign in again.`,
    { cause: error },
  );
}
