import { ApiUnavailable, sendToApi } from './api-request.ts';
import { receiveLogout } from './backchannel-logout.ts';
import {
  BffError,
  ConfigurationError,
  IssuerUnavailable,
  LoginRequired,
  SessionTooLarge,
} from './bff-error.ts';
import { finishSignIn } from './callback.ts';
import { createClocks } from './clocks.ts';
import { createCookieJar } from './cookies.ts';
import type { BffDeps } from './deps.ts';
import { createProofKeys } from './dpop.ts';
import { createEndedSessions } from './ended-sessions.ts';
import { createIssuer } from './issuer.ts';
import { problemResponse } from './problem.ts';
import { forward } from './proxy.ts';
import { findApi, isListed } from './proxy-address.ts';
import { createRefresher } from './refresh.ts';
import { createSealer } from './seal.ts';
import { type BffSession, describeSession, showSession } from './session-endpoint.ts';
import { createSealedKeeper, createStoreKeeper } from './session-keeper.ts';
import { type BffOptions, parseSettings } from './settings.ts';
import { startSignIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { createVisit, type Visit } from './visit.ts';

/** An access token for a request of this server's own. */
export interface BffAccessToken {
  readonly token: string;
  /** `DPoP` tokens need a proof with each request (RFC 9449 §7.1), which `fetch` adds. */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** How a call for a user goes about the access token. */
export interface BffCallOptions {
  /**
   * `never` for places that cannot set cookies: there a token that has expired is refused with `RefreshRequired`, as a refreshed one would be
   * lost with its cookie. Default: `when-due`.
   */
  readonly refresh?: 'when-due' | 'never' | undefined;
}

/** A backend for frontend. Requests and headers are those of the browser; an object of either kind is one visit. */
export interface Bff {
  /**
   * Answers the endpoints under `basePath` and what belongs to `apis`; undefined for everything else. Only the path and the query of the
   * URL count, never its host. Never rejects.
   */
  handle(request: Request): Promise<Response | undefined>;
  /** Who is signed in, for server rendering; refreshes nothing. */
  getSession(request: Request | Headers): Promise<BffSession | undefined>;
  /** A good access token. Throws `LoginRequired` or `IssuerUnavailable`. Send `setCookies` of the request afterwards. */
  getAccessToken(request: Request | Headers, options?: BffCallOptions): Promise<BffAccessToken>;
  /**
   * Calls a listed API as the user: adds token and proof, answers a nonce, follows no redirect. Throws `ConfigurationError` for
   * an address outside `apis`. Send `setCookies` of the request afterwards.
   */
  fetch(
    request: Request | Headers,
    url: string | URL,
    init?: RequestInit,
    options?: BffCallOptions,
  ): Promise<Response>;
  /** The `Set-Cookie` lines that came up for a request in the two calls before; with a store there are none after a refresh. */
  setCookies(request: Request | Headers): readonly string[];
}

/** Creates a backend for frontend. Nothing is fetched before the first request. Throws `ConfigurationError`. */
export function createBff(options: BffOptions): Bff {
  const deps = buildDeps(options);
  const { settings } = deps;
  const visits = new WeakMap<Request | Headers, Visit>();
  const visitOf = (request: Request | Headers): Visit => {
    const visit =
      visits.get(request) ?? createVisit(deps, request instanceof Headers ? request : request.headers);
    visits.set(request, visit);
    return visit;
  };
  const sessionFor = (request: Request | Headers, { refresh = 'when-due' }: BffCallOptions) =>
    refresh === 'never' ? visitOf(request).unexpiredSession() : visitOf(request).freshSession();
  return {
    async handle(request) {
      const visit = visitOf(request);
      const response = await answer(deps, request, visit).catch((error: unknown) =>
        describeFailure(deps, error),
      );
      for (const line of response === undefined ? [] : visit.setCookies)
        response?.headers.append('set-cookie', line);
      return response;
    },
    async getSession(request) {
      const session = await visitOf(request).session();
      return session === undefined ? undefined : describeSession(session, settings.projectId);
    },
    async getAccessToken(request, callOptions = {}) {
      const { accessToken, tokenType, expiresAtMs } = await sessionFor(request, callOptions);
      return { token: accessToken, tokenType, expiresAt: Math.floor(expiresAtMs / 1000) };
    },
    async fetch(request, url, init = {}, callOptions = {}) {
      const address = new URL(url);
      if (!isListed(settings.apis, address))
        throw new ConfigurationError(
          'api_not_listed',
          `${address.origin}${address.pathname} is in none of the apis. Add it to createBff({ apis }), or use the global fetch.`,
        );
      const { method = 'GET', body = null, signal } = init;
      const session = await sessionFor(request, callOptions);
      const headers = new Headers(init.headers);
      for (const name of ['authorization', 'dpop']) headers.delete(name);
      return sendToApi(deps, { url: address, method, headers, body, signal: signal ?? undefined }, session);
    },
    setCookies: (request) => visits.get(request)?.setCookies ?? [],
  };
}

function buildDeps(options: BffOptions): BffDeps {
  const settings = parseSettings(options);
  const { fetch = globalThis.fetch, now = Date.now, log = console.error, store } = options;
  const sealer = createSealer(options.cookieSecret);
  const jar = createCookieJar(settings.baseUrl);
  const clocks = createClocks(now, log);
  const issuer = createIssuer({ settings, clocks, fetch, now, log });
  const proofKeys = createProofKeys(issuer.client, clocks);
  const ended = createEndedSessions(store ?? options.endedSessions, settings.sessionLifetimeSeconds, now);
  const keeperDeps = { sealer, jar, ended, now, log };
  const keeper = store === undefined ? createSealedKeeper(keeperDeps) : createStoreKeeper(keeperDeps, store);
  const tokenDeps = { settings, issuer, proofKeys, now, log };
  const refresher = createRefresher({ ...tokenDeps, keeper });
  return { ...tokenDeps, clocks, fetch, sealer, jar, ended, keeper, refresher };
}

async function answer(deps: BffDeps, request: Request, visit: Visit): Promise<Response | undefined> {
  const { basePath, apis } = deps.settings;
  const { pathname, search } = new URL(request.url);
  if (pathname.startsWith(`${basePath}/`))
    return answerEndpoint(deps, request, visit, pathname.slice(basePath.length + 1));
  const address = findApi(apis, pathname, search);
  switch (address.kind) {
    case 'elsewhere':
      return undefined;
    case 'refused':
      return problemResponse('invalid_path', address.reason);
    case 'api':
      return forward(deps, request, visit, address);
  }
}

type Endpoint = (deps: BffDeps, request: Request, visit: Visit) => Promise<Response>;

const endpoints: Readonly<Record<string, { readonly method: 'GET' | 'POST'; readonly run: Endpoint }>> = {
  session: { method: 'GET', run: (deps, _request, visit) => showSession(deps, visit) },
  'sign-in': { method: 'GET', run: startSignIn },
  callback: { method: 'GET', run: finishSignIn },
  'sign-out': { method: 'POST', run: signOut },
  'backchannel-logout': { method: 'POST', run: receiveLogout },
};

async function answerEndpoint(
  deps: BffDeps,
  request: Request,
  visit: Visit,
  name: string,
): Promise<Response> {
  const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
  if (endpoint === undefined) return problemResponse('not_found', `There is no endpoint ${name}.`);
  if (request.method !== endpoint.method)
    return problemResponse('method_not_allowed', `Use ${endpoint.method}.`, { allow: endpoint.method });
  return endpoint.run(deps, request, visit);
}

function describeFailure({ log }: BffDeps, error: unknown): Response {
  if (error instanceof LoginRequired) return problemResponse('login_required', error.message);
  if (error instanceof IssuerUnavailable)
    return problemResponse('issuer_unavailable', error.message, { 'retry-after': '5' });
  if (error instanceof ApiUnavailable) {
    if (error.code === 'retry') return problemResponse('retry', error.message, { 'retry-after': '0' });
    return problemResponse(error.code === 'api_timeout' ? 'api_timeout' : 'api_unavailable', error.message);
  }
  // The details are for the operator: they may name addresses, sizes or settings.
  log(`A request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  if (error instanceof SessionTooLarge)
    return problemResponse(
      'session_too_large',
      'The session is too large. The operator finds the cause in the log.',
    );
  const isOurs = error instanceof BffError;
  return problemResponse(
    'configuration',
    isOurs
      ? 'The sign-in of this app is set up wrongly. The operator finds the cause in the log.'
      : 'Something went wrong. The operator finds the cause in the log.',
  );
}
