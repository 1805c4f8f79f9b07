import { ConfigurationError } from './auth-error.ts';
import type { AuthState } from './auth-state.ts';
import type { TraceEvent } from './trace.ts';

/** Where the refresh token survives a reload. `memory` is the safest, `local` the weakest: see the README. */
export type TokenStorage = 'memory' | 'session' | 'local';

/** What `createAuthClient` takes. Only `issuer` and `clientId` are needed. */
export type AuthClientOptions = {
  /** `spa` (default): the page itself is the client. For an app behind `@latchkey/bff` see `BffClientOptions`. */
  readonly mode?: 'spa' | undefined;
  /** The issuer's URL, with or without a trailing slash. Plain http is allowed for loopback hosts only. */
  readonly issuer: string;
  readonly clientId: string;
  /** Exactly as registered at the issuer. Default: this origin + `/callback`. */
  readonly redirectUri?: string | undefined;
  /** Exactly as registered. Default: this origin + `/`. `null` ends at the issuer's own page. */
  readonly postLogoutRedirectUri?: string | null | undefined;
  /** Space-separated. Default: `openid profile email offline_access`. */
  readonly scope?: string | undefined;
  /** Adds the project to the token's audience, so that the APIs of that project accept it. */
  readonly projectId?: string | undefined;
  readonly storage?: TokenStorage | undefined;
  /** `false`: bearer tokens even where the issuer offers DPoP (RFC 9449), for APIs that take no others. */
  readonly dpop?: boolean | undefined;
  /** Where the app serves the file `@latchkey/browser/worker`, for bundlers that do not find it by themselves. */
  readonly workerUrl?: string | undefined;
  /** For the requests to the issuer; with it they are made in the page, not in a worker. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Called with what travelled; codes, verifiers and tokens are masked. */
  readonly onTrace?: ((event: TraceEvent) => void) | undefined;
  /** Called after a sign-in with the path to show, for routers that do not follow `popstate`. */
  readonly onReturn?: ((returnTo: string) => void) | undefined;
  /** The state before `start()` has found out more; for pages whose server knows the user. */
  readonly initialState?: AuthState | undefined;
};

/** The options once checked, with every default that needs no page. */
export type Settings = {
  /** Without a trailing slash. */
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly postLogoutRedirectUri: string | null | undefined;
  readonly scope: string;
  readonly projectId: string | undefined;
  readonly storage: TokenStorage;
  readonly dpop: boolean;
  readonly allowInsecure: boolean;
};

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True for hosts that never leave this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK_HOSTS.has(hostname) || hostname.endsWith('.localhost');
}

/** Checks the options; throws `ConfigurationError` in words a developer can act on. */
export function parseSettings(options: AuthClientOptions): Settings {
  if (!URL.canParse(options.issuer)) {
    throw new ConfigurationError(
      'invalid_issuer',
      `The issuer "${options.issuer}" is not a URL. Give it as https://your-issuer.`,
    );
  }
  const issuer = new URL(options.issuer);
  const isHttp = issuer.protocol === 'http:' && LOOPBACK_HOSTS.has(issuer.hostname);
  if (issuer.protocol !== 'https:' && !isHttp) {
    throw new ConfigurationError(
      'insecure_issuer',
      `The issuer ${options.issuer} must use https: plain http is for localhost only.`,
    );
  }
  if (options.clientId === '') {
    throw new ConfigurationError(
      'missing_client_id',
      'The client id is empty. Copy it from the application at the issuer.',
    );
  }
  for (const address of [options.redirectUri, options.postLogoutRedirectUri]) {
    if (typeof address !== 'string' || URL.canParse(address)) continue;
    throw new ConfigurationError(
      'invalid_redirect_uri',
      `"${address}" is not a whole address. Write it as registered at the issuer, like https://app.example.com/callback.`,
    );
  }
  return {
    issuer: issuer.href.replace(/\/+$/, ''),
    clientId: options.clientId,
    redirectUri: options.redirectUri,
    postLogoutRedirectUri: options.postLogoutRedirectUri,
    scope: buildScope(options.scope, options.projectId),
    projectId: options.projectId,
    storage: options.storage ?? 'memory',
    dpop: options.dpop ?? true,
    allowInsecure: isHttp,
  };
}

function buildScope(scope: string | undefined, projectId: string | undefined): string {
  const scopes = new Set([
    'openid',
    ...(scope ?? 'openid profile email offline_access').split(/\s+/).filter(Boolean),
  ]);
  if (projectId !== undefined) scopes.add(`urn:zitadel:iam:org:project:id:${projectId}:aud`);
  return [...scopes].join(' ');
}
