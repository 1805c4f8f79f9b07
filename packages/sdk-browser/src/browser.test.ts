import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BrowserApp, startBrowserApp } from '../test-support/browser-app.ts';
import { chromiumOptions } from '../test-support/find-chromium.ts';

// The real thing in a real browser: redirects, hidden frames, Web Locks, BroadcastChannel and a worker.
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
  world.issuer.bend.clockAheadSeconds = 0;
  world.issuer.requests.length = 0;
  context = await browser.newContext();
});

afterEach(() => context.close());

async function openTab(path = '/news?page=2'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(world.app + path);
  await settled(page);
  return page;
}

const settled = (page: Page) =>
  page.waitForFunction('window.authStatus && window.authStatus() !== "loading"');
// The clock of the device moves on by twenty minutes.
const CLOCK_AHEAD = 'setClock(1_200_000)';
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
    expect(page.url()).toBe(`${world.app}/news?page=2`);
    await page.reload();
    await settled(page);
    expect(await evaluate(page, 'client.getSnapshot().user.name')).toBe('Ada Lovelace');
    expect(await evaluate(page, 'document.querySelectorAll("iframe").length')).toBe(0);
    expect(page.url()).toBe(`${world.app}/news?page=2`);
  });

  test('a new tab takes the session from an open one; three tabs that need a token refresh once', async () => {
    const first = await openTab();
    await signIn(first);
    const tabs = [first, await openTab(), await openTab()];
    expect(world.issuer.count('/oauth/v2/token', 'authorization_code')).toBe(1);
    const before = world.issuer.count('/oauth/v2/token', 'refresh_token');
    for (const tab of tabs) await evaluate(tab, CLOCK_AHEAD);
    world.issuer.bend.clockAheadSeconds = 1_200;
    const tokens = await Promise.all(tabs.map((tab) => evaluate(tab, 'client.getAccessToken()')));
    expect(new Set(tokens).size).toBe(1);
    expect(world.issuer.count('/oauth/v2/token', 'refresh_token')).toBe(before + 1);
  });

  test('a sign-out in one tab signs out the other, ends the session and revokes the refresh token', async () => {
    const one = await openTab();
    await signIn(one);
    const other = await openTab();
    await evaluate(one, 'void client.signOut({ returnTo: "/bye" })');
    await other.waitForFunction('window.authStatus() === "signed-out"');
    await one.waitForURL(`${world.app}/bye`);
    await settled(one);
    expect(await evaluate(one, 'authStatus()')).toBe('signed-out');
    await expect.poll(() => world.issuer.count('/oauth/v2/revoke')).toBe(1);
  });
});
