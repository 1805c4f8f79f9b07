import type { ClientCredentials } from './client-authentication.ts';
import { withoutTrailingSlash } from './discovery.ts';
import type { Fetch } from './issuer-request.ts';
import { type KeyFile, loadKeyFile, parsePrivateKey } from './key-file.ts';

/** Settings of `createVerifier`. */
export interface VerifierOptions {
  /** The platform's issuer, such as `https://id.example.com`; a trailing slash does no harm. */
  readonly issuer: string;
  /**
   * How tokens are checked. `introspect` asks the issuer, so revocations count within the cache time; `jwt` checks
   * signature and claims here; `auto`, the default, checks JWTs here and asks about all other tokens.
   */
  readonly mode?: 'auto' | 'jwt' | 'introspect';
  /**
   * What a token must be for: the project id or this API's client id; one of several is enough. Needed in mode
   * `jwt`. In mode `auto` JWTs are held against `clientId` when this is absent. With introspection the issuer
   * checks the audience itself, and this is checked in addition.
   */
  readonly audience?: string | readonly string[];
  /** The project whose roles count, when it is not (one of) the `audience`. See `Principal.roles`. */
  readonly projectId?: string;
  /** Client id of this API's application; a key file brings its own. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Path or parsed content of an application key file. */
  readonly keyFile?: string | KeyFile;
  /** PEM private key, instead of a key file; needs `clientId`. */
  readonly privateKey?: string;
  /** Id of `privateKey` at the issuer, sent as `kid`. */
  readonly keyId?: string;
  /** Replaces the global `fetch`: for proxies, for tests. Redirects are never followed. */
  readonly fetch?: Fetch;
  /** Current time in milliseconds since the epoch; `Date.now` unless given. */
  readonly now?: () => number;
  /** Longest time for one check, calls to the issuer included. 2000 unless given. */
  readonly timeoutMs?: number;
  /** How long a good token is not checked again: at most 30, never past its expiry, 10 unless given. 0 turns it off. */
  readonly positiveCacheSeconds?: number;
  /** How long the issuer is not asked again about a token it called inactive: at most 10, 2 unless given. */
  readonly negativeCacheSeconds?: number;
  /** Leeway for `exp` and `nbf`: at most 60, 5 unless given. */
  readonly clockToleranceSeconds?: number;
  /** Takes one line for the operator, no token in it, the same line at most once a minute. `console.error` unless given. */
  readonly log?: (message: string) => void;
}

/** Settings after checks and defaults. */
export interface VerifierSettings {
  readonly issuer: string;
  readonly mode: 'auto' | 'jwt' | 'introspect';
  readonly jwtAudiences: readonly string[];
  readonly introspectionAudiences: readonly string[];
  readonly projectIds: readonly string[];
  readonly credentials: ClientCredentials | undefined;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly timeoutMs: number;
  readonly positiveCacheSeconds: number;
  readonly negativeCacheSeconds: number;
  readonly clockToleranceSeconds: number;
  readonly log: (message: string) => void;
}

/** Checks the options once, at start. Throws an error that says which setting to add or change. */
export function parseVerifierOptions(options: VerifierOptions): VerifierSettings {
  const mode = options.mode ?? 'auto';
  const configured = options.audience === undefined ? [] : [options.audience].flat();
  if (configured.some((item) => item === ''))
    throw new Error('audience must not be empty; it is a project or client id.');
  const credentials = parseCredentials(options);
  const clientId = credentials?.clientId ?? options.clientId;
  requireEnoughSettings(mode, configured, credentials, clientId);
  return {
    issuer: parseIssuer(options.issuer),
    mode,
    jwtAudiences: configured.length > 0 || clientId === undefined ? configured : [clientId],
    introspectionAudiences: configured,
    projectIds: options.projectId === undefined ? configured : [options.projectId],
    credentials,
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now: options.now ?? Date.now,
    timeoutMs: within('timeoutMs', options.timeoutMs ?? 2000, 1, 60_000),
    positiveCacheSeconds: within('positiveCacheSeconds', options.positiveCacheSeconds ?? 10, 0, 30),
    negativeCacheSeconds: within('negativeCacheSeconds', options.negativeCacheSeconds ?? 2, 0, 10),
    clockToleranceSeconds: within('clockToleranceSeconds', options.clockToleranceSeconds ?? 5, 0, 60),
    log: options.log ?? ((message) => console.error(message)),
  };
}

function requireEnoughSettings(
  mode: VerifierSettings['mode'],
  audiences: readonly string[],
  credentials: ClientCredentials | undefined,
  clientId: string | undefined,
): void {
  if (mode === 'jwt' && audiences.length === 0) {
    throw new Error(
      "mode: 'jwt' needs audience: the id of your project, or the client id of your API. " +
        'Without it a token for any other API of the issuer would be accepted here.',
    );
  }
  if (mode === 'introspect' && credentials === undefined) {
    throw new Error(
      "mode: 'introspect' needs this API's own credentials: clientId with clientSecret, or keyFile. " +
        'Create an API application in your project to get them.',
    );
  }
  if (mode === 'auto' && audiences.length === 0 && clientId === undefined) {
    throw new Error(
      'The verifier needs credentials (clientId with clientSecret, or keyFile) to ask the issuer, ' +
        'or audience (your project id) to check JWTs by itself, or both.',
    );
  }
}

function parseCredentials(options: VerifierOptions): ClientCredentials | undefined {
  const { clientId, clientSecret, keyFile, privateKey, keyId } = options;
  const given = [clientSecret, keyFile, privateKey].filter((value) => value !== undefined);
  if (given.length > 1) throw new Error('Give one of clientSecret, keyFile and privateKey, not several.');
  if (keyFile !== undefined) {
    const loaded = loadKeyFile(keyFile);
    if (clientId !== undefined && clientId !== loaded.clientId) {
      throw new Error(
        `clientId is ${clientId}, but the key file belongs to ${loaded.clientId}. Leave clientId out.`,
      );
    }
    return { kind: 'assertion', ...loaded };
  }
  if (given.length === 0) return undefined;
  if (clientId === undefined || clientId === '') {
    throw new Error('clientSecret and privateKey need clientId: the client id of your API application.');
  }
  if (privateKey !== undefined) {
    return { kind: 'assertion', ...parsePrivateKey(privateKey, 'privateKey'), clientId, keyId };
  }
  if (clientSecret === undefined || clientSecret === '') throw new Error('clientSecret is empty.');
  return { kind: 'secret', clientId, clientSecret };
}

function parseIssuer(issuer: string): string {
  const trimmed = withoutTrailingSlash(issuer);
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!isHttp || url?.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Error(
      `issuer must be a URL such as https://id.example.com, without query or credentials; got ${issuer}`,
    );
  }
  return trimmed;
}

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new Error(`${name} must be a number from ${min} to ${max}.`);
}
