import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, keepScreenshot, withoutSharedWorkers } from './chromium.ts';
import { type NewsWorld, openNews, signInToNews, startNewsWorld } from './news-world.ts';

let news: NewsWorld;
let article: string;

beforeAll(async () => {
  news = await startNewsWorld('spa');
  const { items } = await (await fetch(`${news.api}/api/articles?limit=1`)).json();
  article = `/articles/${items[0].slug}`;
}, 120_000);
afterAll(() => news?.stop());

const publicPages = () => [
  '/',
  article,
  '/latest',
  '/topics/science',
  '/sources',
  '/search?q=harbor',
  '/nowhere',
];
const ownPages = [
  '/welcome',
  // With the save buttons that only signed-in readers see.
  '/?own',
  '/topics/culture?own',
  '/search?q=harbor&own',
  '/for-you',
  '/saved',
  '/history',
  '/preferences',
  '/desk',
  '/desk/new',
];

async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${news.web}${path}`);
  await page.waitForLoadState('networkidle');
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
}

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const nameOf = (path: string) =>
  `news-${path.split('?')[0]?.split('/')[1] || 'front'}${path.match(/(?:\/|\?|&)(new|own)$/)?.[1]?.replace(/^/, '-') ?? ''}`;

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 375],
  ['dark', 320],
] as const)(
  'axe finds nothing and nothing scrolls sideways, %s at %i px',
  async (colorScheme, width) => {
    const { context, page, complaints } = await openNews(news, {
      colorScheme,
      viewport: { width, height: 900 },
    });
    await withoutSharedWorkers(context);
    const findings: string[] = [];
    const look = async (path: string) => {
      await open(page, path);
      findings.push(...(await axeFindings(page)));
      if ((await sideways(page)) > 0) findings.push(`${path} scrolls sideways at ${width} px`);
      await keepScreenshot(page, `${nameOf(path)}-${width}-${colorScheme}`);
    };
    for (const path of publicPages()) await look(path);
    await open(page, '/');
    await signInToNews(page, news.editor);
    for (const path of ownPages) {
      await look(path);
      if (path !== '/welcome') continue;
      await page.click('[data-testid=choose-topics]');
      await page.locator('[data-testid=reason]').first().waitFor();
      await page.locator('[data-testid=save]').first().click();
    }
    await page.click('[data-testid=account]');
    findings.push(...(await axeFindings(page)));
    expect(findings).toEqual([]);
    // The browser notes the 404 of the page that does not exist.
    expect(complaints.filter((line) => !/\/nowhere.*status of 404/.test(line))).toEqual([]);
    await context.close();
  },
  180_000,
);

test('nothing moves while a page loads', async () => {
  const { context, page } = await openNews(news);
  await withoutSharedWorkers(context);
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push(Number(Reflect.get(entry, 'value')));
    }).observe({ type: 'layout-shift', buffered: true });
  });
  for (const path of publicPages()) {
    await open(page, path);
    const shifts: unknown = await page.evaluate(() => Reflect.get(window, 'shifts'));
    expect({ path, shifts }).toEqual({ path, shifts: [] });
  }
  await context.close();
});

test('the keyboard reaches the content first, and the search from anywhere', async () => {
  const { context, page } = await openNews(news);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
  await page.setViewportSize({ width: 375, height: 800 });
  await page.evaluate(() =>
    document.activeElement instanceof HTMLElement ? document.activeElement.blur() : undefined,
  );
  await page.keyboard.press('/');
  await page.waitForURL(`${news.web}/search`);
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
  await context.close();
});

test('a chosen theme is there before the first paint of the next page', async () => {
  const { context, page } = await openNews(news, { colorScheme: 'light' });
  const theme = page.locator('[data-testid=theme]');
  await theme.click();
  await theme.click();
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.goto(`${news.web}/latest`);
  expect(await background()).toBe(dark);
  await page.unroute('**/assets/*.js');
  await page.reload();
  await theme.click();
  expect(await background()).not.toBe(dark);
  await context.close();
});
