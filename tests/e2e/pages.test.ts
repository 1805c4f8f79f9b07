import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeFindings, keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';
import { type Demo, startDemo, temporaryFolder } from './demo-process.ts';
import { giveLoginName, personOf, signInOnPages, signInToQuotes } from './person.ts';

let demo: Demo;
let browser: Browser;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  [demo, browser] = await Promise.all([startDemo(folder.path), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.interrupt();
  await folder?.remove();
});

/** An authorization request of the quotes page, made by hand; the redirect URI is the page itself. */
function authorizeUrl(extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    client_id: demo.file.apps['quotes-web']?.clientId ?? '',
    redirect_uri: `${demo.web}/`,
    response_type: 'code',
    scope: 'openid',
    state: 'state-of-the-test',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...extra,
  });
  return `${demo.issuer}/oauth/v2/authorize?${query}`;
}

interface Walk {
  readonly page: Page;
  /** Looks at the page shown now: a picture, axe, and no scrolling sideways. */
  readonly look: (name: string) => Promise<void>;
  readonly findings: string[];
}

async function walkSignIn({ page, look }: Walk): Promise<void> {
  await page.goto(`${demo.web}/`);
  await page.waitForSelector('[data-testid=sign-in]');
  await look('quotes-signed-out');
  await page.click('[data-testid=sign-in]');
  await page.waitForSelector('#loginName');
  await look('login-name');
  await page.click('#submit');
  await page.waitForSelector('#loginName-problem');
  await look('login-name-missing');
  await giveLoginName(page, 'ada@example.com');
  await look('password');
  await page.fill('#password', 'not-the-password-at-all');
  await page.click('#submit');
  await page.waitForSelector('#password-problem');
  await look('password-wrong');
  await page.fill('#password', personOf(demo, 'ada').password);
  await page.click('#submit');
  await page.waitForSelector('[data-testid=greeting]');
  await look('quotes-signed-in');
  await page.click('[data-testid=generate-quote]');
  await page.locator('.flow-step', { hasText: 'Asks whether the token is good' }).waitFor();
  await look('quotes-quotation');
  for (const summary of await page.locator('.flow-step summary').all()) await summary.click();
  await look('quotes-panel-open');
}

async function walkAccounts({ page, look }: Walk): Promise<void> {
  await page.goto(authorizeUrl({ prompt: 'select_account' }));
  await page.waitForSelector('#account-1');
  await look('accounts');
  await page.goto(`${demo.issuer}/login`);
  await page.waitForSelector('#sign-out');
  await look('signed-in');
  await page.click('#sign-out');
  await page.waitForSelector('#stay');
  await look('sign-out-confirm');
  await page.click('#submit');
  await page.waitForURL('**/logout/done');
  await look('signed-out');
}

async function walkErrors({ page, look }: Walk): Promise<void> {
  const errors: readonly [string, string, string][] = [
    ['error-client-unknown', authorizeUrl({ client_id: '1' }), 'client-unknown'],
    [
      'error-redirect-uri-mismatch',
      authorizeUrl({ redirect_uri: `${demo.web}/elsewhere` }),
      'redirect-uri-mismatch',
    ],
    ['error-request-expired', `${demo.issuer}/login?request=not-sealed-by-us`, 'request-expired'],
    ['error-not-found', `${demo.issuer}/nothing-here`, 'not-found'],
  ];
  for (const [name, url, code] of errors) {
    await page.goto(url);
    expect(await page.locator('#error-code').innerText()).toBe(code);
    await look(name);
  }
}

const sizes = [
  { width: 1280, height: 800 },
  { width: 375, height: 720 },
] as const;
const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  sizes.map((viewport) => ({ colorScheme, viewport, width: viewport.width })),
);

test.each(looks)(
  '$colorScheme at $width px: axe finds nothing on any page, nothing scrolls sideways, the console is silent',
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
    const look = async (name: string): Promise<void> => {
      await keepScreenshot(page, `${name}-${colorScheme}-${width}`);
      findings.push(...(await axeFindings(page)));
      const scrolled: unknown = await page.evaluate('document.documentElement.scrollWidth');
      if (scrolled !== width) findings.push(`${name} is ${scrolled} px wide`);
    };
    const walk: Walk = { page, look, findings };
    await walkSignIn(walk);
    await walkAccounts(walk);
    await walkErrors(walk);
    await context.close();
    expect(findings).toEqual([]);
    // The pages that refuse something are answered with 400 or 404, which the browser notes by itself.
    expect(complaints.filter((line) => !/status of 40[04]/.test(line))).toEqual([]);
  },
);

describe('without JavaScript', () => {
  async function withoutScripts(options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
    return await browser.newContext({ locale: 'en', ...options, javaScriptEnabled: false });
  }

  test('OpenID Connect Core §3.1.2: signing in ends at the redirect URI with code, state and iss', async () => {
    const context = await withoutScripts();
    const page = await context.newPage();
    await page.goto(authorizeUrl());
    expect(await page.locator('h1').innerText()).toContain('Sign in');
    await signInOnPages(page, personOf(demo, 'grace'));
    await page.waitForURL(`${demo.web}/?*`);
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('code')).toBeTruthy();
    expect(searchParams.get('state')).toBe('state-of-the-test');
    expect(searchParams.get('iss')).toBe(demo.issuer);
    await context.close();
  });

  test('OAuth 2.0 Form Post Response Mode §2: the page to press shows a button that posts to the application', async () => {
    const context = await withoutScripts();
    const page = await context.newPage();
    await page.goto(authorizeUrl({ response_mode: 'form_post' }));
    await signInOnPages(page, personOf(demo, 'grace'));
    await page.waitForSelector('[data-page=form-post] #submit');
    await keepScreenshot(page, 'form-post-light-1280');
    const sent = page.waitForRequest((request) => request.url() === `${demo.web}/`);
    await page.click('#submit');
    expect(new URLSearchParams((await sent).postData() ?? '').get('code')).toBeTruthy();
    await context.close();
  });

  test('OpenID Connect Core §3.1.2.1: ui_locales chooses German, on every page of the sign-in', async () => {
    const context = await withoutScripts({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(authorizeUrl({ ui_locales: 'de' }));
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await keepScreenshot(page, 'login-name-german-1280');
    await giveLoginName(page, 'grace@example.com');
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.fill('#password', 'not-the-password-at-all');
    await page.click('#submit');
    expect(await page.locator('#password-problem').innerText()).toContain('Passwort');
    await keepScreenshot(page, 'password-wrong-german-1280');
    await page.click('.languages a >> text=English');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await context.close();
  });

  test('RP-Initiated Logout §2: the sign-out page asks, and ends the session when told to', async () => {
    const context = await withoutScripts();
    const page = await context.newPage();
    await page.goto(`${demo.issuer}/login`);
    await signInOnPages(page, personOf(demo, 'grace'));
    await page.click('#sign-out');
    await page.click('#submit');
    await page.waitForURL('**/logout/done');
    await page.goto(`${demo.issuer}/login`);
    expect(await page.locator('#loginName').count()).toBe(1);
    await context.close();
  });
});

test('the form-post page sends itself under its content security policy', async () => {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  await signInToQuotes(page, demo, personOf(demo, 'grace'));
  const sent = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url() === `${demo.web}/`,
  );
  await page.goto(authorizeUrl({ response_mode: 'form_post' }));
  expect(new URLSearchParams((await sent).postData() ?? '').get('state')).toBe('state-of-the-test');
  expect(complaints.filter((line) => /Content Security Policy/i.test(line))).toEqual([]);
  await context.close();
});
