import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import { checkGrantAssertion, readGrantAssertion } from './jwt-bearer-grant.ts';

const now = 1_700_000_000;
const issuer = 'https://id.example';
const claims = { iss: '100', sub: '100', aud: issuer, exp: now + 300, iat: now };
const jwt = (payload: object = {}, header: object = {}): CompactJwt => ({
  header: { alg: 'RS256', kid: 'k', ...header },
  payload: { ...claims, ...payload },
  signingInput: 'a.b',
  signature: new Uint8Array([1]),
});

describe('readGrantAssertion', () => {
  test('RFC 7523 §3: iss and sub name the user, kid the key, and the algorithm is one of four', () => {
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'])
      expect(readGrantAssertion(jwt({}, { alg: algorithm }))).toEqual({
        userId: '100',
        keyId: 'k',
        algorithm,
      });
  });

  test.each<[string, object, object]>([
    ['another sub', { sub: '200' }, {}],
    ['no iss', { iss: undefined, sub: undefined }, {}],
    ['an empty iss', { iss: '', sub: '' }, {}],
    ['a long iss', { iss: 'x'.repeat(201), sub: 'x'.repeat(201) }, {}],
    ['a number as iss', { iss: 1, sub: 1 }, {}],
    ['no kid', {}, { kid: undefined }],
    ['a long kid', {}, { kid: 'x'.repeat(201) }],
    ['alg none', {}, { alg: 'none' }],
    ['alg HS256', {}, { alg: 'HS256' }],
    ['alg RS512', {}, { alg: 'RS512' }],
  ])('RFC 7523 §3: an assertion of another shape is of nobody (%s)', (_, payload, header) => {
    expect(readGrantAssertion(jwt(payload, header))).toBeUndefined();
  });
});

test('RFC 7523 §3: the rules of assertions hold for those of users', () => {
  const check = (payload: object) =>
    checkGrantAssertion(jwt(payload), { userId: '100', audiences: [issuer], now: epochMs(now * 1000) });
  expect(check({})).toBeUndefined();
  expect(check({ aud: 'https://other.example' })?.detail).toMatch(/aud/);
  expect(check({ exp: now - 60 })?.detail).toMatch(/expired/);
  expect(check({ exp: now + 7200 })?.detail).toMatch(/hour/);
  expect(check({ iat: now - 7200 })?.detail).toMatch(/iat/);
  expect(check({ sub: '200' })?.detail).toMatch(/sub/);
});
