import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { projectRoot } from './demo-process.ts';

// @latchkey/browser at an issuer that is not ours, as it comes: node-oidc-provider with its own pages.
interface Site {
  readonly server: Server;
  readonly origin: string;
}

async function startSite(listener: RequestListener): Promise<Site> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, origin: `http://localhost:${port}` };
}

async function stopSite({ server }: Site): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

interface Issuer {
  readonly origin: string;
  readonly process: ChildProcess;
}

async function startIssuer(app: string, dpop: string): Promise<Issuer> {
  const script = fileURLToPath(new URL('oidc-provider-peer.mjs', import.meta.url));
  const child = fork(script, [app, dpop], { silent: true });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { readonly port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`node-oidc-provider ended with ${code}`)));
  });
  return { origin: `http://localhost:${port}`, process: child };
}

/** The SDK as a bundler makes it: its worker and its parts beside it. */
async function bundleSdk(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: join(projectRoot, 'packages/sdk-browser'),
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

function pageOfApp(issuer: string): string {
  return `<!doctype html><title>App</title><script type="module">
    import { createAuthClient, createAuthFetch } from '/assets/index.js';
    window.client = createAuthClient({ issuer: '${issuer}', clientId: 'spa' });
    window.apiFetch = createAuthFetch(window.client);
    window.authStatus = () => window.client.getSnapshot().status;
    window.client.start();
  </script>`;
}

describe.each([
  { dpop: 'offered', scheme: 'DPoP' },
  { dpop: 'not offered', scheme: 'Bearer' },
])('node-oidc-provider, DPoP $dpop', ({ dpop, scheme }) => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let issuer: Issuer;
  let app: Site;
  let calls: string[];

  beforeAll(async () => {
    const assets = await bundleSdk();
    app = await startSite((request, response) => {
      const path = new URL(request.url ?? '/', 'http://app').pathname;
      const script = assets.get(path);
      if (path === '/api') calls.push(request.headers.authorization ?? '');
      response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
      response.end(script ?? (path === '/api' ? 'ok' : pageOfApp(issuer.origin)));
    });
    issuer = await startIssuer(app.origin, dpop);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    issuer?.process.disconnect();
    await stopSite(app);
  });

  beforeEach(async () => {
    calls = [];
    context = await browser.newContext();
    page = await context.newPage();
  });

  afterEach(() => context.close());

  async function settled(): Promise<string> {
    await page.waitForFunction('window.authStatus && window.authStatus() !== "loading"');
    return await page.evaluate<string>('window.authStatus()');
  }

  async function signIn(): Promise<void> {
    await page.goto(`${app.origin}/`);
    expect(await settled()).toBe('signed-out');
    await page.evaluate('void window.client.signIn()');
    await page.fill('input[name=login]', 'ada');
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]'); // consent
    await page.waitForURL(`${app.origin}/`);
    expect(await settled()).toBe('signed-in');
  }

  test('a person signs in, and the API gets a token of the kind the issuer gives', async () => {
    await signIn();
    expect(await page.evaluate('window.client.getSnapshot().user.name')).toBe('Ada');
    expect(await page.evaluate("window.apiFetch('/api').then((answer) => answer.text())")).toBe('ok');
    expect(calls.map((authorization) => authorization.split(' ')[0])).toEqual([scheme]);
  });

  test('after a reload the session is found again, and signing out leads to the issuer', async () => {
    await signIn();
    await page.reload();
    expect(await settled()).toBe('signed-in');
    await page.evaluate('void window.client.signOut()');
    await page.click('button[name=logout]');
    await page.waitForURL((url) => url.origin === app.origin);
    expect(await settled()).toBe('signed-out');
  });
});
