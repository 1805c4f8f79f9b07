import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CLIENT_ID, createFakeIssuer, type FakeIssuer, httpDate } from './fake-issuer.ts';
import { readProof } from './read-proof.ts';

/** What an API was sent. */
export type ApiCall = {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly dpop: string | undefined;
};

/** An app that uses the client, its issuer and an API, each at an origin of its own on this machine. */
export type BrowserApp = {
  readonly app: string;
  readonly api: string;
  readonly issuer: FakeIssuer;
  readonly apiCalls: ApiCall[];
  /** The nonce the API wants in proofs; undefined for none. */
  apiNonce: string | undefined;
  /** Sent with every page of the app. */
  pageHeaders: Record<string, string>;
  /** More options of the client, as JavaScript source. */
  clientOptions: string;
  stop(): void;
};

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Bundles and serves all of it. The worker is at `/assets/worker.js`, beside the code that opens it. */
export async function startBrowserApp(): Promise<BrowserApp> {
  const servers: Server[] = [];
  const listen = (handle: Handle): Promise<string> => listenOnFreePort(servers, handle);
  const assets = await bundle();
  const world: { current: BrowserApp | undefined } = { current: undefined };
  const running = (): BrowserApp => {
    if (world.current === undefined) throw new Error('not started');
    return world.current;
  };
  const app = await listen((request, response) => serveApp(running(), assets, request, response));
  const api = await listen((request, response) => serveApi(running(), request, response));
  const issuerUrl = await listen((request, response) => serveIssuer(running().issuer, request, response));
  world.current = {
    app,
    api,
    issuer: await createFakeIssuer(issuerUrl),
    apiCalls: [],
    apiNonce: undefined,
    pageHeaders: {},
    clientOptions: '',
    stop() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
  return world.current;
}

async function bundle(): Promise<ReadonlyMap<string, string>> {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [
      { in: 'src/index.ts', out: 'index' },
      { in: 'src/worker.ts', out: 'worker' },
    ],
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    outdir: '/assets',
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

function listenOnFreePort(servers: Server[], handle: Handle): Promise<string> {
  const server = createServer((request, response) => void handle(request, response));
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(`http://localhost:${address.port}`);
    });
  });
}

// A test may set the clock of the worker, as it can that of the page, and kill it.
const WORKER_CLOCK = `{ const real = Date.now; let offset = 0; Date.now = () => real() + offset;
  new BroadcastChannel('test-clock').onmessage = ({ data }) => { offset = data; };
  new BroadcastChannel('test-kill').onmessage = () => close(); }\n`;

function serveApp(
  { app, issuer, pageHeaders, clientOptions }: BrowserApp,
  assets: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname } = new URL(request.url ?? '/', app);
  const script = assets.get(pathname);
  response.setHeader('date', new Date().toUTCString());
  if (pathname.startsWith('/assets/')) {
    response.setHeader('content-type', 'text/javascript');
    response.statusCode = script === undefined ? 404 : 200;
    response.end(pathname === '/assets/worker.js' ? WORKER_CLOCK + script : script);
    return;
  }
  for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>App</title><body><button id="popup">Sign in</button><script type="module">
    import { createAuthClient, createAuthFetch } from '/assets/index.js';
    window.trace = [];
    window.client = createAuthClient({ issuer: ${JSON.stringify(issuer.issuer)}, clientId: '${CLIENT_ID}',
      onTrace: (event) => window.trace.push(event), ${clientOptions} });
    window.makeAuthFetch = (options) => createAuthFetch(window.client, options);
    window.authStatus = () => window.client.getSnapshot().status;
    window.setClock = (ms) => { const real = Date.now; Date.now = () => real() + ms;
      new BroadcastChannel('test-clock').postMessage(ms); };
    document.getElementById('popup').onclick = () => {
      window.popupOutcome = window.client.signInWithPopup().then(() => 'signed in', (error) => error.code);
    };
    window.client.start();
  </script>`);
}

async function serveIssuer(issuer: FakeIssuer, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', issuer.issuer);
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*, authorization');
  response.setHeader('access-control-expose-headers', 'date, dpop-nonce');
  response.setHeader('date', httpDate(issuer.bend));
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  if (request.method === 'OPTIONS') return response.writeHead(204).end();
  if (url.pathname === '/oauth/v2/authorize') {
    const isKnown =
      request.headers.cookie?.includes('session=1') === true || url.searchParams.get('prompt') !== 'none';
    const location = issuer.authorize(url.href, isKnown ? 'signed in' : 'signed out');
    const cookie = isKnown ? { 'set-cookie': 'session=1; Path=/; SameSite=Lax; HttpOnly' } : {};
    // A popup shows a page first, as a person would see one.
    if (url.searchParams.get('display') === 'popup') {
      response.setHeader('content-type', 'text/html');
      return response.end(
        `<!doctype html><title>Sign in</title><a id="go" href="${location.replaceAll('&', '&amp;')}">Sign in</a>`,
      );
    }
    return response.writeHead(302, { location, ...cookie }).end();
  }
  if (url.pathname === '/oidc/v1/end_session') {
    const target = new URL(url.searchParams.get('post_logout_redirect_uri') ?? '');
    target.searchParams.set('state', url.searchParams.get('state') ?? '');
    return response
      .writeHead(302, { location: target.href, 'set-cookie': 'session=; Path=/; Max-Age=0' })
      .end();
  }
  let form = '';
  for await (const chunk of request) form += chunk;
  const proof = request.headers.dpop;
  const answer = await issuer.answer(
    url.pathname,
    new URLSearchParams(form),
    typeof proof === 'string' ? proof : undefined,
  );
  const headers = { 'content-type': 'application/json', ...answer.headers };
  return response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
}

async function serveApi(world: BrowserApp, request: IncomingMessage, response: ServerResponse) {
  const { api, app, apiCalls, issuer } = world;
  const path = request.url ?? '/';
  response.setHeader('access-control-allow-origin', app);
  response.setHeader('access-control-allow-headers', 'authorization, dpop');
  response.setHeader('access-control-expose-headers', 'www-authenticate, dpop-nonce, date');
  if (request.method === 'OPTIONS') return response.writeHead(204).end();
  const { authorization } = request.headers;
  const dpop = typeof request.headers.dpop === 'string' ? request.headers.dpop : undefined;
  apiCalls.push({ path, authorization, dpop });
  if (path === '/away') return response.writeHead(302, { location: `${issuer.issuer}/elsewhere` }).end();
  const accessToken = authorization?.split(' ')[1] ?? '';
  const jkt = issuer.boundTo.get(accessToken);
  const nowSeconds = Date.now() / 1000 + issuer.bend.clockAheadSeconds;
  const proof = await readProof(dpop ?? '', `${api}${path}`, nowSeconds, {
    method: request.method ?? '',
    accessToken,
  });
  const refuse = (error: string) =>
    response.writeHead(401, { 'www-authenticate': `DPoP error="${error}"` }).end();
  if (jkt === undefined)
    return authorization?.startsWith('Bearer at_') === true ? response.end('ok') : refuse('invalid_token');
  if (proof === 'refused') return refuse('invalid_dpop_proof');
  if (proof.jkt !== jkt || authorization?.startsWith('DPoP ') !== true) return refuse('invalid_token');
  if (world.apiNonce !== undefined && proof.nonce !== world.apiNonce) {
    response.setHeader('dpop-nonce', world.apiNonce);
    return refuse('use_dpop_nonce');
  }
  return response.end('ok');
}
