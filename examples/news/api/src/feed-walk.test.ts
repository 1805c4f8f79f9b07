import { startTemporaryPostgres } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewsUnderTest, readAll, startNews } from '../test-support/news-under-test.ts';
import { rankFeed } from './rank-feed.ts';

const topics = ['science', 'business', 'culture'];
const sources = ['wire', 'gazette'];
const tagSets = [['opera', 'venice'], ['tide'], [], ['a "quoted" tag', 'comma, tag']];
const count = 90;
const slugOf = (number: number) => `article-${number}`;

// What is written down about each article, from which the order is worked out without the database.
const articles = Array.from({ length: count }, (_, index) => ({
  number: index + 1,
  topicKey: topics[index % 3] ?? '',
  sourceKey: sources[(index * 7) % 2] ?? '',
  tags: tagSets[index % 4] ?? [],
  // Milliseconds matter, and some times are equal.
  hoursAgo: 1 + Math.floor(index / 2) * 0.7 + 0.001 / 3600,
}));
const follows = { topics: ['science'], sources: ['gazette'] };
const [savedNumber, readNumbers] = [41, [4, 7, 40]];

describe.each(['pglite', 'postgresql'] as const)('the whole feed, on %s', (engine) => {
  let news: NewsUnderTest;
  let stopPostgres = async () => {};
  const begin = async (subject: string, chosen: object) => {
    const token = await news.issuer.mintAccessToken({ subject });
    const body = { topics: [], sources: [], mutedTopics: [], mutedSources: [], isHistoryOn: true, ...chosen };
    await news.request('/api/preferences', { method: 'PUT', token, body });
    return token;
  };

  beforeAll(async () => {
    if (engine === 'postgresql') {
      const postgres = await startTemporaryPostgres();
      stopPostgres = postgres.stop;
      news = await startNews({ kind: 'postgresql', url: postgres.url });
    } else {
      news = await startNews();
    }
    for (const { number, topicKey, sourceKey, tags, hoursAgo } of articles) {
      const place = { topic_key: topicKey, source_key: sourceKey, tags: [...tags], hoursAgo };
      await news.addArticle({ slug: slugOf(number), ...place });
    }
  }, 60_000);
  afterAll(async () => {
    await news?.close();
    await stopPostgres();
  });

  test.each([1, 7, 50])(
    'in pages of %i gives each article once, in the order of the ranking',
    async (limit) => {
      const subject = `walker-${limit}`;
      const token = await begin(subject, follows);
      await news.request(`/api/saved/${slugOf(savedNumber)}`, { method: 'PUT', token });
      for (const number of readNumbers)
        await news.request(`/api/history/${slugOf(number)}`, { method: 'POST', token });

      const asOf = news.clock.now;
      const saved = articles
        .filter(({ number }) => number === savedNumber)
        .map(({ number, topicKey, tags }) => ({ id: number, slug: '', title: '', topicKey, tags }));
      const candidates = articles.map(({ number, hoursAgo, ...article }) => ({
        ...article,
        id: number,
        publishedAt: new Date(asOf.getTime() - hoursAgo * 3_600_000),
        isRead: readNumbers.includes(number),
        isSaved: number === savedNumber,
      }));
      const facts = { ...follows, mutedTopics: [], mutedSources: [], saved };
      const expected = rankFeed(candidates, facts, asOf).map(({ candidate }) => slugOf(candidate.id));
      const walked = await readAll(news, `/api/feed?limit=${limit}`, { token });
      // The newest of all are considered, and those of what is followed or saved: every article but some old ones.
      expect(walked).toEqual(expected.filter((slug) => walked.includes(slug)));
      expect(new Set(walked).size).toBe(walked.length);
      expect(walked.length).toBeGreaterThanOrEqual(80);
    },
  );

  test('has none of what is muted, even where it is followed otherwise', async () => {
    const token = await begin('muter', { ...follows, mutedTopics: ['culture'], mutedSources: ['wire'] });
    const walked = await readAll(news, '/api/feed?limit=9', { token });
    const wanted = articles.filter(
      ({ topicKey, sourceKey }) => topicKey !== 'culture' && sourceKey !== 'wire',
    );
    expect([...walked].sort()).toEqual(wanted.map(({ number }) => slugOf(number)).sort());
  });
});
