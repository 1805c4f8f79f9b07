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

beforeAll(async () => {
  news = await startNews();
  for (let number = 1; number <= 5; number += 1) await news.addArticle({ slug: `article-${number}` });
  await news.addArticle({ slug: 'draft', status: 'draft', published_at: null });
});
afterAll(() => news.close());

describe('preferences', () => {
  test('defaults until the reader chooses; reading them stores nothing', async () => {
    const token = await tokenOf('newcomer');
    const { body } = await news.request('/api/preferences', { token });
    expect(body).toEqual({ ...nothing, updatedAt: null });
    expect((await news.request('/api/me', { token })).body).toEqual({
      isEditor: false,
      hasPreferences: false,
    });
    const rows = await news.db.selectFrom('readers').selectAll().where('subject', '=', 'newcomer').execute();
    expect(rows).toEqual([]);
  });

  test('PUT replaces everything, and twice is as once', async () => {
    const token = await tokenOf('chooser');
    await news.request('/api/preferences', {
      method: 'PUT',
      token,
      body: { ...nothing, topics: ['culture'] },
    });
    const body = { ...nothing, topics: ['science', 'business'], mutedSources: ['gazette'] };
    const first = await news.request('/api/preferences', { method: 'PUT', token, body });
    expect(first.body).toMatchObject({ ...body, topics: ['business', 'science'] });
    const second = await news.request('/api/preferences', { method: 'PUT', token, body });
    expect(second.body).toEqual(first.body);
    expect((await news.request('/api/preferences', { token })).body).toEqual(first.body);
    expect((await news.request('/api/me', { token })).body).toMatchObject({ hasPreferences: true });
  });

  test('of two first PUTs at once one stands as a whole', async () => {
    const token = await tokenOf('double-clicker');
    const puts = ['science', 'business', 'culture', 'science'].map((topic) =>
      news.request('/api/preferences', { method: 'PUT', token, body: { ...nothing, topics: [topic] } }),
    );
    expect((await Promise.all(puts)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await news.request('/api/preferences', { token });
    expect(Object(body).topics).toHaveLength(1);
  });

  test.each([
    [{ topics: ['science', 'astrology'] }, '/topics/1'],
    [{ mutedSources: ['nobody'] }, '/mutedSources/0'],
    [{ topics: ['science'], mutedTopics: ['science'] }, '/mutedTopics/0'],
    [{ topics: ['science', 'science'] }, '/topics'],
    [{ topics: [`'; drop table readers; --`] }, '/topics/0'],
    [{ topics: Array.from({ length: 101 }, (_, index) => `t${index}`) }, '/topics'],
    [{ isHistoryOn: 'yes' }, '/isHistoryOn'],
    [{ 'a/b': 1 }, '/a~1b'],
  ])('400 names the field: %o', async (changed, pointer) => {
    const token = await tokenOf('careless');
    const answer = await news.request('/api/preferences', {
      method: 'PUT',
      token,
      body: { ...nothing, ...changed },
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid-input', errors: [{ pointer }] });
  });

  test('400 for a body that is not JSON, 413 for a megabyte more than allowed', async () => {
    const token = await tokenOf('careless');
    const put = { method: 'PUT', token };
    expect((await news.request('/api/preferences', { ...put, body: '{"topics":' })).status).toBe(400);
    const huge = await news.request('/api/preferences', { ...put, body: `"${'x'.repeat(2_000_000)}"` });
    expect([huge.status, huge.body]).toEqual([413, expect.objectContaining({ code: 'too-large' })]);
  });
});

describe('saved articles', () => {
  test('a double-clicked save is one, and keeps its first time', async () => {
    const token = await tokenOf('saver');
    const save = () => news.request('/api/saved/article-1', { method: 'PUT', token });
    const answers = await Promise.all([save(), save(), save()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    news.clock.now = new Date(news.clock.now.getTime() + 1000);
    expect((await save()).body).toEqual(answers[0]?.body);
    expect(slugsOf(await news.request('/api/saved', { token }))).toEqual(['article-1']);
  });

  test('the last saved is first, page by page', async () => {
    const token = await tokenOf('collector');
    const slugs = ['article-2', 'article-5', 'article-1', 'article-4'];
    for (const slug of slugs) {
      news.clock.now = new Date(news.clock.now.getTime() + 1000);
      await news.request(`/api/saved/${slug}`, { method: 'PUT', token });
    }
    expect(await readAll(news, '/api/saved?limit=1', { token })).toEqual([...slugs].reverse());
  });

  test('asked about some articles, it lists those of them that are saved', async () => {
    const token = await tokenOf('asker');
    for (const slug of ['article-1', 'article-3'])
      await news.request(`/api/saved/${slug}`, { method: 'PUT', token });
    const among = async (query: string) => slugsOf(await news.request(`/api/saved?${query}`, { token }));
    expect(await among('slug=article-3&slug=article-2&slug=nothing')).toEqual(['article-3']);
    expect(await among('slug=article-2')).toEqual([]);
    expect(await among('slug=article-1')).toEqual(['article-1']);
    const tooMany = Array.from({ length: 51 }, (_, index) => `slug=s-${index}`).join('&');
    expect(await news.request(`/api/saved?${tooMany}`, { token })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: 'slug' }] },
    });
  });

  test('DELETE takes it off, twice is as once, and GET says it is not saved', async () => {
    const token = await tokenOf('tidier');
    await news.request('/api/saved/article-3', { method: 'PUT', token });
    expect((await news.request('/api/saved/article-3', { token })).body).toMatchObject({
      article: { slug: 'article-3' },
    });
    for (const _ of [1, 2]) {
      expect((await news.request('/api/saved/article-3', { method: 'DELETE', token })).status).toBe(204);
    }
    expect((await news.request('/api/saved/article-3', { token })).status).toBe(404);
  });

  test.each(['nothing', 'draft', "'; drop table articles; --"])('404 for %s', async (slug) => {
    const token = await tokenOf('saver');
    const path = `/api/saved/${encodeURIComponent(slug)}`;
    expect((await news.request(path, { method: 'PUT', token })).status).toBe(404);
  });
});

describe('history', () => {
  test('lists what was read, the last read first, and DELETE clears it', async () => {
    const token = await tokenOf('bookworm');
    for (const slug of ['article-1', 'article-2', 'article-1']) {
      news.clock.now = new Date(news.clock.now.getTime() + 1000);
      const answer = await news.request(`/api/history/${slug}`, { method: 'POST', token });
      expect(answer.body).toEqual({ isRecorded: true });
    }
    expect(await readAll(news, '/api/history?limit=1', { token })).toEqual(['article-1', 'article-2']);
    expect((await news.request('/api/history', { method: 'DELETE', token })).status).toBe(204);
    expect(slugsOf(await news.request('/api/history', { token }))).toEqual([]);
  });

  test('switched off it forgets what there is and records nothing', async () => {
    const token = await tokenOf('private-person');
    await news.request('/api/history/article-1', { method: 'POST', token });
    await news.request('/api/preferences', {
      method: 'PUT',
      token,
      body: { ...nothing, isHistoryOn: false },
    });
    const answer = await news.request('/api/history/article-2', { method: 'POST', token });
    expect(answer.body).toEqual({ isRecorded: false });
    expect(slugsOf(await news.request('/api/history', { token }))).toEqual([]);
  });
});

describe('other readers', () => {
  test('nothing of another reader is listed, changed or deleted, nor by a cursor of theirs', async () => {
    const [mine, theirs] = [await tokenOf('mine'), await tokenOf('theirs')];
    for (const slug of ['article-1', 'article-2']) {
      await news.request(`/api/saved/${slug}`, { method: 'PUT', token: theirs });
      await news.request(`/api/history/${slug}`, { method: 'POST', token: theirs });
    }
    const cursor = nextCursorOf(await news.request('/api/saved?limit=1', { token: theirs }));
    expect(slugsOf(await news.request(`/api/saved?cursor=${cursor}`, { token: mine }))).toEqual([]);
    expect((await news.request('/api/saved/article-1', { token: mine })).status).toBe(404);
    expect(slugsOf(await news.request('/api/history', { token: mine }))).toEqual([]);
    await news.request('/api/saved/article-1', { method: 'DELETE', token: mine });
    await news.request('/api/history', { method: 'DELETE', token: mine });
    expect(slugsOf(await news.request('/api/saved', { token: theirs }))).toHaveLength(2);
    expect(slugsOf(await news.request('/api/history', { token: theirs }))).toHaveLength(2);
  });

  test('the same subject of another issuer is another reader', async () => {
    const reader = { issuer: 'https://other.example', subject: 'twin', created_at: news.clock.now };
    const { id } = await news.db
      .insertInto('readers')
      .values(reader)
      .returning('id')
      .executeTakeFirstOrThrow();
    await news.db
      .insertInto('reader_topics')
      .values({ reader_id: id, topic_key: 'culture', stance: 'followed' })
      .execute();
    const { body } = await news.request('/api/preferences', { token: await tokenOf('twin') });
    expect(body).toMatchObject({ topics: [], updatedAt: null });
  });
});
