import { expect, test } from 'vitest';
import { pickQuote, quotes } from './quotes.ts';

test('there are at least a hundred quotations', () => {
  expect(quotes.length).toBeGreaterThanOrEqual(100);
});

test('no quotation appears twice, whatever its punctuation', () => {
  const texts = quotes.map(({ quote }) => quote.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' '));
  expect(new Set(texts).size).toBe(quotes.length);
});

test.each(quotes)('$author: quotation, author and source are written out', ({ quote, author, source }) => {
  expect(quote).toMatch(/^\p{Lu}|^’\p{Lu}/u);
  expect(quote).toMatch(/[.!?)”]$/u);
  expect(quote.length).toBeLessThanOrEqual(180);
  expect(author.trim()).toMatch(/\p{L}{3}/u);
  expect(source.trim()).toMatch(/\p{L}{3}/u);
  // Typographic marks throughout.
  expect(`${quote}${author}${source}`).not.toMatch(/["'`]|\s{2}/u);
});

test('the first and the last quotation can both be picked', () => {
  expect(pickQuote(() => 0)).toBe(quotes[0]);
  expect(pickQuote(() => 1 - Number.EPSILON)).toBe(quotes.at(-1));
});
