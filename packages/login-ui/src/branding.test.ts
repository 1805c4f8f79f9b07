import { createRequire } from 'node:module';
import { type Browser, type Page as BrowserPage, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleContext, samplePages } from '../fixtures/sample-pages.ts';
import { renderPage } from './render-page.tsx';
import type { PageBranding, PageContext } from './view-models.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core');
const logo = (fill: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="120"><rect width="900" height="120" fill="${fill}"/></svg>`,
  ).toString('base64')}`;

const branding: PageBranding = {
  themeMode: 'auto',
  light: { accent: '#8a6f15', accentHover: '#7a6105', onAccent: '#ffffff', canvas: '#e8f1f5' },
  dark: { accent: '#e0a3f0', accentHover: '#efb2ff', onAccent: '#0b0f10', canvas: '#101840' },
  radiusPx: 2,
  font: 'inter',
  logoLight: logo('#8a6f15'),
  logoDark: logo('#e0a3f0'),
  hidesKeyMark: true,
};
const siteLinks = {
  helpHref: 'https://acme.example/help',
  termsHref: 'https://acme.example/terms',
  privacyHref: 'https://acme.example/privacy',
};
const contextWith = (own: Partial<PageBranding> = {}): PageContext => ({
  ...sampleContext('en'),
  branding: { ...branding, ...own },
  siteLinks,
});

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
});
afterAll(() => browser?.close());

function page(name: string) {
  const found = samplePages().get(name);
  if (found === undefined) throw new Error(`There is no sample page "${name}".`);
  return found;
}

async function show(
  colorScheme: 'light' | 'dark',
  context: PageContext,
  name = 'login-name',
  width = 1280,
): Promise<BrowserPage> {
  const tab = await browser.newPage({
    colorScheme,
    reducedMotion: 'reduce',
    viewport: { width, height: 760 },
  });
  await tab.setContent(renderPage(page(name), context));
  return tab;
}

/** The ground of the button and of the page, and the logo that is shown, as the browser has them. */
async function looksOf(tab: BrowserPage): Promise<unknown> {
  return await tab.evaluate(`[
    getComputedStyle(document.querySelector('.button')).backgroundColor,
    getComputedStyle(document.body).backgroundColor,
    atob(document.querySelector('.logo').currentSrc.split(',')[1]).match(/fill="(.*)"/)[1],
  ]`);
}

const lightLook = ['rgb(138, 111, 21)', 'rgb(232, 241, 245)', '#8a6f15'];
const darkLook = ['rgb(224, 163, 240)', 'rgb(16, 24, 64)', '#e0a3f0'];

test.each([
  { themeMode: 'auto', device: 'light', look: lightLook },
  { themeMode: 'auto', device: 'dark', look: darkLook },
  { themeMode: 'light', device: 'dark', look: lightLook },
  { themeMode: 'dark', device: 'light', look: darkLook },
] as const)('$themeMode on a $device device: accent, ground and logo of that theme', async (row) => {
  const tab = await show(row.device, contextWith({ themeMode: row.themeMode }));
  expect(await looksOf(tab)).toEqual(row.look);
  await tab.close();
});

test.each(['light', 'dark'] as const)(
  '%s: axe finds nothing on pages with colours of their own, wide and narrow',
  { timeout: 60_000 },
  async (theme) => {
    const findings: unknown[] = [];
    for (const name of ['login-name', 'password', 'consent', 'error redirect-uri-mismatch']) {
      for (const width of [1280, 375]) {
        const tab = await show(theme, contextWith(), name, width);
        await tab.addScriptTag({ path: axePath });
        findings.push(
          await tab.evaluate(
            `axe.run(document).then((found) => found.violations.map((rule) => rule.id + ': ' + rule.nodes.map((node) => node.html).join(' | ')))`,
          ),
        );
        await tab.close();
      }
    }
    expect(findings.flat()).toEqual([]);
    expect(findings).toHaveLength(8);
  },
);

test('a logo is at most 40 px high, fits a narrow page and says whose it is', async () => {
  const tab = await show('light', contextWith(), 'login-name', 320);
  const box: unknown = await tab.evaluate(
    `(({ width, height }) => [height <= 40, width <= 280, document.documentElement.scrollWidth])(document.querySelector('.logo').getBoundingClientRect())`,
  );
  expect(box).toEqual([true, true, 320]);
  expect(await tab.getAttribute('.logo', 'alt')).toBe('Acme Studios');
  await tab.close();
});

test('on a ground of another colour the card keeps its own, on a narrow page too', async () => {
  const tab = await show('light', contextWith(), 'login-name', 375);
  expect(await tab.evaluate(`getComputedStyle(document.querySelector('.card')).backgroundColor`)).toBe(
    'oklch(1 0 0)',
  );
  await tab.close();
});

test('what is no colour of six digits never reaches the style sheet', () => {
  const html = renderPage(
    page('login-name'),
    contextWith({ light: { accent: 'red}body{display:none', canvas: '#fff' } }),
  );
  expect(html).not.toContain('display:none');
  expect(html).not.toContain('--canvas:#fff;');
  expect(html).not.toContain('--accent:red');
});

test('without a look of its own a page is as it always was', () => {
  const plain = renderPage(page('login-name'), sampleContext('en'));
  expect(plain).toContain('<svg class="key-mark"');
  expect(plain).not.toContain('<img');
  expect(plain).not.toContain('site-help');
});
