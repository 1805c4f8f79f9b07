import type { Preferences } from '@latchkey-examples/news-api/contract';
import { expect, test } from 'vitest';
import { attitudeTo, inputOf, withAttitude } from './preference-changes.ts';

const before: Preferences = {
  topics: ['science', 'sports'],
  sources: [],
  mutedTopics: ['business'],
  mutedSources: [],
  isHistoryOn: true,
  updatedAt: '2026-11-29T12:00:00.000Z',
};

test('muting a followed topic stops following it, and the other way round', () => {
  const muted = withAttitude(before, 'topic', 'science', 'mute');
  expect([muted.topics, muted.mutedTopics]).toEqual([['sports'], ['business', 'science']]);
  const followed = withAttitude(muted, 'topic', 'business', 'follow');
  expect([followed.topics, followed.mutedTopics]).toEqual([['sports', 'business'], ['science']]);
});

test('following twice lists a topic once; neutral removes it', () => {
  expect(withAttitude(before, 'topic', 'science', 'follow').topics).toEqual(['sports', 'science']);
  const neutral = withAttitude(before, 'topic', 'science', 'neutral');
  expect(attitudeTo(neutral, 'topic', 'science')).toBe('neutral');
});

test('topics and sources of the same key are kept apart', () => {
  const after = withAttitude(before, 'source', 'science', 'mute');
  expect(attitudeTo(after, 'source', 'science')).toBe('mute');
  expect(attitudeTo(after, 'topic', 'science')).toBe('follow');
});

test('what is sent has no time, which the API refuses', () => {
  expect(inputOf(before)).not.toHaveProperty('updatedAt');
});
