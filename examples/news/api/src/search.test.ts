import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NewsUnderTest, readAll, slugsOf, startNews } from '../test-support/news-under-test.ts';
import { splitMarked } from './database/search.ts';

let news: NewsUnderTest;

beforeAll(async () => {
  news = await startNews();
  const filler = 'The harbor was calm and the boats stayed in. '.repeat(20);
  await news.addArticle({ slug: 'in-text', body: `${filler} A comet passed over the town. ${filler}` });
  await news.addArticle({ slug: 'in-summary', summary: 'Why the comet came back.', topic_key: 'culture' });
  await news.addArticle({ slug: 'in-title', title: 'A comet & its <b>tail</b>' });
  await news.addArticle({ slug: 'draft', title: 'Comet comet', status: 'draft', published_at: null });
  await news.addArticle({ slug: 'forged', body: 'Marks \ue000around\ue001 nothing and a meteor.' });
});
afterAll(() => news.close());

const search = (q: string, rest = '') => news.request(`/api/search?q=${encodeURIComponent(q)}${rest}`);

test('a word in the title ranks above one in the summary, and that above one in the text; drafts are never found', async () => {
  expect(slugsOf(await search('comets'))).toEqual(['in-title', 'in-summary', 'in-text']);
});

test('matches are parts of the text, not HTML', async () => {
  const { body } = await search('comet');
  const [first, , third] = Object(body).items;
  expect(first.title).toEqual([
    { text: 'A ', isMatch: false },
    { text: 'comet', isMatch: true },
    { text: ' & its <b>tail</b>', isMatch: false },
  ]);
  expect(third.snippet).toContainEqual({ text: 'comet', isMatch: true });
  expect(third.snippet.map(({ text }: { text: string }) => text).join('').length).toBeLessThan(500);
});

test('a text cannot forge a match', async () => {
  const { body } = await search('meteor');
  const matches = Object(body).items[0].snippet.filter(({ isMatch }: { isMatch: boolean }) => isMatch);
  expect(matches).toEqual([{ text: 'meteor', isMatch: true }]);
  expect(splitMarked('a \ue000b c')).toEqual([
    { text: 'a ', isMatch: false },
    { text: 'b c', isMatch: true },
  ]);
});

test('pages join without a gap or a repetition', async () => {
  expect(await readAll(news, '/api/search?q=comet&limit=1')).toEqual(['in-title', 'in-summary', 'in-text']);
});

test.each([
  ['"comet came"', ['in-summary']],
  ['comet -tail -town', ['in-summary']],
  ['meteor or town', ['forged', 'in-text']],
])('understands %s', async (q, slugs) => {
  expect(slugsOf(await search(q)).sort()).toEqual(slugs);
});

test('filters by topic', async () => {
  expect(slugsOf(await search('comet', '&topic=culture'))).toEqual(['in-summary']);
});

test.each([
  `'; drop table articles; --`,
  `comet' or '1'='1`,
  `comet:* & !<-> ((`,
  '"unbalanced',
  '\\',
  '%',
  '  and   or  ',
  'the of and',
  '😀',
  'ſ'.repeat(200),
])('200 for whatever is typed: %s', async (q) => {
  const answer = await search(q);
  expect(answer.status).toBe(200);
  expect(slugsOf(await search('comet'))).toHaveLength(3);
});

test.each(['', ' ', 'x'.repeat(201), 'a\0b'])('400 for %o', async (q) => {
  expect((await search(q)).body).toMatchObject({ code: 'invalid-input', errors: [{ pointer: 'q' }] });
});
