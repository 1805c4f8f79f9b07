import { expect, test } from 'vitest';
import { addCookie } from './http.ts';
import { toWebResponse } from './web-requests.ts';

test('several cookies of an answer become several Set-Cookie headers', () => {
  const headers = addCookie(addCookie({ location: '/next' }, 'a=1; Path=/'), 'b=2; Path=/');
  const response = toWebResponse({ status: 302, headers, body: '' });
  expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
  expect(response.headers.get('location')).toBe('/next');
});

test('an answer without cookies has no Set-Cookie header', () => {
  const response = toWebResponse({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'x' });
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(response.headers.get('content-type')).toBe('text/plain');
});
