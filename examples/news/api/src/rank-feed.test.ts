import { describe, expect, test } from 'vitest';
import { type FeedCandidate, type FeedFacts, rankFeed } from './rank-feed.ts';

const asOf = new Date('2026-11-29T12:00:00.000Z');
const nothing: FeedFacts = { topics: [], sources: [], mutedTopics: [], mutedSources: [], saved: [] };
let ids = 0;

function article(fields: Partial<FeedCandidate> & { readonly hoursAgo?: number } = {}): FeedCandidate {
  const { hoursAgo = 1, ...rest } = fields;
  ids += 1;
  return {
    id: ids,
    topicKey: 'science',
    sourceKey: 'wire',
    publishedAt: new Date(asOf.getTime() - hoursAgo * 3_600_000),
    tags: [],
    isRead: false,
    isSaved: false,
    ...rest,
  };
}

const ordered = (candidates: readonly FeedCandidate[], facts: Partial<FeedFacts>) =>
  rankFeed(candidates, { ...nothing, ...facts }, asOf).map(({ candidate }) => candidate);
const reasonOf = (candidate: FeedCandidate, facts: Partial<FeedFacts>) =>
  rankFeed([candidate], { ...nothing, ...facts }, asOf)[0]?.reason;

describe('order', () => {
  test('without preferences: the newest first', () => {
    const [old, young] = [article({ hoursAgo: 5 }), article({ hoursAgo: 2 })];
    expect(ordered([old, young], {})).toEqual([young, old]);
  });

  test('a followed topic beats a followed source, both together beat each, and nothing comes last', () => {
    const none = article();
    const source = article({ sourceKey: 'gazette' });
    const topic = article({ topicKey: 'culture' });
    const both = article({ topicKey: 'culture', sourceKey: 'gazette' });
    expect(ordered([none, source, topic, both], { topics: ['culture'], sources: ['gazette'] })).toEqual([
      both,
      topic,
      source,
      none,
    ]);
  });

  test('age takes away: a new article overtakes an old one of a followed topic', () => {
    const [old, young] = [article({ topicKey: 'culture', hoursAgo: 200 }), article({ hoursAgo: 1 })];
    expect(ordered([old, young], { topics: ['culture'] })).toEqual([young, old]);
  });

  test('what was read sinks below what was not, even of a followed topic', () => {
    const [read, unread] = [article({ topicKey: 'culture', isRead: true }), article()];
    expect(ordered([read, unread], { topics: ['culture'] })).toEqual([unread, read]);
  });

  test('an article similar to a saved one rises', () => {
    const saved = { id: 10_000, slug: 's', title: 'S', topicKey: 'culture', tags: ['opera', 'venice'] };
    const [plain, similar] = [article({ hoursAgo: 1 }), article({ hoursAgo: 20, tags: ['venice', 'opera'] })];
    expect(ordered([plain, similar], { saved: [saved] })).toEqual([similar, plain]);
    expect(ordered([plain, similar], {})).toEqual([plain, similar]);
  });

  test('what is muted is left out, even if it is also followed', () => {
    const [topic, source, kept] = [
      article({ topicKey: 'sports' }),
      article({ sourceKey: 'gazette' }),
      article(),
    ];
    const facts = { mutedTopics: ['sports'], mutedSources: ['gazette'], topics: ['sports'] };
    expect(ordered([topic, source, kept], facts)).toEqual([kept]);
  });

  test('of equal scores the newer ID is first, whatever the input order', () => {
    const [one, two] = [article(), article()];
    expect(ordered([one, two], {})).toEqual([two, one]);
    expect(ordered([two, one], {})).toEqual([two, one]);
  });
});

describe('reason', () => {
  const saved = {
    id: 10_000,
    slug: 's',
    title: 'S',
    topicKey: 'culture',
    tags: ['opera', 'venice', 'voice'],
  };

  test('what speaks most for the article', () => {
    expect(reasonOf(article(), {})).toEqual({ kind: 'new' });
    expect(reasonOf(article(), { sources: ['wire'] })).toEqual({ kind: 'source' });
    expect(reasonOf(article(), { sources: ['wire'], topics: ['science'] })).toEqual({ kind: 'topic' });
    const similar = article({ tags: ['opera', 'venice', 'voice'] });
    expect(reasonOf(similar, { topics: ['science'], saved: [saved] })).toEqual({
      kind: 'saved-similar',
      saved,
    });
  });

  test('one shared tag among many says nothing, and no article is similar to itself', () => {
    const weak = article({ tags: ['opera', 'a', 'b', 'c', 'd'] });
    const many = { ...saved, tags: ['opera', 'e', 'f', 'g', 'h'] };
    expect(reasonOf(weak, { saved: [many] })).toEqual({ kind: 'new' });
    expect(reasonOf(article({ id: saved.id, tags: saved.tags }), { saved: [saved] })).toEqual({
      kind: 'new',
    });
  });
});
