import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import { assertedClientId, checkClientAssertion } from './client-assertion.ts';

const now = 1_700_000_000;
const issuer = 'https://id.example';
const claims = { iss: '100', sub: '100', aud: issuer, exp: now + 300, iat: now };

const jwt = (payload: Record<string, unknown>): CompactJwt => ({
  header: { alg: 'RS256', kid: 'k' },
  payload,
  signingInput: 'a.b',
  signature: new Uint8Array([1]),
});
const check = (changes: Record<string, unknown>) =>
  checkClientAssertion(jwt({ ...claims, ...changes }), {
    clientId: '100',
    audiences: [issuer, `${issuer}/oauth/v2/token`],
    now: epochMs(now * 1000),
  });

describe('checkClientAssertion', () => {
  test.each<[string, Record<string, unknown>]>([
    ['the plain one', {}],
    ['the endpoint as aud', { aud: `${issuer}/oauth/v2/token` }],
    ['a list with the issuer', { aud: ['https://other.example', issuer] }],
    ['without iat', { iat: undefined }],
    ['with nbf and jti', { nbf: now, jti: 'x'.repeat(512) }],
    ['fractions of seconds', { iat: now + 0.5, exp: now + 1.5 }],
    ['an hour', { exp: now + 3600 }],
    ['a clock 30 s ahead', { iat: now + 30, nbf: now + 30, exp: now + 3630 }],
    ['a clock 30 s behind', { exp: now - 29 }],
  ])('RFC 7523 §3: an assertion that holds is accepted (%s)', (_, changes) => {
    expect(check(changes)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['iss of somebody else', { iss: '200' }, /iss and sub/],
    ['sub of somebody else', { sub: '200' }, /iss and sub/],
    ['both of somebody else', { iss: '200', sub: '200' }, /iss and sub/],
    ['no iss', { iss: undefined }, /iss and sub/],
    ['iss as a list', { iss: ['100'], sub: ['100'] }, /iss and sub/],
    ['iss as a number', { iss: 100, sub: 100 }, /iss and sub/],
    ['aud of somebody else', { aud: 'https://evil.example' }, /aud/],
    ['aud with a slash', { aud: `${issuer}/` }, /aud/],
    ['aud as a prefix', { aud: 'https://id.exampl' }, /aud/],
    ['no aud', { aud: undefined }, /aud/],
    ['an empty list of aud', { aud: [] }, /aud/],
    ['a nested list of aud', { aud: [[issuer]] }, /aud/],
    ['aud as an object', { aud: { 0: issuer } }, /aud/],
    ['no exp', { exp: undefined }, /exp is missing/],
    ['exp as text', { exp: String(now + 300) }, /exp is missing/],
    ['exp null', { exp: null }, /exp is missing/],
    ['exp negative', { exp: -1 }, /exp is missing/],
    ['exp not finite', { exp: Number.POSITIVE_INFINITY }, /exp is missing/],
    ['expired', { exp: now - 30 }, /expired/],
    ['valid for too long', { exp: now + 3631 }, /more than an hour/],
    ['exp in milliseconds', { exp: (now + 300) * 1000 }, /more than an hour/],
    ['iat in the future', { iat: now + 31 }, /iat/],
    ['iat long ago', { iat: now - 3631 }, /iat/],
    ['iat as text', { iat: String(now) }, /iat/],
    ['iat null', { iat: null }, /iat/],
    ['nbf in the future', { nbf: now + 31 }, /nbf/],
    ['nbf as text', { nbf: '0' }, /nbf/],
    ['jti as a number', { jti: 1 }, /jti/],
    ['jti too long', { jti: 'x'.repeat(513) }, /jti/],
  ])('RFC 7523 §3: an assertion that does not hold is refused (%s)', (_, changes, sentence) => {
    const refusal = check(changes);
    expect(refusal?.kind).toBe('assertion');
    expect(refusal?.detail).toMatch(sentence);
  });
});

test.each<[Record<string, unknown>, string | undefined]>([
  [{ iss: '100', sub: '100' }, '100'],
  [{ iss: '100', sub: '200' }, undefined],
  [{ iss: '100' }, undefined],
  [{ sub: '100' }, undefined],
  [{}, undefined],
  [{ iss: 1, sub: 1 }, undefined],
])('RFC 7523 §3: iss and sub name one client (%j: %s)', (payload, expected) => {
  expect(assertedClientId(jwt(payload))).toBe(expected);
});
