import { startTemporaryPostgres, type TemporaryPostgres } from '@latchkey/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewsUnderTest, readAll, slugsOf, startNews } from '../test-support/news-under-test.ts';
import { openDatabase } from './database/open-database.ts';

let postgres: TemporaryPostgres;
let news: NewsUnderTest;

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  news = await startNews({ kind: 'postgresql', url: postgres.url });
  for (let hour = 1; hour <= 7; hour += 1) {
    await news.addArticle({
      slug: `article-${hour}`,
      hoursAgo: hour,
      tags: ['comet'],
      title: `Comet ${hour}`,
    });
  }
});
afterAll(async () => {
  await news.close();
  await postgres.stop();
});

describe('on PostgreSQL', () => {
  test('lists, search and feed page as on PGlite', async () => {
    const all = Array.from({ length: 7 }, (_, index) => `article-${index + 1}`);
    expect(await readAll(news, '/api/articles?limit=3')).toEqual(all);
    expect((await readAll(news, '/api/search?q=comet&limit=3')).sort()).toEqual(all);
    const token = await news.issuer.mintAccessToken({ subject: 'reader' });
    await news.request('/api/saved/article-7', { method: 'PUT', token });
    const body = { topics: ['science'], sources: [], mutedTopics: [], mutedSources: [], isHistoryOn: true };
    await news.request('/api/preferences', { method: 'PUT', token, body });
    expect(await readAll(news, '/api/feed?limit=3', { token })).toHaveLength(7);
    const { body: feed } = await news.request('/api/feed', { token });
    expect(Object(feed).items[0]).toMatchObject({ reason: { kind: 'saved-similar', slug: 'article-7' } });
  });

  test('writes at the same time over several connections: one reader, one saved row, whole preferences, one version', async () => {
    const token = await news.issuer.mintAccessToken({ subject: 'busy' });
    const saves = Array.from({ length: 8 }, () =>
      news.request('/api/saved/article-1', { method: 'PUT', token }),
    );
    const puts = ['science', 'business', 'culture'].map((topic) =>
      news.request('/api/preferences', {
        method: 'PUT',
        token,
        body: { topics: [topic], sources: [], mutedTopics: [], mutedSources: [], isHistoryOn: true },
      }),
    );
    const answers = await Promise.all([...saves, ...puts]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(slugsOf(await news.request('/api/saved', { token }))).toEqual(['article-1']);
    expect(Object((await news.request('/api/preferences', { token })).body).topics).toHaveLength(1);

    const editor = await news.issuer.mintAccessToken({ roles: ['editor'] });
    const edits = ['One', 'Two', 'Three'].map((title) =>
      news.request('/api/articles/article-2', {
        method: 'PATCH',
        token: editor,
        body: { title, version: 1 },
      }),
    );
    expect((await Promise.all(edits)).map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test('processes that start at once migrate once', async () => {
    const url = await postgres.createDatabase();
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase({ kind: 'postgresql', url })));
    const [first] = opened;
    const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(
      first?.db ?? news.db,
    );
    expect(rows).toEqual([{ name: '0001-news.sql' }]);
    for (const { close } of opened) await close();
  });

  test('a migration that was changed after it had been applied stops the start', async () => {
    const url = await postgres.createDatabase();
    const { db, close } = await openDatabase({ kind: 'postgresql', url });
    await sql`update schema_migrations set sha256 = 'other'`.execute(db);
    await close();
    await expect(openDatabase({ kind: 'postgresql', url })).rejects.toThrow(/0001-news\.sql was changed/);
  });

  test('lists, the feed and the newest candidates read index ranges in order, without a sort of all articles', async () => {
    await sql`insert into articles (slug, title, summary, topic_key, source_key, author, tags, body_format, body, html,
        plain_text, reading_minutes, motif, palette, picture_alt, status, published_at, created_at, updated_at)
      select 'bulk-' || n, 't', 's', 'business', 'gazette', 'a', '{}', 'html', 'b', 'b', 'b', 1, 'm', 'p', '', 'published',
        now() - n * interval '1 minute', now(), now() from generate_series(1, 20000) n`.execute(news.db);
    await sql`analyze articles`.execute(news.db);
    for (const [where, index] of [
      [sql`true`, 'articles_latest'],
      [sql`topic_key = 'business'`, 'articles_by_topic'],
      [sql`source_key = 'gazette'`, 'articles_by_source'],
    ] as const) {
      const { rows } = await sql<Record<string, string>>`explain select id from articles
        where status = 'published' and ${where} order by published_at desc, id desc limit 20`.execute(
        news.db,
      );
      const plan = rows.flatMap(Object.values).join('\n');
      expect(plan).toContain(index === 'articles_latest' ? index : 'articles_');
      expect(plan).not.toContain('Sort');
    }
  });
});
