import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';
import { signInOnPages } from './person.ts';

/** An application's site: its pages, and the addresses that were asked for. */
interface Site {
  readonly origin: string;
  readonly visits: string[];
  readonly close: () => Promise<void>;
}

/** The page an application watches the frame with (OpenID Connect Session Management 1.0 §3.1). */
function watchingPage(issuer: string): string {
  return `<!doctype html><title>app</title>
<iframe id="op" src="${issuer}/oidc/v1/check_session" hidden></iframe>
<script>
window.ask = function (message) {
  return new Promise(function (resolve) {
    window.addEventListener('message', function (event) {
      if (event.origin === '${issuer}') resolve(event.data);
    }, { once: true });
    document.getElementById('op').contentWindow.postMessage(message, '${issuer}');
  });
};
</script>`;
}

async function startSite(issuer: string, host: string): Promise<Site> {
  const visits: string[] = [];
  const http: Server = createServer((request, response) => {
    const url = request.url ?? '';
    if (!url.startsWith('/favicon')) visits.push(url);
    if (url.startsWith('/hang')) return;
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(url.startsWith('/out') ? '<!doctype html><title>out</title>' : watchingPage(issuer));
  });
  await new Promise<void>((resolve) => http.listen(0, host, resolve));
  const address: AddressInfo | string | null = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://${host}:${port}`,
    visits,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

let server: TestServer;
let site: Site;
let otherSite: Site;
let app: SeededApplication;
let person: SeededUser;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
  [site, otherSite, browser] = await Promise.all([
    startSite(server.issuer, 'localhost'),
    startSite(server.issuer, '127.0.0.1'),
    launchChromium(),
  ]);
  app = await seedSite({});
  person = await seedUser(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await site?.close();
  await otherSite?.close();
});

beforeEach(async () => {
  context = await browser.newContext({ locale: 'en' });
  page = await context.newPage();
  complaints = watchComplaints(page);
  site.visits.length = 0;
});

afterEach(() => context.close());

async function seedSite(
  settings: Partial<Parameters<typeof seedApplication>[2]>,
): Promise<SeededApplication> {
  const project = await seedProject(server);
  return await seedApplication(server, project, {
    type: 'user_agent',
    developmentMode: true,
    redirectUris: [`${site.origin}/callback`],
    postLogoutRedirectUris: [`${site.origin}/goodbye`],
    ...settings,
  });
}

function authorizeUrl(application: SeededApplication): string {
  const query = new URLSearchParams({
    client_id: application.clientId,
    redirect_uri: application.redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  return `${server.issuer}/oauth/v2/authorize?${query}`;
}

async function signIn(tab: Page, application: SeededApplication): Promise<string> {
  await tab.goto(authorizeUrl(application));
  await signInOnPages(tab, person);
  await tab.waitForURL(`${site.origin}/callback?**`);
  return new URL(tab.url()).searchParams.get('session_state') ?? '';
}

async function askFrame(tab: Page, message: string): Promise<unknown> {
  // The page's own function: what it resolves to is the frame's answer.
  return await tab.evaluate(`window.ask(${JSON.stringify(message)})`);
}

describe('an application watches the frame', () => {
  test('Session Management §3.2: unchanged while the sign-in lasts, changed after a sign-out in another tab, error for anything else', async () => {
    const state = await signIn(page, app);
    const message = `${app.clientId} ${state}`;
    expect(await askFrame(page, message)).toBe('unchanged');
    expect(await askFrame(page, message)).toBe('unchanged');
    expect(await askFrame(page, 'whatever')).toBe('error');
    expect(await askFrame(page, `another-client ${state}`)).toBe('changed');

    const tab = await context.newPage();
    await tab.goto(`${server.issuer}/logout`);
    await tab.click('#submit');
    await tab.waitForSelector('[data-page=signed-out]');
    expect(await askFrame(page, message)).toBe('changed');

    const later = await signIn(tab, app);
    expect(await askFrame(tab, `${app.clientId} ${later}`)).toBe('unchanged');
    expect(await askFrame(page, message)).toBe('changed');
    expect(complaints).toEqual([]);
  });

  test('a page of another site cannot use what an application was told', async () => {
    const state = await signIn(page, app);
    const stranger = await context.newPage();
    await stranger.goto(`${otherSite.origin}/`);
    expect(await askFrame(stranger, `${app.clientId} ${state}`)).not.toBe('unchanged');
  });
});

describe('a sign-out tells the applications in the browser', () => {
  test('Front-Channel Logout §3: the browser loads the application’s address and goes on by itself', async () => {
    const told = await seedSite({ frontchannelLogoutUri: `${site.origin}/out?x=1` });
    await signIn(page, told);
    const query = new URLSearchParams({
      client_id: told.clientId,
      post_logout_redirect_uri: `${site.origin}/goodbye`,
      state: 's',
    });
    await page.goto(`${server.issuer}/oidc/v1/end_session?${query}`);
    await page.click('#submit');
    await page.waitForURL(`${site.origin}/goodbye?state=s`);
    const out = new URL(site.visits.find((url) => url.startsWith('/out')) ?? '', site.origin);
    expect([...out.searchParams.keys()]).toEqual(['x', 'iss', 'sid']);
    expect(out.searchParams.get('iss')).toBe(server.issuer);
    expect(complaints).toEqual([]);
  });

  test('an application that never answers holds nobody up, and the page says what goes on', async () => {
    const hanging = await seedSite({ frontchannelLogoutUri: `${site.origin}/hang` });
    await signIn(page, hanging);
    await page.goto(`${server.issuer}/logout`);
    await page.click('#submit', { noWaitAfter: true });
    await page.waitForSelector('[data-page=frontchannel-logout]');
    await keepScreenshot(page, 'frontchannel-logout');
    await page.waitForSelector('[data-page=signed-out]', { timeout: 10_000 });
    expect(site.visits.some((url) => url.startsWith('/hang'))).toBe(true);
  });

  test('without scripts the page goes on as well, and can be gone on from by hand', async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false, locale: 'en' });
    const tab = await bare.newPage();
    const told = await seedSite({ frontchannelLogoutUri: `${site.origin}/out` });
    await signIn(tab, told);
    await tab.goto(`${server.issuer}/logout`);
    await tab.click('#submit');
    expect(await tab.locator('#continue').getAttribute('href')).toBe(`${server.issuer}/logout/done`);
    await tab.waitForSelector('[data-page=signed-out]', { timeout: 10_000 });
    expect(site.visits.some((url) => url.startsWith('/out'))).toBe(true);
    await bare.close();
  });
});
