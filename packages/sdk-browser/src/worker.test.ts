import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BrowserApp, startBrowserApp } from '../test-support/browser-app.ts';
import { chromiumOptions } from '../test-support/find-chromium.ts';

// DPoP, the worker and the key in a real browser, at an issuer and an API that check proofs.
let browser: Browser;
let context: BrowserContext;
let world: BrowserApp;

beforeAll(async () => {
  world = await startBrowserApp();
  browser = await chromium.launch(chromiumOptions());
});

afterAll(async () => {
  await browser?.close();
  world?.stop();
});

beforeEach(async () => {
  Object.assign(world.issuer.bend, { dpop: 'on', clockAheadSeconds: 0, refuseTarget: undefined });
  Object.assign(world, { apiNonce: undefined, pageHeaders: {}, clientOptions: '' });
  world.issuer.requests.length = 0;
  world.apiCalls.length = 0;
  context = await browser.newContext();
});

afterEach(() => context.close());

const evaluate = <T>(page: Page, expression: string) => page.evaluate<T>(expression);
const settled = (page: Page) =>
  page.waitForFunction('window.authStatus && window.authStatus() !== "loading"');

async function openTab(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${world.app}/`);
  await settled(page);
  return page;
}

async function signIn(page: Page): Promise<void> {
  await evaluate(page, 'void client.signIn()');
  await page.waitForFunction('window.authStatus && window.authStatus() === "signed-in"');
}

/** Calls the API with the authFetch of the page: the status, or the code of the error. */
const callApi = (page: Page, path = '/quote') =>
  evaluate<number | string>(
    page,
    `makeAuthFetch({ apiOrigins: ['${world.api}'] })('${world.api}${path}').then((r) => r.status, (e) => e.code)`,
  );
const workerStates = (page: Page) =>
  evaluate<string[]>(page, `trace.filter((e) => e.kind === 'worker').map((e) => e.detail.state)`);

// The worker is killed from within: to the page it is one that stops answering.
const KILL_WORKER = `new Promise((resolve) => {
  new BroadcastChannel('test-kill').postMessage('now'); setTimeout(resolve, 100); })`;

describe('DPoP, RFC 9449', () => {
  test('the code is bound to the key (§10), the tokens too (§5), and an API gets a proof (§7.1)', async () => {
    const page = await openTab();
    const [request] = await Promise.all([page.waitForRequest(/\/oauth\/v2\/authorize/), signIn(page)]);
    const jkt = new URL(request.url()).searchParams.get('dpop_jkt');
    expect(jkt).toMatch(/^[\w-]{43}$/);
    expect(await callApi(page)).toBe(200);
    const token = world.apiCalls[0]?.authorization?.split(' ')[1] ?? '';
    expect(world.apiCalls[0]?.authorization).toBe(`DPoP ${token}`);
    expect(world.issuer.boundTo.get(token)).toBe(jkt);
  });

  test('§8, §9: nonces of the issuer and of the API are repeated, and kept for the next request', async () => {
    world.issuer.bend.dpop = 'with nonce';
    world.apiNonce = 'api-nonce';
    const page = await openTab();
    await signIn(page);
    const fetchTwice = `(async () => { const f = makeAuthFetch({ apiOrigins: ['${world.api}'] });
      return [(await f('${world.api}/a')).status, (await f('${world.api}/b')).status]; })()`;
    expect(await evaluate(page, fetchTwice)).toEqual([200, 200]);
    expect(world.apiCalls.map(({ path }) => path)).toEqual(['/a', '/a', '/b']);
  });

  test('a stolen access token is refused without the key', async () => {
    const page = await openTab();
    await signIn(page);
    await callApi(page);
    const { authorization, dpop } = world.apiCalls[0] ?? {};
    const token = authorization?.split(' ')[1];
    const replay = (headers: Record<string, string>) => fetch(`${world.api}/other`, { headers });
    expect((await replay({ authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await replay({ authorization: `DPoP ${token}`, dpop: dpop ?? '' })).status).toBe(401);
  });

  test('an issuer that does not offer it, and dpop: false, get bearer tokens', async () => {
    for (const [offer, options] of [
      ['off', ''],
      ['on', 'dpop: false'],
    ] as const) {
      world.issuer.bend.dpop = offer;
      world.clientOptions = options;
      const page = await openTab();
      await signIn(page);
      world.apiCalls.length = 0;
      expect(await callApi(page)).toBe(200);
      expect(world.apiCalls[0]).toMatchObject({
        authorization: expect.stringMatching(/^Bearer at_/),
        dpop: undefined,
      });
      await context.clearCookies();
      await context.close();
      context = await browser.newContext();
    }
  });

  test.each([600, -600])(
    'a clock that is %i seconds off is found out, at the issuer and at the API',
    async (seconds) => {
      world.issuer.bend.clockAheadSeconds = seconds;
      const page = await openTab();
      await signIn(page);
      expect(await callApi(page)).toBe(200);
    },
  );

  test('the key cannot be exported, and all tabs and visits have the same', async () => {
    const first = await openTab();
    await signIn(first);
    const second = await openTab();
    const extractable = `new Promise((resolve) => { const opening = indexedDB.open('latchkey');
      opening.onsuccess = () => { const all = opening.result.transaction('keys').objectStore('keys').getAll();
        all.onsuccess = () => resolve(all.result.map((pair) => pair.privateKey.extractable)); }; })`;
    expect(await evaluate(second, extractable)).toEqual([false]);
    expect(await callApi(second)).toBe(200);
    await second.reload();
    await settled(second);
    expect(await callApi(second)).toBe(200);
  });

  test('where IndexedDB is denied the key lives in memory, and no code is bound to it', async () => {
    await context.addInitScript(`
      delete window.SharedWorker; delete window.Worker;
      IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };`);
    const page = await openTab();
    const [request] = await Promise.all([page.waitForRequest(/\/oauth\/v2\/authorize/), signIn(page)]);
    expect(new URL(request.url()).searchParams.has('dpop_jkt')).toBe(false);
    expect(await callApi(page)).toBe(200);
  });
});

describe('the worker', () => {
  test('no refresh token is in the page, its storage or its messages', async () => {
    await context.addInitScript(`window.seen = [];
      for (const [object, name] of [[MessagePort.prototype, 'onmessage'], [Worker.prototype, 'onmessage']]) {
        const { set } = Object.getOwnPropertyDescriptor(object, name);
        Object.defineProperty(object, name, { set(listener) {
          set.call(this, (event) => { seen.push(JSON.stringify(event.data)); listener(event); }); } });
      }
      new BroadcastChannel('latchkey:${world.issuer.issuer}:381920000000000001').onmessage = (event) => seen.push(JSON.stringify(event.data));`);
    const page = await openTab();
    await signIn(page);
    const other = await openTab();
    await evaluate(page, 'setClock(1_200_000)');
    world.issuer.bend.clockAheadSeconds = 1_200;
    await evaluate(page, 'client.getAccessToken()');
    expect(world.issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
    const seen = await evaluate<string[]>(page, 'seen');
    expect(seen.some((text) => text.includes('at_'))).toBe(true);
    const kept = await evaluate(page, 'JSON.stringify([{ ...sessionStorage }, { ...localStorage }])');
    // A masked one, as the trace shows it, is not one.
    expect(JSON.stringify([seen, kept, await evaluate(other, 'seen')])).not.toMatch(/rt_[\da-f]{8}/);
  });

  test.each([
    ['a policy forbids workers', { 'content-security-policy': "worker-src 'none'" }, ''],
    ['its script is not there', {}, `workerUrl: '/nowhere.js'`],
  ])('where %s the page does its work, and the trace says so once', async (_, headers, options) => {
    world.pageHeaders = headers;
    world.clientOptions = options;
    const page = await openTab();
    await signIn(page);
    expect(await callApi(page)).toBe(200);
    expect(await workerStates(page)).toEqual(['unavailable']);
  });

  test('without shared workers tabs have one each, and the one with the refresh token renews for all', async () => {
    await context.addInitScript('delete window.SharedWorker');
    const first = await openTab();
    await signIn(first);
    const second = await openTab();
    for (const tab of [first, second]) await evaluate(tab, 'setClock(1_200_000)');
    world.issuer.bend.clockAheadSeconds = 1_200;
    const renewed = await evaluate(second, 'client.getAccessToken()');
    expect(await evaluate(first, 'client.getAccessToken()')).toBe(renewed);
    expect(world.issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
  });

  test('a worker that dies is replaced: the user stays signed in by the session at the issuer', async () => {
    const page = await openTab();
    await signIn(page);
    await evaluate(page, KILL_WORKER);
    expect(await callApi(page)).toBe(200);
    await evaluate(page, 'setClock(1_200_000)');
    world.issuer.bend.clockAheadSeconds = 1_200;
    expect(await evaluate(page, 'client.getAccessToken()')).toMatch(/^at_/);
    expect(await workerStates(page)).toContain('lost');
  });

  test('a worker that dies where the issuer has no session either: LoginRequired, not a wait without end', async () => {
    const page = await openTab();
    await signIn(page);
    await context.clearCookies();
    await evaluate(page, KILL_WORKER);
    await evaluate(page, 'setClock(1_200_000)');
    world.issuer.bend.clockAheadSeconds = 1_200;
    expect(await evaluate(page, `client.getAccessToken().catch((error) => error.code)`)).toBe(
      'login_required',
    );
    expect(await evaluate(page, 'authStatus()')).toBe('signed-out');
  });
});

describe('authFetch', () => {
  test('a redirect is not followed with a token, whichever origin it leads to', async () => {
    const page = await openTab();
    await signIn(page);
    world.issuer.requests.length = 0;
    expect(await callApi(page, '/away')).toBe('api_redirects');
    expect(world.issuer.requests).toEqual([]);
  });
});

describe('signInWithPopup', () => {
  test('signs in while the page stays, though the issuer cuts the tie between the windows', async () => {
    const page = await openTab();
    await evaluate(page, 'window.mark = 1');
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#popup')]);
    await popup.click('#go');
    expect(await evaluate(page, 'popupOutcome')).toBe('signed in');
    expect(await evaluate(page, '[authStatus(), mark]')).toEqual(['signed-in', 1]);
    expect(await callApi(page)).toBe(200);
  });

  test('a blocked window is told at once', async () => {
    const page = await openTab();
    await evaluate(page, 'window.open = () => null');
    await page.click('#popup');
    expect(await evaluate(page, 'popupOutcome')).toBe('popup_blocked');
  });

  test('a closed window ends the waiting', async () => {
    const page = await openTab();
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#popup')]);
    await popup.waitForSelector('#go');
    await popup.close();
    await page.bringToFront();
    expect(await evaluate(page, 'popupOutcome')).toBe('popup_closed');
    expect(await evaluate(page, 'authStatus()')).toBe('signed-out');
  });
});
