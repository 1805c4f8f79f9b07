import { updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  seedApplication,
  seedProject,
  startTestServer,
  type TestServer,
} from '@latchkey/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { axeFindings, keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';

let server: TestServer;
let browser: Browser;
let partner: SeededApplication;
let accounts = 0;

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
  browser = await launchChromium();
  const settings = { isSelfRegistrationEnabled: true };
  await changeAsOperator(server, (change) => updateInstanceSettings(change, settings));
  await vi.waitFor(async () => expect((await server.fetch('/login/register')).status).toBe(302));
  partner = await seedApplication(server, await seedProject(server), {
    type: 'web',
    name: 'Partner',
    isThirdParty: true,
    clientUri: 'https://partner.example/about',
    logoUri: 'https://partner.example/logo.png',
    policyUri: 'https://partner.example/privacy',
    tosUri: 'https://partner.example/terms',
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

function authorizeUrl(extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    client_id: partner.clientId,
    redirect_uri: partner.redirectUri,
    response_type: 'code',
    scope: 'openid profile email offline_access',
    state: 'state-of-the-test',
    ...extra,
  });
  return `${server.issuer}/oauth/v2/authorize?${query}`;
}

/** A browser in which the application's address exists. */
async function openBrowser(options: Parameters<Browser['newContext']>[0]): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...options });
  await context.route('https://web.example.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>The application</title>' }),
  );
  return context;
}

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

async function fillIn(page: Page): Promise<void> {
  accounts += 1;
  await page.fill('#givenName', 'Mary');
  await page.fill('#familyName', 'Somerville');
  await page.fill('#loginName', `mary-${accounts}@example.com`);
  await page.fill('#password', 'connexion-of-the-sciences');
}

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 375].map((width) => ({ colorScheme, width })),
);

test.each(looks)(
  '$colorScheme at $width px: making an account and allowing access, axe finds nothing, the console is silent',
  { timeout: 60_000 },
  async ({ colorScheme, width }) => {
    const context = await openBrowser({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    await page.route('https://partner.example/logo.png', (route) =>
      route.fulfill({ contentType: 'image/png', body: onePixel }),
    );
    const complaints = watchComplaints(page);
    const findings: string[] = [];
    const look = async (name: string): Promise<void> => {
      await keepScreenshot(page, `${name}-${colorScheme}-${width}`);
      findings.push(...(await axeFindings(page)));
      const scrolled: unknown = await page.evaluate('document.documentElement.scrollWidth');
      if (scrolled !== width) findings.push(`${name} is ${scrolled} px wide`);
    };
    await page.goto(authorizeUrl());
    await look('login-name-with-links');
    await page.click('#register');
    await look('register');
    await page.click('#submit');
    await page.waitForSelector('#givenName-problem');
    await look('register-problems');
    await fillIn(page);
    await page.click('#show-password');
    await look('register-shown');
    await page.click('#submit');
    await page.waitForSelector('[data-page=consent]');
    await look('consent');
    await page.click('#submit');
    await page.waitForURL('https://web.example.com/callback?*');
    expect(new URL(page.url()).searchParams.get('code')).toBeTruthy();
    await context.close();
    expect(findings).toEqual([]);
    // The form that was refused is answered with 400, which the browser notes by itself.
    expect(complaints.filter((line) => !/status of 400/.test(line))).toEqual([]);
  },
);

test('without JavaScript: an account is made, access refused, then allowed, each by a plain form', async () => {
  const context = await openBrowser({ javaScriptEnabled: false, locale: 'de' });
  const page = await context.newPage();
  await page.goto(authorizeUrl({ prompt: 'create' }));
  expect(await page.locator('h1').innerText()).toContain('Konto erstellen');
  expect(await page.locator('#show-password').isVisible()).toBe(false);
  await fillIn(page);
  await page.click('#submit');
  expect(await page.locator('[data-item=offline-access]').innerText()).toContain('Zugriff behalten');
  await page.click('#cancel');
  await page.waitForURL('https://web.example.com/callback?*');
  expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
  await page.goto(authorizeUrl());
  await page.click('#submit');
  await page.waitForURL('https://web.example.com/callback?code=*');
  await context.close();
});
