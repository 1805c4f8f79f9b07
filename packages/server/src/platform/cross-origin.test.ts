import { expect, test } from 'vitest';
import { preflightHeaders } from './cross-origin.ts';

const allowed = (asked: string | null): string | undefined =>
  preflightHeaders('POST', asked)['access-control-allow-headers'];

test('Fetch §4.8: a preflight is allowed the headers it asks for', () => {
  expect(allowed('authorization,traceparent,baggage')).toBe('authorization,traceparent,baggage');
  expect(allowed('authorization, sentry-trace')).toBe('authorization, sentry-trace');
});

test('what is no list of header names is not sent back', () => {
  for (const asked of [null, '', ',', 'a b', 'a\r\nset-cookie: b', 'ä', 'a,', 'x'.repeat(2001)])
    expect(allowed(asked)).toContain('Authorization');
});
