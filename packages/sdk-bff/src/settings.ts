import { ConfigurationError } from './bff-error.ts';
import { type ClientKeyOptions, type ClientSecretOrKey, parseClientKey } from './client-key.ts';
import { type ApiRoute, type ApiSettings, parseApis } from './proxy-address.ts';
import type { SessionStore } from './session-store.ts';

/** What `createBff` takes. `issuer`, `clientId`, one of secret and key, `baseUrl` and `cookieSecret` are needed. */
export type BffOptions = ClientKeyOptions & {
  /** The issuer's URL, with or without a trailing slash. Plain http is allowed for loopback hosts only. */
  readonly issuer: string;
  readonly clientId: string;
  /** The address of the app as browsers see it: `https://app.example.com`. Its callback is `<baseUrl><basePath>/callback`. */
  readonly baseUrl: string;
  /** Seals cookies and stored sessions; 32 or more random characters. Several to rotate: the first seals, all open. */
  readonly cookieSecret: string | readonly string[];
  /** Space-separated. Default: `openid profile email offline_access`. */
  readonly scope?: string | undefined;
  /** Adds the project to the token's audience, so that the APIs of that project accept it. */
  readonly projectId?: string | undefined;
  /** Keeps sessions on the server; the cookie then holds an ID. Without it the session is sealed into the cookie. */
  readonly store?: SessionStore | undefined;
  /**
   * Remembers for sealed sessions which have ended, so that back-channel logout and sign-out reach copies of a cookie. Any store
   * will do, also a small one: an entry lives as long as a session. With `store` it is not needed.
   */
  readonly endedSessions?: SessionStore | undefined;
  /** What is forwarded where, by path prefix: `{ '/api': 'https://api.example.com/v1' }`. Nothing else gets the token. */
  readonly apis?: Readonly<Record<string, string | ApiSettings>> | undefined;
  /** Default: `/auth`. */
  readonly basePath?: string | undefined;
  /** Whether tokens are bound to a key of the session (RFC 9449). Default: where the issuer offers ES256 for it. */
  readonly dpop?: boolean | undefined;
  /** Exactly as registered. Default: `<baseUrl>/`. `null` ends at the issuer's own page. */
  readonly postLogoutRedirectUri?: string | null | undefined;
  /** Seconds until a session ends in any case. Default: 86,400, one day. */
  readonly sessionLifetimeSeconds?: number | undefined;
  /** Milliseconds an API and the issuer have to begin an answer. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: (() => number) | undefined;
  /** Gets a line when something needs an operator. Default: `console.error`. */
  readonly log?: ((line: string) => void) | undefined;
};

/** The options once checked. */
export interface Settings {
  /** Without a trailing slash. */
  readonly issuer: string;
  readonly allowInsecureIssuer: boolean;
  readonly clientId: string;
  readonly credential: ClientSecretOrKey;
  readonly baseUrl: URL;
  /** Origin of `baseUrl`. */
  readonly origin: string;
  readonly basePath: string;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string | null;
  readonly scope: string;
  readonly projectId: string | undefined;
  readonly apis: readonly ApiRoute[];
  readonly dpop: boolean | undefined;
  readonly sessionLifetimeSeconds: number;
  readonly timeoutMs: number;
}

const DAY_SECONDS = 86_400;

/** True for hosts that never leave this machine. */
function isLoopbackHost(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost');
}

/** Reads an http(s) URL; plain http only for loopback hosts. Throws `ConfigurationError`. */
function parseAddress(setting: string, value: string): URL {
  if (!URL.canParse(value))
    throw new ConfigurationError(
      `invalid_${setting}`,
      `${setting} is "${value}", which is not a URL. Write it as https://host.`,
    );
  const url = new URL(value);
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (!isAllowed)
    throw new ConfigurationError(
      `insecure_${setting}`,
      `${setting} is ${value}: it must use https. Plain http is for localhost only.`,
    );
  return url;
}

function parseBaseUrl(value: string): URL {
  const url = parseAddress('baseUrl', value);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new ConfigurationError(
      'invalid_baseUrl',
      `baseUrl is "${value}". Give the origin alone, like https://app.example.com; the path of the endpoints is basePath.`,
    );
  return url;
}

function parseBasePath(value: string): string {
  if (!/^(?:\/[A-Za-z0-9_-]+)+$/.test(value))
    throw new ConfigurationError(
      'invalid_basePath',
      `basePath is "${value}". Write it like /auth, without a slash at the end.`,
    );
  return value;
}

function parseLifetime(value: number): number {
  if (!Number.isInteger(value) || value < 60 || value > 400 * DAY_SECONDS)
    throw new ConfigurationError(
      'invalid_sessionLifetimeSeconds',
      `sessionLifetimeSeconds is ${value}. Give whole seconds from 60 to ${400 * DAY_SECONDS}.`,
    );
  return value;
}

function buildScope(scope: string | undefined, projectId: string | undefined): string {
  const wanted = (scope ?? 'openid profile email offline_access').split(/\s+/).filter(Boolean);
  const scopes = new Set(['openid', ...wanted]);
  if (projectId !== undefined) scopes.add(`urn:zitadel:iam:org:project:id:${projectId}:aud`);
  return [...scopes].join(' ');
}

/** Checks the options; throws `ConfigurationError` in words a developer can act on. */
export function parseSettings(options: BffOptions): Settings {
  const issuer = parseAddress('issuer', options.issuer);
  const baseUrl = parseBaseUrl(options.baseUrl);
  const basePath = parseBasePath(options.basePath ?? '/auth');
  const clientId = options.clientId || undefined;
  if (clientId === undefined)
    throw new ConfigurationError(
      'missing_clientId',
      'clientId is empty. Copy the client ID of the application at the issuer.',
    );
  if (typeof options.postLogoutRedirectUri === 'string')
    parseAddress('postLogoutRedirectUri', options.postLogoutRedirectUri);
  return {
    issuer: issuer.href.replace(/\/+$/, ''),
    allowInsecureIssuer: issuer.protocol === 'http:',
    clientId,
    credential: parseClientKey(options),
    baseUrl,
    origin: baseUrl.origin,
    basePath,
    redirectUri: `${baseUrl.origin}${basePath}/callback`,
    postLogoutRedirectUri:
      options.postLogoutRedirectUri === undefined ? `${baseUrl.origin}/` : options.postLogoutRedirectUri,
    scope: buildScope(options.scope, options.projectId),
    projectId: options.projectId,
    apis: parseApis(options.apis ?? {}, basePath),
    dpop: options.dpop,
    sessionLifetimeSeconds: parseLifetime(options.sessionLifetimeSeconds ?? DAY_SECONDS),
    timeoutMs: options.timeoutMs ?? 30_000,
  };
}
