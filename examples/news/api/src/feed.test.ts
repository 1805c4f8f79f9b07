import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type NewsUnderTest,
  nextCursorOf,
  readAll,
  slugsOf,
  startNews,
} from '../test-support/news-under-test.ts';

let news: NewsUnderTest;
const tokenOf = (subject: string) => news.issuer.mintAccessToken({ subject });
const nothing = { topics: [], sources: [], mutedTopics: [], mutedSources: [], isHistoryOn: true };
const prefer = (token: string, chosen: object) =>
  news.request('/api/preferences', { method: 'PUT', token, body: { ...nothing, ...chosen } });

beforeAll(async () => {
  news = await startNews();
  await news.addArticle({ slug: 'science-old', hoursAgo: 20 });
  await news.addArticle({ slug: 'culture-1', topic_key: 'culture', hoursAgo: 3, tags: ['opera', 'venice'] });
  await news.addArticle({ slug: 'culture-2', topic_key: 'culture', hoursAgo: 2, tags: ['opera', 'venice'] });
  await news.addArticle({ slug: 'business-1', topic_key: 'business', source_key: 'gazette', hoursAgo: 1 });
  await news.addArticle({ slug: 'science-new', hoursAgo: 0.5 });
  await news.addArticle({ slug: 'draft', status: 'draft', published_at: null });
});
afterAll(() => news.close());

describe('GET /api/feed', () => {
  test('for a newcomer: the newest first, and that is the reason', async () => {
    const answer = await news.request('/api/feed', { token: await tokenOf('newcomer') });
    expect(slugsOf(answer)).toEqual(['science-new', 'business-1', 'culture-2', 'culture-1', 'science-old']);
    expect(Object(answer.body).items[0]).toMatchObject({
      reason: { kind: 'new' },
      isRead: false,
      isSaved: false,
    });
  });

  test('followed topics and sources come first, with what is followed as the reason', async () => {
    const token = await tokenOf('follower');
    await prefer(token, { topics: ['culture'], sources: ['gazette'] });
    const { body } = await news.request('/api/feed', { token });
    const reasons = Object(body).items.map((item: { article: { slug: string }; reason: unknown }) => [
      item.article.slug,
      item.reason,
    ]);
    expect(reasons.slice(0, 3)).toEqual([
      ['culture-2', { kind: 'topic', key: 'culture', name: 'Culture' }],
      ['culture-1', { kind: 'topic', key: 'culture', name: 'Culture' }],
      ['business-1', { kind: 'source', key: 'gazette', name: 'Gazette' }],
    ]);
  });

  test('a similar article names the saved one; what was read or saved sinks and says so', async () => {
    const token = await tokenOf('opera-lover');
    await news.request('/api/saved/culture-1', { method: 'PUT', token });
    await news.request('/api/history/science-new', { method: 'POST', token });
    const { body } = await news.request('/api/feed', { token });
    const { items } = Object(body);
    expect(items[0]).toMatchObject({
      article: { slug: 'culture-2' },
      reason: { kind: 'saved-similar', slug: 'culture-1', title: 'Title of culture-1' },
    });
    const find = (slug: string) =>
      items.findIndex((item: { article: { slug: string } }) => item.article.slug === slug);
    expect(items[find('culture-1')]).toMatchObject({ isSaved: true });
    expect(items[find('science-new')]).toMatchObject({ isRead: true });
    expect(find('science-new')).toBeGreaterThan(find('business-1'));
  });

  test('muted topics and sources never appear', async () => {
    const token = await tokenOf('muter');
    await prefer(token, { topics: ['science'], mutedTopics: ['culture'], mutedSources: ['gazette'] });
    expect(await readAll(news, '/api/feed?limit=1', { token })).toEqual(['science-new', 'science-old']);
  });

  test('reading, saving and publishing meanwhile does not move the next page', async () => {
    const token = await tokenOf('page-turner');
    const whole = slugsOf(await news.request('/api/feed', { token }));
    const first = await news.request('/api/feed?limit=2', { token });
    news.clock.now = new Date(news.clock.now.getTime() + 1000);
    for (const slug of slugsOf(first)) await news.request(`/api/history/${slug}`, { method: 'POST', token });
    await news.request('/api/saved/science-old', { method: 'PUT', token });
    await news.addArticle({ slug: 'breaking', hoursAgo: 0 });
    const rest = await readAll(news, `/api/feed?limit=50&cursor=${nextCursorOf(first)}`, { token });
    expect([...slugsOf(first), ...rest]).toEqual(whole);
    await news.db.deleteFrom('articles').where('slug', '=', 'breaking').execute();
  });

  test('the feeds of two readers have nothing to do with each other', async () => {
    const [one, other] = [await tokenOf('one'), await tokenOf('other')];
    await prefer(one, { mutedTopics: ['science', 'culture', 'business'] });
    expect(slugsOf(await news.request('/api/feed', { token: one }))).toEqual([]);
    expect(slugsOf(await news.request('/api/feed', { token: other }))).toHaveLength(5);
  });
});
