import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutSharedWorkers } from './chromium.ts';
import {
  type NewsMode,
  type NewsWorld,
  openNews,
  signInOnNewsPages,
  signInToNews,
  signOutOfNews,
  startNewsWorld,
} from './news-world.ts';

const modes: readonly NewsMode[] = ['spa', 'bff'];
const tenMinutesMs = 10 * 60_000;

describe.each(modes)('news portal, %s', { timeout: 90_000 }, (mode) => {
  let news: NewsWorld;

  beforeAll(async () => {
    news = await startNewsWorld(mode);
  }, 120_000);
  afterAll(() => news?.stop());

  // The browser has the machine's clock, so the server's goes back meanwhile.
  const tenMinutesAgo = async (work: () => Promise<unknown>) => {
    news.world.server.clock.advance(-tenMinutesMs);
    try {
      await work();
    } finally {
      news.world.server.clock.advance(tenMinutesMs);
    }
  };
  const rows = (page: Page) => page.locator('[data-testid=list] [data-testid=story]');
  const heading = (page: Page) => page.locator('main h1');

  test('an editor writes, is asked before leaving, publishes, and deletes after signing in again', async () => {
    const { context, page, complaints } = await openNews(news);
    await tenMinutesAgo(async () => {
      await signInToNews(page, news.editor);
      await page.waitForURL(`${news.web}/welcome`);
      await page.click('[data-testid=skip-topics]');
      await page.waitForURL(`${news.web}/`);
    });

    await page.click('[data-testid=account]');
    await page.click('[data-testid=desk]');
    await page.click('[data-testid=new-article]');
    await page.fill('[name=title]', 'Lighthouse keeps its keeper');
    await page.fill('[name=body]', '## Why\n\nBecause **somebody** must. <script>alert(1)</script>');
    const preview = page.locator('[data-testid=preview] .prose');
    await preview.locator('h2', { hasText: 'Why' }).waitFor();
    expect(await preview.innerHTML()).not.toContain('script');

    await page.click('[data-testid=publish]');
    expect(
      await page
        .locator('[aria-invalid=true]')
        .evaluateAll((all) => all.map((each) => each.getAttribute('name'))),
    ).toEqual(['summary', 'topic', 'source']);
    await page.locator('.wordmark').first().click();
    await page.getByRole('heading', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Keep editing' }).click();
    await page.fill('[name=summary]', 'A keeper stays.');
    await page.selectOption('[name=topic]', 'culture');
    await page.selectOption('[name=source]', 'harbor-courier');
    await page.click('[data-testid=publish]');
    await page.waitForURL(`${news.web}/desk/lighthouse-keeps-its-keeper`);
    await page.locator('[data-testid=unpublish]').waitFor();

    const visitor = await openNews(news);
    const address = `${news.web}/articles/lighthouse-keeps-its-keeper`;
    await visitor.page.goto(address);
    await visitor.page.locator('[data-testid=article] .prose strong', { hasText: 'somebody' }).waitFor();

    await page.click('[data-testid=delete]');
    await page.click('[data-testid=confirm]');
    await page.getByRole('heading', { name: 'Sign in again to delete' }).waitFor();
    await page.click('[data-testid=confirm]');
    await page.waitForURL((url) => url.origin === news.world.server.issuer);
    // Whoever comes back without signing in has not confirmed anything.
    await page.goto(`${news.web}/desk/lighthouse-keeps-its-keeper`);
    await page.locator('[data-testid=delete]').click();
    expect((await fetch(`${news.api}/api/articles/lighthouse-keeps-its-keeper`)).status).toBe(200);
    await page.click('[data-testid=confirm]');
    await page.getByRole('heading', { name: 'Sign in again to delete' }).waitFor();
    await page.click('[data-testid=confirm]');
    await signInOnNewsPages(page, news.editor);
    await page.waitForURL(`${news.web}/desk`);
    await page.locator('[data-testid=notice]', { hasText: 'was deleted' }).waitFor();

    await visitor.page.reload();
    await visitor.page.locator('[data-testid=not-found]').waitFor();
    // The browser itself notes the two refusals of the deletion, 401.
    expect(complaints.filter((line) => !/status of 401/.test(line))).toEqual([]);
    await Promise.all([context.close(), visitor.context.close()]);
  }, 120_000);

  test('a reader chooses topics, gets a feed with reasons, saves, reads, clears the history and signs out', async () => {
    const { context, page, complaints } = await openNews(news);
    expect(await signInToNews(page, news.reader)).toContain('Grace');
    await page.waitForURL(`${news.web}/welcome`);
    for (const topic of ['Science', 'Climate'])
      await page.locator('.topic-choice label', { hasText: topic }).click();
    await page.click('[data-testid=choose-topics]');

    const reasons = page.locator('[data-testid=reason]');
    await reasons.first().waitFor();
    expect(page.url()).toBe(`${news.web}/for-you`);
    const lines = await reasons.allInnerTexts();
    expect(lines).toContain('Because you follow Science');
    expect(lines).toContain('Because you follow Climate');
    expect(lines.filter((line) => line.trim() === '')).toEqual([]);
    expect(lines).toHaveLength(await rows(page).count());

    const first = rows(page).first();
    const title = await first.locator('h2').innerText();
    await first.locator('[data-testid=save]').dblclick();
    await expect.poll(() => first.locator('[data-testid=save]').getAttribute('aria-pressed')).toBe('true');
    await first.locator('h2 a').click();
    await page.locator('[data-testid=article]').waitFor();
    expect(await heading(page).innerText()).toBe(title);
    const save = page.locator('[data-testid=article] [data-testid=save]');
    await expect.poll(() => save.getAttribute('aria-pressed')).toBe('true');

    await page.goto(`${news.web}/saved`);
    await rows(page).first().waitFor();
    expect(await rows(page).locator('h2').allInnerTexts()).toEqual([title]);

    await page.goto(`${news.web}/history`);
    await rows(page).first().waitFor();
    expect(await rows(page).locator('h2').allInnerTexts()).toEqual([title]);
    await page.click('[data-testid=clear-history]');
    await page.click('[data-testid=confirm]');
    await page.getByText('Your history is empty.').waitFor();

    await signOutOfNews(page);
    await page.goto(`${news.web}/for-you`);
    await page.locator('[data-testid=invitation]').waitFor();
    expect(await reasons.count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('cards of the front page, a topic and a search save for signed-in readers; a refused save is undone', async () => {
    const { context, page } = await openNews(news);
    const buttons = page.locator('[data-testid=story] [data-testid=save]');
    expect(await buttons.count()).toBe(0);
    await signInToNews(page, news.reader);
    const button = (title: string) =>
      page.getByRole('button', { name: `Save “${title}”`, exact: true }).first();
    const pressed = (title: string) => button(title).getAttribute('aria-pressed');
    const puts: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') puts.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await Promise.all([page.waitForResponse(/\/saved\?limit=/), page.goto(`${news.web}/saved`)]);
    await page.waitForSelector('[data-testid=list], main .empty');
    const savedBefore = await rows(page).locator('h2').allInnerTexts();
    const titles: string[] = [];
    for (const path of ['/', '/topics/business', '/search?q=harbor']) {
      await page.goto(`${news.web}${path}`);
      await buttons.first().waitFor();
      const shown = await page.locator('[data-testid=story] .story-title').allInnerTexts();
      const title = shown.find((name) => !savedBefore.includes(name) && !titles.includes(name)) ?? '';
      titles.push(title);
      // A reload right after the click would cancel the request.
      await Promise.all([
        page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok()),
        button(title).dblclick(),
      ]);
      await expect.poll(() => pressed(title)).toBe('true');
    }
    await page.goto(`${news.web}/`);
    await expect.poll(() => pressed(titles[0] ?? '')).toBe('true');
    expect(puts.filter((line) => line.includes('/api/saved/'))).toHaveLength(3);
    await page.goto(`${news.web}/saved`);
    await rows(page).nth(2).waitFor();
    expect((await rows(page).locator('h2').allInnerTexts()).slice(0, 3)).toEqual(titles.reverse());

    // The keyboard does it too, and what the API refuses is taken back and said.
    await page.goto(`${news.web}/latest`);
    const last = rows(page).last();
    const title = await last.locator('h2').innerText();
    await page.route(`${news.calls}/saved/*`, (route) => route.abort());
    await last.locator('[data-testid=save]').press('Enter');
    await page.locator('[data-testid=notice]').waitFor();
    expect(await pressed(title)).toBe('false');
    await page.unroute(`${news.calls}/saved/*`);
    await page.locator('[data-testid=notice]').getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => pressed(title)).toBe('true');
    await context.close();
  });

  test('a switched-off history records nothing; a muted topic is gone from the feed', async () => {
    const { context, page, complaints } = await openNews(news);
    await signInToNews(page, news.reader);
    await page.goto(`${news.web}/preferences`);
    const status = page.locator('[data-testid=preferences-status]');
    await page.locator('fieldset', { hasText: 'Climate' }).getByLabel('Mute').check();
    await expect.poll(() => status.innerText()).toBe('Saved');
    await page.click('[data-testid=history-switch]');
    await page.click('[data-testid=confirm]');
    await expect.poll(() => page.locator('[data-testid=history-switch]').isChecked()).toBe(false);
    await expect.poll(() => status.innerText()).toBe('Saved');

    await page.goto(`${news.web}/for-you`);
    await rows(page).first().waitFor();
    expect(await rows(page).locator('.kicker').allInnerTexts()).not.toContain('CLIMATE');
    await rows(page).first().locator('h2 a').click();
    await page.locator('[data-testid=article]').waitFor();
    await page.goto(`${news.web}/history`);
    await page.getByText('Your history is empty.').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a reader who is no editor sees no desk', async () => {
    const { context, page } = await openNews(news);
    await signInToNews(page, news.reader);
    await page.goto(`${news.web}/desk`);
    await page.getByText('This is for editors').waitFor();
    expect(await page.locator('[data-testid=new-article]').count()).toBe(0);
    await page.click('[data-testid=account]');
    expect(await page.locator('[data-testid=desk]').count()).toBe(0);
    await context.close();
  });

  test('search marks the matches, goes on page by page without repeating, and lives in the address', async () => {
    const { context, page, complaints } = await openNews(news);
    await page.keyboard.press('/');
    await page.keyboard.type('the harbor or ferry or delta or people');
    await page.keyboard.press('Enter');
    await page.locator('mark').first().waitFor();
    expect(page.url()).toContain('/search?q=');
    const before = await rows(page).count();
    await page.click('[data-testid=load-more]');
    await expect.poll(() => rows(page).count()).toBeGreaterThan(before);
    const links = await rows(page)
      .locator('h2 a')
      .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    expect(new Set(links).size).toBe(links.length);
    await page.reload();
    await page.locator('mark').first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('when the API does not answer the page says so and tries again; reading goes on without Latchkey', async () => {
    const { context, page } = await openNews(news);
    await withoutSharedWorkers(context);
    await page.reload();
    await page.route(`${news.calls}/**`, (route) => route.abort());
    await page.click('text=Latest');
    await page.locator('[data-testid=problem]', { hasText: 'The newsroom does not answer' }).waitFor();
    await page.unroute(`${news.calls}/**`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();

    const restoreIssuer = await news.cutOffIssuer(page);
    await page.goto(`${news.web}/latest`);
    await rows(page).first().locator('h2 a').click();
    await page.locator('[data-testid=article]').waitFor();
    await page.click('[data-testid=sign-in]');
    await page.locator('[data-testid=notice]', { hasText: 'Sign-in is not available right now' }).waitFor();
    await restoreIssuer();
    await page.locator('[data-testid=notice]').getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector('#loginName');
    await context.close();
  });

  test('a 503 says that the sign-in cannot be checked; the same page comes after another attempt', async () => {
    const { context, page } = await openNews(news);
    await signInToNews(page, news.reader);
    const away = JSON.stringify({ status: 503, code: 'issuer-unavailable', detail: 'Away' });
    const headers = { 'access-control-allow-origin': news.web };
    await page.route(`${news.calls}/saved*`, (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', headers, body: away }),
    );
    await page.goto(`${news.web}/saved`);
    await page.locator('[data-testid=problem]', { hasText: 'cannot be checked right now' }).waitFor();
    await page.unroute(`${news.calls}/saved*`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(page).first().waitFor();
    await context.close();
  });
});
