import type { ArticleSummary, Topic } from '@latchkey-examples/news-api/contract';
import { expect, test } from 'vitest';
import { composeFrontPage } from './compose-front-page.ts';

const topic = (key: string): Topic => ({ key, name: key, description: '' });
const article = (slug: string, key: string): ArticleSummary => ({
  slug,
  title: slug,
  summary: '',
  topic: { key, name: key },
  source: { key: 'wire', name: 'Wire' },
  author: '',
  publishedAt: null,
  readingMinutes: 1,
  tags: [],
  picture: { url: '/', alt: '' },
});
const slugs = (articles: readonly ArticleSummary[]) => articles.map(({ slug }) => slug);

test('the newest leads, the rail follows, and no article stands twice', () => {
  const articles = Array.from({ length: 40 }, (_, index) =>
    article(`a${index}`, ['science', 'sports', 'culture'][index % 3] ?? ''),
  );
  const page = composeFrontPage(articles, [topic('science'), topic('sports'), topic('culture')]);
  expect(page.lead?.slug).toBe('a0');
  expect(slugs(page.rail)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
  const placed = [...page.rail, ...page.seconds, ...page.sections.flatMap((each) => each.articles)];
  expect(new Set(slugs(placed)).size).toBe(placed.length);
  expect(page.sections.map((each) => each.articles.length)).toEqual([4, 4, 4]);
});

test('the two seconds are of different topics where that is possible', () => {
  const rail = Array.from({ length: 8 }, (_, index) => article(`r${index}`, 'science'));
  const rest = [article('a', 'science'), article('b', 'science'), article('c', 'sports')];
  expect(slugs(composeFrontPage([...rail, ...rest], []).seconds)).toEqual(['a', 'c']);
  expect(slugs(composeFrontPage([...rail, ...rest.slice(0, 2)], []).seconds)).toEqual(['a', 'b']);
});

test('a topic without further articles has no section; an empty paper has no lead', () => {
  expect(composeFrontPage([article('a', 'science')], [topic('science')]).sections).toEqual([]);
  expect(composeFrontPage([], []).lead).toBeUndefined();
});
