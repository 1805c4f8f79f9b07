import { expect, test } from 'vitest';
import { mergeCookies } from './merge-cookies.ts';

test('new values take the place of old ones, removed cookies go, others stay as they were', () => {
  const lines = ['a=2; Max-Age=60; Path=/; HttpOnly', 'b=; Max-Age=0; Path=/', 'd=x=y; Path=/'];
  expect(mergeCookies('a=1; b=old; c="q"', lines)).toBe('a=2; c="q"; d=x=y');
});

test('of several cookies with one name the first counts, as everywhere', () => {
  expect(mergeCookies('a=1; a=2', [])).toBe('a=1');
  expect(mergeCookies('', ['a=1; Path=/'])).toBe('a=1');
});
