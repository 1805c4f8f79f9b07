import { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { createVerifier } from '@latchkey/api';
import { getAuth, requireAcr, requireAuth } from '@latchkey/api/hono';
import { type Bff, type BffOptions, createBff, type SessionStore } from '@latchkey/bff';
import {
  type CookieJar,
  completeSignIn,
  createBrowserAgent,
  createCookieJar,
  leftFor,
  type SeededApplication,
  type SeededProject,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '@latchkey/testkit';
import { Hono } from 'hono';
import { afterAll, beforeAll } from 'vitest';

/** The address of the app under test. Its requests are handed over without a socket. */
export const appOrigin = 'https://app.example.com';

/** What the API behind the app was asked. */
export interface ApiCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

/** Latchkey, an API that checks tokens, and an app that may sign people in. */
export interface BffWorld {
  readonly server: TestServer;
  readonly project: SeededProject;
  readonly app: SeededApplication;
  readonly user: SeededUser;
  readonly api: { readonly origin: string; readonly calls: ApiCall[] };
  /** Lines for the operator of the last backend for frontend. */
  readonly log: string[];
  /** A backend for frontend of the app; its issuer can be cut off. */
  readonly createApp: (options?: Partial<BffOptions>) => App;
  readonly close: () => Promise<void>;
}

/** A backend for frontend under test. */
export interface App {
  readonly bff: Bff;
  /** Requests to the issuer so far, by path. */
  readonly asked: string[];
  /** Lets requests to the issuer fail from now on, or not. */
  readonly cutOff: (isCutOff: boolean) => void;
}

export const cookieSecret = 'a secret of a test, long enough to be one';

function createApi(verifierOptions: Parameters<typeof createVerifier>[0], calls: ApiCall[]): Hono {
  const api = new Hono();
  const auth = requireAuth(createVerifier(verifierOptions));
  api.use(async (c, next) => {
    calls.push({ method: c.req.method, url: new URL(c.req.url).pathname, headers: c.req.raw.headers });
    await next();
  });
  api.get('/v1/me', auth, (c) => c.json({ who: getAuth(c).subject }));
  api.get('/v1/strong', auth, requireAcr('urn:example:hardware'), (c) => c.json({}));
  api.get('/v1/public', (c) => c.json({ all: true }));
  api.get('/v1/page', (c) => c.html('<script>alert(1)</script>'));
  api.get('/v1/cookies', (c) =>
    c.json({}, 200, { 'set-cookie': '__Host-latchkey=evil; Path=/', 'access-control-allow-origin': '*' }),
  );
  api.get('/v1/moved', (c) => c.redirect('/v1/public'));
  api.get('/v1/basic', (c) => c.json({}, 401, { 'www-authenticate': 'Basic realm="x"' }));
  api.post('/v1/echo', auth, (c) =>
    c.newResponse(c.req.raw.body ?? null, 200, { 'content-type': 'application/octet-stream' }),
  );
  api.get('/admin', (c) => c.json({ secret: true }));
  return api;
}

/** Starts all of it. `options` are those of the issuer. */
export async function startBffWorld(options: Partial<TestServerOptions> = {}): Promise<BffWorld> {
  const server = await startTestServer({ engine: 'pglite', ...options });
  const project = await seedProject(server, { roleKeys: ['editor'], roleAssertion: true });
  const app = await seedApplication(server, project, {
    type: 'web',
    idTokenUserinfoAssertion: true,
    idTokenRoleAssertion: true,
    redirectUris: [`${appOrigin}/auth/callback`],
    postLogoutRedirectUris: [`${appOrigin}/`],
  });
  const apiApp = await seedApplication(server, project, { type: 'api' });
  const user = await seedUser(server, { displayName: 'Grace Hopper' });
  await seedAuthorization(server, { userId: user.id, project, roleKeys: ['editor'] });
  const calls: ApiCall[] = [];
  const { clientId, clientSecret } = apiApp;
  const verifierOptions = {
    ...{ issuer: server.issuer, clientId, clientSecret, mode: 'introspect' as const },
    ...{ positiveCacheSeconds: 0, negativeCacheSeconds: 0, now: () => server.clock.now() },
  };
  const http = serve({ fetch: createApi(verifierOptions, calls).fetch, hostname: '127.0.0.1', port: 0 });
  if (!(http instanceof Server)) throw new Error('no HTTP/1 server');
  if (!http.listening) await new Promise((resolve) => http.once('listening', resolve));
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const origin = `http://127.0.0.1:${port}`;
  const log: string[] = [];
  return {
    ...{ server, project, app, user, log, api: { origin, calls } },
    createApp: (overrides = {}) => {
      log.length = 0;
      const asked: string[] = [];
      let isCutOff = false;
      const fetchWith = overrides.fetch ?? fetch;
      const fetchWatched: typeof fetch = async (input, init) => {
        const url = new URL(String(input));
        if (url.origin === server.issuer) {
          if (isCutOff) throw new TypeError('fetch failed');
          asked.push(url.pathname);
        }
        const { status, statusText, headers, body } = await fetchWith(input, init);
        // Servers are dated by the clock of the test.
        const dated = new Headers(headers);
        dated.set('date', new Date(server.clock.now()).toUTCString());
        return new Response(body, { status, statusText, headers: dated });
      };
      const bff = createBff({
        issuer: server.issuer,
        clientId: app.clientId,
        ...('keyFile' in overrides || 'clientSecret' in overrides ? {} : { clientSecret: app.clientSecret }),
        baseUrl: appOrigin,
        cookieSecret,
        projectId: project.id,
        apis: { '/api': `${origin}/v1` },
        now: () => server.clock.now(),
        log: (line) => void log.push(line),
        ...overrides,
        fetch: fetchWatched,
      });
      const cutOff = (value: boolean) => {
        isCutOff = value;
      };
      return { bff, asked, cutOff };
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await server.close();
    },
  };
}

/** The world of a test file. */
export function useBffWorld(options: Partial<TestServerOptions> = {}): () => BffWorld {
  let world: BffWorld | undefined;
  beforeAll(async () => {
    world = await startBffWorld(options);
  });
  afterAll(() => world?.close());
  return () => {
    if (world === undefined) throw new Error('The world is there in tests only.');
    return world;
  };
}

/** Headers a browser sends with a request of a script of this app. */
export const scriptHeaders = {
  'x-latchkey-csrf': '1',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
} as const;

/** A browser of the app: it keeps cookies and follows nothing. */
export interface AppBrowser {
  readonly cookies: CookieJar;
  /** Sends any request with this browser's cookies. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
  /** Sends a request as a script of the app does. */
  readonly call: (path: string, init?: RequestInit) => Promise<Response>;
  /** What `session` answers. */
  readonly session: () => Promise<SessionBody>;
  /** Goes to `sign-in`; resolves to the issuer's address. */
  readonly begin: (query?: string) => Promise<string>;
  /** Signs a person in at the issuer from there; resolves to the address of the callback. */
  readonly answer: (address: string, user: Pick<SeededUser, 'loginName' | 'password'>) => Promise<string>;
  /** Both, and opens the callback; resolves to where that leads. */
  readonly signIn: (user: Pick<SeededUser, 'loginName' | 'password'>, query?: string) => Promise<string>;
}

/** The body of `session`. */
export interface SessionBody {
  readonly user: { readonly id: string; readonly name: string; readonly roles: readonly string[] } | null;
  readonly expiresAt?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Opens a browser at an app. */
export function openAppBrowser(world: BffWorld, { bff }: Pick<App, 'bff'>): AppBrowser {
  const cookies = createCookieJar();
  const agent = createBrowserAgent(world.server);
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (cookies.header() !== '') headers.set('cookie', cookies.header());
    const url = path.startsWith('https:') ? path : `${appOrigin}${path}`;
    const response = await bff.handle(new Request(url, { ...init, headers }));
    if (response === undefined) throw new Error(`${path} is not answered by the backend for frontend.`);
    cookies.store(response.headers);
    return response;
  };
  const call = (path: string, init: RequestInit = {}) => {
    const isRead = (init.method ?? 'GET') === 'GET';
    const origin = isRead ? {} : { origin: appOrigin };
    return send(path, {
      ...init,
      headers: { ...scriptHeaders, ...origin, ...Object.fromEntries(new Headers(init.headers)) },
    });
  };
  const begin = async (query = '') => (await send(`/auth/sign-in${query}`)).headers.get('location') ?? '';
  const answer = async (address: string, user: Pick<SeededUser, 'loginName' | 'password'>) =>
    leftFor(await completeSignIn(agent, await agent.open(address), user)).url.href;
  return {
    ...{ cookies, send, call, begin, answer },
    // cast: the shape is what the tests check
    session: async () => (await (await send('/auth/session')).json()) as SessionBody,
    signIn: async (user, query) => {
      const response = await send(await answer(await begin(query), user));
      return response.headers.get('location') ?? '';
    },
  };
}

/** Another browser with the same cookies, some of them changed. */
export function copyBrowser(
  world: BffWorld,
  app: Pick<App, 'bff'>,
  { cookies }: AppBrowser,
  changed: Readonly<Record<string, string>> = {},
): AppBrowser {
  const copy = openAppBrowser(world, app);
  for (const name of cookies.names()) copy.cookies.set(name, cookies.get(name) ?? '');
  for (const [name, value] of Object.entries(changed)) copy.cookies.set(name, value);
  return copy;
}

/** A store whose entries a test can look at. */
export function createWatchedStore(): SessionStore & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: async (key) => entries.get(key),
    set: async (key, value) => void entries.set(key, value),
    remove: async (key) => void entries.delete(key),
  };
}
