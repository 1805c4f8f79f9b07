import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_ID, createFakeIssuer, type FakeIssuer } from '../test-support/fake-issuer.ts';
import { findChromium } from '../test-support/find-chromium.ts';

// The real thing in a real browser: redirects, hidden frames, Web Locks, BroadcastChannel and the back-forward cache.
let browser: Browser;
let context: BrowserContext;
let issuer: FakeIssuer;
let app: string;
const servers: Server[] = [];

beforeAll(async () => {
  const bundled = await build({
    stdin: {
      contents: `import { createAuthClient } from './src/index.ts';
        window.client = createAuthClient({ issuer: window.ISSUER, clientId: '${CLIENT_ID}' });
        window.authStatus = () => window.client.getSnapshot().status;
        window.client.start();`,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'iife',
  });
  const script = bundled.outputFiles[0]?.text ?? '';
  app = await listen((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>App</title><script>window.ISSUER = ${JSON.stringify(issuer.issuer)}</script><body><script>${script}</script>`,
    );
  });
  const issuerUrl = await listen(serveIssuer);
  issuer = await createFakeIssuer(issuerUrl);
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

beforeEach(async () => {
  issuer.bend.clockAheadSeconds = 0;
  issuer.requests.length = 0;
  context = await browser.newContext();
});

afterEach(() => context.close());

type Handler = Parameters<typeof createServer>[1];

async function listen(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://localhost:${address.port}`;
}

const serveIssuer: Handler = async (request, response) => {
  const url = new URL(request.url ?? '/', issuer.issuer);
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*, authorization');
  if (request.method === 'OPTIONS') return response.writeHead(204).end();
  if (url.pathname === '/oauth/v2/authorize') {
    const isKnown =
      request.headers.cookie?.includes('session=1') === true || url.searchParams.get('prompt') !== 'none';
    const location = issuer.authorize(url.href, isKnown ? 'signed in' : 'signed out');
    const cookie = isKnown ? { 'set-cookie': 'session=1; Path=/; SameSite=Lax; HttpOnly' } : {};
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
  const { status, body } = await issuer.answer(url.pathname, new URLSearchParams(form));
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

async function openTab(path = '/news?page=2'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(app + path);
  await settled(page);
  return page;
}

const settled = (page: Page) =>
  page.waitForFunction('window.authStatus && window.authStatus() !== "loading"');
// The clock of the device moves on by twenty minutes.
const CLOCK_AHEAD = 'void (Date.now = ((real) => () => real() + 1_200_000)(Date.now))';
const evaluate = (page: Page, expression: string) => page.evaluate<string>(expression);

async function signIn(page: Page): Promise<void> {
  await evaluate(page, 'void client.signIn()');
  await page.waitForFunction('window.authStatus && window.authStatus() === "signed-in"');
}

describe('in Chromium', () => {
  test('sign-in comes back to where the user was, and a reload restores from the issuer in a hidden frame', async () => {
    const page = await openTab();
    expect(await evaluate(page, 'authStatus()')).toBe('signed-out');
    await signIn(page);
    expect(page.url()).toBe(`${app}/news?page=2`);
    await page.reload();
    await settled(page);
    expect(await evaluate(page, 'client.getSnapshot().user.name')).toBe('Ada Lovelace');
    expect(await evaluate(page, 'document.querySelectorAll("iframe").length')).toBe(0);
    expect(page.url()).toBe(`${app}/news?page=2`);
  });

  test('a new tab takes the session from an open one; three tabs that need a token refresh once', async () => {
    const first = await openTab();
    await signIn(first);
    const tabs = [first, await openTab(), await openTab()];
    expect(issuer.count('/oauth/v2/token', 'authorization_code')).toBe(1);
    const before = issuer.count('/oauth/v2/token', 'refresh_token');
    for (const tab of tabs) await evaluate(tab, CLOCK_AHEAD);
    issuer.bend.clockAheadSeconds = 1_200;
    const tokens = await Promise.all(tabs.map((tab) => evaluate(tab, 'client.getAccessToken()')));
    expect(new Set(tokens).size).toBe(1);
    expect(issuer.count('/oauth/v2/token', 'refresh_token')).toBe(before + 1);
  });

  test('a sign-out in one tab signs out the other, ends the session and revokes the refresh token', async () => {
    const one = await openTab();
    await signIn(one);
    const other = await openTab();
    await evaluate(one, 'void client.signOut({ returnTo: "/bye" })');
    await other.waitForFunction('window.authStatus() === "signed-out"');
    await one.waitForURL(`${app}/bye`);
    await settled(one);
    expect(await evaluate(one, 'authStatus()')).toBe('signed-out');
    await expect.poll(() => issuer.count('/oauth/v2/revoke')).toBe(1);
  });
});
