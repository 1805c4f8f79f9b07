import { ConfigurationError } from '@latchkey/bff';
import { expect, test } from 'vitest';
import { addressOf, findApiAddress, isBelow, parseReturnTo } from './addresses.ts';

test.each([
  ['/account?tab=2#top', '/account?tab=2#top'],
  ['/authors', '/authors'],
  [null, '/'],
  ['https://evil.example/', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['account', '/'],
  ['/auth/refresh?returnTo=/', '/'],
  [`/${'x'.repeat(1000)}`, '/'],
])('returnTo %j leads to %j', (wanted, path) => {
  expect(parseReturnTo(wanted, '/auth')).toBe(path);
});

test('the path to come back to is encoded into the address of an endpoint', () => {
  expect(addressOf('/auth', 'sign-in', '/a?b=1&c')).toBe('/auth/sign-in?returnTo=%2Fa%3Fb%3D1%26c');
});

test('a path is below a prefix only at a slash', () => {
  expect(['/a', '/a/b', '/ab', '/'].map((path) => isBelow(path, '/a'))).toEqual([true, true, false, false]);
  expect(isBelow('/anything', '/')).toBe(true);
});

test('a path of this app stands for the API it is forwarded to; the longest prefix wins', () => {
  const apis = { '/api': 'https://api.example.com/v1/', '/api/news': { url: 'https://news.example.com' } };
  expect(findApiAddress(apis, '/api/me?x=1')).toBe('https://api.example.com/v1/me?x=1');
  expect(findApiAddress(apis, '/api/news/1')).toBe('https://news.example.com/1');
  expect(findApiAddress(apis, 'https://api.example.com/v1/me')).toBe('https://api.example.com/v1/me');
  expect(() => findApiAddress(apis, '/apis')).toThrow(ConfigurationError);
  expect(() => findApiAddress(undefined, '/api')).toThrow(/createAuth\(\{ apis \}\)/);
});
