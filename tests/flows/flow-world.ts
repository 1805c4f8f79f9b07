import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  type SeededUser,
  startTemporaryPostgres,
  startTestServer,
  type TemporaryPostgres,
  type TestServer,
  type TestServerOptions,
} from '@latchkey/testkit';
import * as client from 'openid-client';
import { expect } from 'vitest';

/** Every flow is told on both engines. */
export const engines = [{ engine: 'pglite' }, { engine: 'postgres' }] as const;

export type EngineName = (typeof engines)[number]['engine'];

export interface FlowServer {
  readonly server: TestServer;
  /** There on PostgreSQL alone. */
  readonly postgres: TemporaryPostgres | undefined;
  readonly stop: () => Promise<void>;
}

/** A server on a database of its own. */
export async function startFlowServer(
  engine: EngineName,
  options: Omit<TestServerOptions, 'engine'> = {},
): Promise<FlowServer> {
  const postgres = engine === 'postgres' ? await startTemporaryPostgres() : undefined;
  const server = await startTestServer({
    engine: postgres === undefined ? 'pglite' : { postgresUrl: postgres.url },
    ...options,
  }).catch(async (error: unknown) => {
    await postgres?.stop();
    throw error;
  });
  return {
    server,
    postgres,
    stop: async () => {
      await server.close();
      await postgres?.stop();
    },
  };
}

/** An answer of an endpoint for programs. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'OPTIONS';
  readonly form?: string | Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const secretLike =
  /lk_(rt|sec|ac)_|stack|node_modules|select .* from|\bat .*\.ts:|127\.0\.0\.1:\d+\/|postgres/i;

/** Calls an endpoint for programs and holds its answer to what every answer must be (security.md, oracles). */
export async function call(server: TestServer, path: string, options: CallOptions = {}): Promise<Answer> {
  const { form } = options;
  const response = await server.fetch(path, {
    method: options.method ?? (form === undefined ? 'GET' : 'POST'),
    headers: {
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...options.headers,
    },
    ...(form === undefined
      ? {}
      : { body: typeof form === 'string' ? form : new URLSearchParams(form).toString() }),
  });
  const text = await response.text();
  const context = `${path} answered ${response.status}: ${text.slice(0, 300)}`;
  expect(response.status, context).not.toBe(500);
  expect(response.headers.get('content-type'), context).toBe('application/json');
  const body: unknown = JSON.parse(text);
  if (!isRecord(body)) throw new Error(`not an object: ${context}`);
  if (response.status >= 400) {
    expect(response.headers.get('cache-control'), context).toBe('no-store');
    expect(body.error, context).toMatch(/^[a-z_]+$/);
    // RFC 6749 §5.2: what error_description may hold.
    expect(body.error_description, context).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(text, context).not.toMatch(secretLike);
  }
  return { status: response.status, headers: response.headers, body };
}

/** The value of a Basic header as most scripts build it: raw, not form-urlencoded. */
export function basic(id: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

/** The credentials of an application or machine by Basic. */
export function basicOf(of: { readonly clientId: string; readonly clientSecret: string }): {
  readonly authorization: string;
} {
  return basic(of.clientId, of.clientSecret);
}

/** Introspects a token as an API would. */
export async function introspect(
  server: TestServer,
  api: Pick<SeededApplication, 'clientId' | 'clientSecret'>,
  token: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await call(server, '/oauth/v2/introspect', { form: { token }, headers: basicOf(api) });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** How many rows there are of what requests may write: a refused request must leave all of it alone. */
export async function countRows(server: TestServer): Promise<Readonly<Record<string, number>>> {
  const tables = ['events', 'sessions', 'grants', 'consumed', 'revocations'] as const;
  const counts = tables.map(async (table) => {
    const query = server.store.db.selectFrom(table).select((eb) => eb.fn.countAll().as('rows'));
    // Reasons of refusals come a second later, when they like.
    const { rows } = await (table === 'events'
      ? query.where('type', 'not like', '%.refused')
      : query
    ).executeTakeFirstOrThrow();
    return [table, Number(rows)] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/** An application as openid-client sees it. */
export async function discover(
  server: TestServer,
  application: SeededApplication,
  auth?: client.ClientAuth,
  metadata: Partial<client.ClientMetadata> = {},
): Promise<client.Configuration> {
  const usual = {
    none: () => client.None(),
    client_secret_basic: () => client.ClientSecretBasic(application.clientSecret),
    client_secret_post: () => client.ClientSecretPost(application.clientSecret),
    private_key_jwt: () => undefined,
    client_secret_jwt: () => client.ClientSecretJwt(application.clientSecret),
    tls_client_auth: () => client.TlsClientAuth(),
    self_signed_tls_client_auth: () => client.TlsClientAuth(),
  }[application.authMethod]();
  const config = await client.discovery(
    new URL(server.issuer),
    application.clientId,
    { [client.clockSkew]: Math.round(server.clock.offsetMs() / 1000), ...metadata },
    auth ?? usual,
    { execute: [client.allowInsecureRequests] },
  );
  client.enableNonRepudiationChecks(config);
  return config;
}

/** An authorization request that has been built but not sent. */
export interface BegunFlow {
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** Builds an authorization request with PKCE, state and nonce. An empty value in `params` leaves a parameter out. */
export async function beginFlow(
  server: TestServer,
  application: Pick<SeededApplication, 'clientId' | 'redirectUri'>,
  params: Readonly<Record<string, string>> = {},
): Promise<BegunFlow> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const all = {
    client_id: application.clientId,
    redirect_uri: application.redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...params,
  };
  const kept = Object.entries(all).filter(([, value]) => value !== '');
  const url = new URL(`/oauth/v2/authorize?${new URLSearchParams(kept)}`, server.issuer);
  return { url, verifier, state, nonce };
}

export interface SignedIn {
  readonly flow: BegunFlow;
  /** Where the browser was sent, with the code. */
  readonly callback: URL;
  readonly agent: BrowserAgent;
  readonly code: string;
}

/** Signs a person in to an application in a browser, a fresh one unless given, up to the application's callback. */
export async function signIn(
  server: TestServer,
  application: SeededApplication,
  user: SeededUser,
  options: { readonly params?: Readonly<Record<string, string>>; readonly agent?: BrowserAgent } = {},
): Promise<SignedIn> {
  const flow = await beginFlow(server, application, options.params);
  const agent = options.agent ?? createBrowserAgent(server);
  const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), user));
  return { flow, callback: url, agent, code: url.searchParams.get('code') ?? '' };
}

/** Redeems a code by openid-client, every check of it on. */
export async function redeem(
  config: client.Configuration,
  { flow, callback }: Pick<SignedIn, 'flow' | 'callback'>,
  checks: Partial<client.AuthorizationCodeGrantChecks> = {},
): ReturnType<typeof client.authorizationCodeGrant> {
  return await client.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true,
    ...checks,
  });
}

/** Tokens for a person at an application, from a fresh browser. */
export async function tokensFor(
  server: TestServer,
  application: SeededApplication,
  user: SeededUser,
  scope = 'openid profile email offline_access',
): Promise<{
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly signedIn: SignedIn;
}> {
  const config = await discover(server, application);
  const signedIn = await signIn(server, application, user, { params: { scope } });
  const tokens = await redeem(config, signedIn);
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? '',
    idToken: tokens.id_token ?? '',
    signedIn,
  };
}

/** The cookie by which a browser proves its sessions, as a header. */
export function sessionCookieOf(agent: BrowserAgent): { readonly cookie: string } {
  return { cookie: `latchkey_sessions=${agent.cookies.get('latchkey_sessions') ?? ''}` };
}

/** The payload of a JWT, unverified. */
export function payloadOf(jwt: string): Readonly<Record<string, unknown>> {
  const payload: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
  if (!isRecord(payload)) throw new Error('not a JWT');
  return payload;
}

/** The ID of the project of the management API. */
export async function managementProjectIdOf(server: TestServer): Promise<string> {
  const { managementProjectId } = await server.store.db
    .selectFrom('instances')
    .select('managementProjectId')
    .where('id', '=', server.instanceId)
    .executeTakeFirstOrThrow();
  return managementProjectId ?? '';
}
