import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { withoutTrailingSlash } from '../discovery.ts';
import type { Fetch } from '../issuer-request.ts';
import type { JsonObject } from '../json.ts';
import type { KeyFile } from '../key-file.ts';
import { type HttpDoor, openHttpDoor } from './http-door.ts';
import { answerRequest, type IssuerState } from './issuer-endpoints.ts';
import { createApplicationKey, createSigningKey } from './signing-key.ts';
import {
  buildAccessTokenClaims,
  buildIdTokenClaims,
  type IdTokenSettings,
  type TokenSettings,
  writeToken,
} from './token-mint.ts';

/** Settings of `createTestIssuer`; none is needed. */
export interface TestIssuerOptions {
  /** `https://issuer.test` unless given; with `port` it is the port's own address. */
  readonly issuer?: string;
  /** Also serves real HTTP on 127.0.0.1; 0 lets the system choose the port. */
  readonly port?: number;
  readonly projectId?: string;
  /** Current time in milliseconds since the epoch; hand the verifier the same. */
  readonly now?: () => number;
  readonly algorithm?: 'ES256' | 'RS256' | 'EdDSA';
}

/** `down` refuses connections, `hanging` takes requests and never answers. */
export type TestIssuerState = 'up' | 'down' | 'hanging';

/** An issuer inside the test process. */
export interface TestIssuer {
  readonly issuer: string;
  readonly projectId: string;
  /** Credentials of the API application that may introspect. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Give this to `createVerifier`; requests for other origins reject. */
  readonly fetch: Fetch;
  /** Everything a verifier of this issuer needs: spread it and add a mode. */
  readonly verifierOptions: {
    readonly issuer: string;
    readonly audience: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly fetch: Fetch;
    readonly now: () => number;
  };
  /** Paths asked for so far, oldest first. */
  readonly requestedPaths: readonly string[];
  mintAccessToken(settings?: TokenSettings): Promise<string>;
  mintIdToken(settings?: IdTokenSettings): Promise<string>;
  /** A new key file of the API application. */
  createKeyFile(): KeyFile;
  /** From now on the token is inactive at introspection. */
  revoke(token: string): void;
  /** Signs with a new key and publishes that one only. */
  rotateKeys(): void;
  setState(state: TestIssuerState): void;
  /** Closes the HTTP port, if there is one. */
  close(): Promise<void>;
}

/** Creates an issuer that mints tokens and answers metadata, keys and introspection without any server. */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const now = options.now ?? Date.now;
  const algorithm = options.algorithm ?? 'ES256';
  const accessTokens = new Map<string, JsonObject>();
  const applicationKeys = new Map<string, KeyObject>();
  const requestedPaths: string[] = [];
  let signingKey = createSigningKey(algorithm);
  let state: TestIssuerState = 'up';

  const handle = async (request: Request): Promise<Response> => {
    requestedPaths.push(new URL(request.url).pathname);
    if (state === 'down')
      throw new TypeError('fetch failed', { cause: new Error('the test issuer is down') });
    if (state === 'hanging') {
      if (!request.signal.aborted) await once(request.signal, 'abort');
      throw new DOMException('The request was given up', 'AbortError');
    }
    return answerRequest(issuerState, request);
  };
  const door: HttpDoor | undefined =
    options.port === undefined ? undefined : await openHttpDoor(options.port, (request) => handle(request));
  const issuer = withoutTrailingSlash(options.issuer ?? door?.origin ?? 'https://issuer.test');
  const projectId = options.projectId ?? '200000000000000001';
  const [clientId, clientSecret] = ['300000000000000001', 'test-api-secret'];
  const nowSeconds = () => Math.floor(now() / 1000);
  const issuerState: IssuerState = {
    issuer,
    projectId,
    clientId,
    clientSecret,
    nowSeconds,
    publicJwks: () => [signingKey.publicJwk],
    applicationKeys,
    accessTokens,
  };
  const fetch: Fetch = async (url, init) => {
    if (new URL(url).origin !== new URL(issuer).origin) throw new TypeError(`${url} is not the test issuer`);
    return handle(new Request(url, init));
  };

  return {
    issuer,
    projectId,
    clientId,
    clientSecret,
    fetch,
    verifierOptions: { issuer, audience: projectId, clientId, clientSecret, fetch, now },
    requestedPaths,
    async mintAccessToken(settings = {}) {
      const claims = buildAccessTokenClaims(settings, { issuer, projectId, nowSeconds: nowSeconds() });
      const token = await writeToken(claims, settings, signingKey);
      accessTokens.set(token, claims);
      return token;
    },
    mintIdToken: (settings = {}) =>
      signingKey.sign('JWT', buildIdTokenClaims(settings, { issuer, projectId, nowSeconds: nowSeconds() })),
    createKeyFile() {
      const { keyId, pem, publicKey } = createApplicationKey();
      applicationKeys.set(keyId, publicKey);
      return { type: 'application', keyId, key: pem, appId: '400000000000000001', clientId };
    },
    revoke: (token) => void accessTokens.delete(token),
    rotateKeys() {
      signingKey = createSigningKey(algorithm);
    },
    setState(next) {
      state = next;
    },
    close: async () => door?.close(),
  };
}
