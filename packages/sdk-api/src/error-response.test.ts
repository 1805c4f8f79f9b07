import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBearerToken } from './bearer-token.ts';
import { buildErrorResponse } from './error-response.ts';
import { createExpiringCache } from './expiring-cache.ts';

test('RFC 6750 §3: whatever a description holds, the header stays one well-formed line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, realm) => {
      const { headers } = buildErrorResponse({ kind: 'invalid-request', message }, { realm });
      expect(headers['www-authenticate']).toMatch(
        /^Bearer realm="[\x20\x21\x23-\x5b\x5d-\x7e]*", error="invalid_request", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]*"$/,
      );
    }),
  );
});

test('the realm is "api" unless given', () => {
  const { headers } = buildErrorResponse({ kind: 'missing-token', message: 'm' });
  expect(headers['www-authenticate']).toBe('Bearer realm="api"');
});

test('no header text makes reading the token fail, and what is read is a possible token', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `Bearer ${text}`),
      ),
      (header) => {
        const read = parseBearerToken({ authorization: [header], url: '/' });
        if (read.kind === 'token') expect(read.token).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/);
      },
    ),
  );
});

test('a full cache drops what was least recently used', () => {
  const cache = createExpiringCache<number>({ maxEntries: 2, now: () => 0 });
  cache.keep('a', 1, 10);
  cache.keep('b', 2, 10);
  cache.find('a');
  cache.keep('c', 3, 10);
  expect([cache.find('a'), cache.find('b'), cache.find('c')]).toEqual([1, undefined, 3]);
});
