import {
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaGrant = 'urn:openid:params:grant-type:ciba';
const scope = 'openid profile email offline_access';

let server: TestServer;
let browser: Browser;
let tv: SeededApplication;
let till: SeededApplication;
let ada: SeededUser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ engine: 'pglite' }), launchChromium()]);
  const project = await seedProject(server, { roleKeys: ['editor'] });
  tv = await seedApplication(server, project, {
    type: 'native',
    name: 'Living room TV',
    grantTypes: [deviceGrant, 'refresh_token'],
  });
  till = await seedApplication(server, project, {
    type: 'web',
    name: 'Checkout',
    grantTypes: [cibaGrant, 'refresh_token'],
    cibaDeliveryMode: 'poll',
  });
  ada = await seedUser(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function newUserCode(): Promise<string> {
  const body = new URLSearchParams({ client_id: tv.clientId, scope });
  const response = await server.fetch('/oauth/v2/device_authorization', { body });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('user_code' in answer))
    throw new Error('no user_code');
  return String(answer.user_code);
}

async function askAda(message: string): Promise<void> {
  const basic = Buffer.from(`${till.clientId}:${till.clientSecret}`).toString('base64');
  const body = new URLSearchParams({ scope, login_hint: ada.loginName, binding_message: message });
  const response = await server.fetch('/oauth/v2/bc-authorize', {
    body,
    headers: { authorization: `Basic ${basic}` },
  });
  expect(response.status).toBe(200);
}

async function signIn(page: Page): Promise<void> {
  await page.fill('#loginName', ada.loginName);
  await page.click('#submit');
  await page.fill('#password', ada.password);
  await page.click('#submit');
}

type Look = (name: string) => Promise<void>;

async function walkDevice(page: Page, look: Look): Promise<void> {
  await page.goto(`${server.issuer}/device`);
  await page.waitForSelector('#userCode');
  await look('device-code');
  await page.fill('#userCode', 'bbbb-bbbb');
  await page.click('#submit');
  await page.waitForSelector('#userCode-problem');
  await look('device-code-wrong');
  await page.fill('#userCode', (await newUserCode()).toLowerCase());
  await page.click('#submit');
  await page.waitForSelector('#loginName');
  await look('device-login-name');
  await signIn(page);
  await page.waitForSelector('[data-page=device-confirm]');
  await look('device-confirm');
  await page.click('#submit');
  await page.waitForURL('**/device/done**');
  await look('device-done-approved');
  await page.goto(`${server.issuer}/device?user_code=${await newUserCode()}`);
  await page.click('#submit');
  await page.click('#deny');
  await page.waitForURL('**/device/done**');
  await look('device-done-denied');
}

async function walkRequests(page: Page, look: Look): Promise<void> {
  await page.goto(`${server.issuer}/login/requests`);
  await page.waitForSelector('[data-page=requests]');
  await look('requests-none');
  await askAda('Order 4711');
  await askAda('Order 4712: a longer message that names what the person sees on the till');
  await page.reload();
  await page.waitForSelector('#approve-2');
  await look('requests');
  await page.click('#approve-1');
  await page.waitForSelector('#told');
  await look('requests-approved');
  await page.click('#deny-1');
  await page.waitForSelector('text=You refused the request.');
}

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { width: 1280, height: 800 },
    { width: 375, height: 720 },
  ].map((viewport) => ({ colorScheme, viewport, width: viewport.width })),
);

test.each(looks)(
  '$colorScheme at $width px: approving a device and a request, axe finds nothing, nothing scrolls sideways, the console is silent',
  { timeout: 80_000 },
  async ({ colorScheme, viewport, width }) => {
    const context = await browser.newContext({
      colorScheme,
      viewport,
      locale: 'en',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const complaints = watchComplaints(page);
    const findings: string[] = [];
    const look: Look = async (name) => {
      await keepScreenshot(page, `${name}-${colorScheme}-${width}`);
      findings.push(...(await axeFindings(page)));
      const scrolled: unknown = await page.evaluate('document.documentElement.scrollWidth');
      if (scrolled !== width) findings.push(`${name} is ${scrolled} px wide`);
    };
    await walkDevice(page, look);
    await walkRequests(page, look);
    await context.close();
    expect(findings).toEqual([]);
    // A wrong code is answered with 400, which the browser notes by itself.
    expect(complaints.filter((line) => !/status of 400/.test(line))).toEqual([]);
  },
);

test('without JavaScript, in German: a device is approved from code to end', async () => {
  const context = await browser.newContext({ locale: 'de', javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.issuer}/device?user_code=${await newUserCode()}`);
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await page.click('#submit');
  await signIn(page);
  await page.waitForSelector('#warning');
  await keepScreenshot(page, 'device-confirm-german-1280');
  await page.click('#submit');
  expect(await page.locator('h1').innerText()).toBe('Gerät verbunden');
  await context.close();
});
