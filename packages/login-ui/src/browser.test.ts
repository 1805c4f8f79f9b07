import { createRequire } from 'node:module';
import { type Browser, type Page as BrowserPage, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleContext, samplePages } from '../fixtures/sample-pages.ts';
import { supportedLocales } from './locales.ts';
import { renderPage } from './render-page.tsx';
import type { Page } from './view-models.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core');
const longText = (plain: string) => `${plain}${'-unbreakable'.repeat(12)}`;

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
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

afterAll(() => browser?.close());

/** Pages that leave by themselves, at once or when others have answered. */
const leavingPages: readonly Page['kind'][] = ['form-post', 'frontchannel-logout'];

/** The page as a browser shows it; one that leaves by itself without what makes it do so. */
async function show(
  tab: BrowserPage,
  page: Page,
  locale: string,
  text?: (plain: string) => string,
): Promise<void> {
  const html = renderPage(page, sampleContext(locale, text));
  const still = html.replace(/<script.*<\/script>/s, '').replace(/<meta http-equiv="refresh"[^>]*>/, '');
  await tab.setContent(leavingPages.includes(page.kind) ? still : html);
}

const themes = ['light', 'dark'] as const;
const variants = themes.flatMap((colorScheme) => supportedLocales.map((locale) => ({ colorScheme, locale })));

describe.each(variants)('$colorScheme, $locale', ({ colorScheme, locale }) => {
  test('axe finds nothing on any page, colour contrast included', { timeout: 120_000 }, async () => {
    const tab = await browser.newPage({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
    });
    const findings: string[] = [];
    let contrastChecks = 0;
    for (const [name, page] of samplePages()) {
      await show(tab, page, locale);
      await tab.addScriptTag({ path: axePath });
      const result: unknown =
        await tab.evaluate(`axe.run(document, { resultTypes: ['violations', 'incomplete'] }).then((found) => ({
        bad: [...found.violations, ...found.incomplete].map((rule) => rule.id + ': ' + rule.nodes.map((node) => node.html).join(' | ')),
        contrast: found.passes.filter((rule) => rule.id === 'color-contrast').length,
      }))`);
      const { bad, contrast } = readFindings(result);
      findings.push(...bad.map((finding) => `${name}: ${finding}`));
      contrastChecks += contrast;
    }
    await tab.close();
    expect(findings).toEqual([]);
    expect(contrastChecks).toBe(samplePages().size);
  });
});

function readFindings(result: unknown): { bad: string[]; contrast: number } {
  if (typeof result !== 'object' || result === null || !('bad' in result) || !('contrast' in result)) {
    throw new Error('axe gave no result.');
  }
  if (!Array.isArray(result.bad)) throw new Error('axe gave no list.');
  return { bad: result.bad.map(String), contrast: Number(result.contrast) };
}

test.each(supportedLocales)(
  '%s: no page scrolls sideways at 320 px, whatever the names',
  { timeout: 60_000 },
  async (locale) => {
    const tab = await browser.newPage({ viewport: { width: 320, height: 568 } });
    const tooWide: string[] = [];
    for (const text of [undefined, longText]) {
      for (const [name, page] of samplePages(text)) {
        await show(tab, page, locale, text);
        const width = await tab.evaluate('document.documentElement.scrollWidth');
        if (width !== 320) tooWide.push(`${name}: ${String(width)}`);
      }
    }
    await tab.close();
    expect(tooWide).toEqual([]);
  },
);

test('every control is at least 44 px high and every input has 16 px type', { timeout: 60_000 }, async () => {
  const tab = await browser.newPage({ viewport: { width: 375, height: 720 } });
  const tooSmall: string[] = [];
  for (const [name, page] of samplePages()) {
    await show(tab, page, 'en');
    const found: unknown =
      await tab.evaluate(`[...document.querySelectorAll('a, button, input:not([type=hidden], .unseen)')]
      .filter((control) => control.getBoundingClientRect().height < 44 || (control.localName === 'input' && parseFloat(getComputedStyle(control).fontSize) < 16))
      .map((control) => control.outerHTML)`);
    tooSmall.push(...[found].flat().map((control) => `${name}: ${String(control)}`));
  }
  await tab.close();
  expect(tooSmall).toEqual([]);
});

test('an engine without OKLCH shows the light colours, in a dark theme too', async () => {
  const tab = await browser.newPage({ colorScheme: 'dark' });
  await tab.setContent(
    renderPage({ kind: 'signed-out' }, sampleContext('en')).replaceAll('oklch(', 'unknown-colour('),
  );
  const colours =
    await tab.evaluate(`[getComputedStyle(document.body), getComputedStyle(document.querySelector('main'))]
    .flatMap((style) => [style.backgroundColor, style.color, style.borderTopStyle])`);
  expect(colours).toEqual([
    'rgb(246, 248, 249)',
    'rgb(21, 31, 33)',
    'none',
    'rgb(255, 255, 255)',
    'rgb(21, 31, 33)',
    'solid',
  ]);
  await tab.close();
});

/** What the server sends beside a page (its strictest form), with the nonce of the samples. */
const policy = [
  "default-src 'none'",
  "script-src 'nonce-bm9uY2U'",
  "style-src 'nonce-bm9uY2U'",
  'img-src data:',
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

interface Visit {
  readonly tab: BrowserPage;
  /** What the browser objected to. */
  readonly complaints: string[];
  /** Resolves with the URL and the body of the first form sent. */
  readonly sent: Promise<{ url: string; body: string | null }>;
}

/** Opens a sample page under the policy, on an origin that exists in this browser only. */
async function visit(name: string, scripts: 'with-scripts' | 'without-scripts'): Promise<Visit> {
  const page = samplePages().get(name);
  if (page === undefined) throw new Error(`There is no sample page "${name}".`);
  const tab = await browser.newPage({ javaScriptEnabled: scripts === 'with-scripts' });
  const complaints: string[] = [];
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(error.message));
  const sent = tab
    .waitForRequest((request) => request.method() === 'POST')
    .then((request) => ({ url: request.url(), body: request.postData() }));
  await tab.route('**/*', (route) =>
    route.fulfill({
      headers: { 'content-type': 'text/html', 'content-security-policy': policy },
      body: route.request().method() === 'POST' ? '' : renderPage(page, sampleContext('en')),
    }),
  );
  await tab.goto('https://id.acme.example/login');
  return { tab, complaints, sent };
}

test('without scripts: the field has the focus when the page opens, and Enter sends the form', async () => {
  const { tab, complaints, sent } = await visit('password', 'without-scripts');
  // The focus comes with the first frame, which a busy machine draws late.
  await tab.locator('#password:focus').waitFor();
  await tab.keyboard.type('open sesame');
  await tab.keyboard.press('Enter');
  expect((await sent).body).toBe('request=sealed-request&csrf=token&password=open+sesame');
  expect(complaints).toEqual([]);
  await tab.close();
});

test('the strict content security policy lets the style sheet through and has nothing to complain about', async () => {
  const { tab, complaints, sent } = await visit('accounts', 'with-scripts');
  expect(await tab.evaluate('getComputedStyle(document.body).display')).toBe('flex');
  await tab.click('#account-2');
  expect((await sent).body).toBe('request=sealed-request&csrf=token&sessionId=302');
  expect(complaints).toEqual([]);
  await tab.close();
});

test('register: the password can be looked at and hidden again, under the strict policy', async () => {
  const { tab, complaints, sent } = await visit('register', 'with-scripts');
  await tab.fill('#password', 'connexion-of-the-sciences');
  await tab.click('#show-password');
  expect(await tab.getAttribute('#password', 'type')).toBe('text');
  expect(await tab.textContent('#show-password')).toBe('Hide password');
  await tab.click('#show-password');
  expect(await tab.getAttribute('#password', 'type')).toBe('password');
  expect(await tab.textContent('#show-password')).toBe('Show password');
  await tab.click('#submit');
  expect((await sent).body).toContain('password=connexion-of-the-sciences');
  expect(complaints).toEqual([]);
  await tab.close();
});

test('register: without scripts there is no button that does nothing', async () => {
  const { tab, sent } = await visit('register', 'without-scripts');
  expect(await tab.isVisible('#show-password')).toBe(false);
  await tab.fill('#password', 'connexion-of-the-sciences');
  await tab.keyboard.press('Enter');
  expect((await sent).body).toContain('givenName=Mira&familyName=Albrecht&loginName=mira%40acme.example');
  await tab.close();
});

const formPostRequest = {
  url: 'https://quotes.example/callback',
  body: 'code=lk_ac_1&state=s1&iss=https%3A%2F%2Fid.acme.example',
};

test('OAuth 2.0 Form Post Response Mode §2: the document sends itself to the application', async () => {
  const { tab, complaints, sent } = await visit('form-post', 'with-scripts');
  expect(await sent).toEqual(formPostRequest);
  expect(complaints).toEqual([]);
  await tab.close();
});

test('OAuth 2.0 Form Post Response Mode §2: without scripts a button sends the same', async () => {
  const { tab, sent } = await visit('form-post', 'without-scripts');
  await tab.click('#submit');
  expect(await sent).toEqual(formPostRequest);
  await tab.close();
});
