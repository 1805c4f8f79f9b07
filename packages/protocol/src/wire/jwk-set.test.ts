import { describe, expect, test } from 'vitest';
import { parseJwkSet } from './jwk-set.ts';

const rsa = { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'r', alg: 'PS256', use: 'sig' };
const ec = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', key_ops: ['verify'], x5c: ['MII='] };
const okp = { kty: 'OKP', crv: 'Ed25519', x: 'AA' };

describe('parseJwkSet', () => {
  test('RFC 7517 §4: the members of public keys are read, and nothing else of them', () => {
    expect(parseJwkSet({ keys: [rsa, ec, { ...okp, note: 'x' }], more: 1 })).toEqual({
      kind: 'keys',
      keys: [
        { kty: 'RSA', kid: 'r', alg: 'PS256', use: 'sig', parameters: { n: 'AQAB', e: 'AQAB' } },
        {
          kty: 'EC',
          keyOperations: ['verify'],
          certificate: 'MII=',
          parameters: { crv: 'P-256', x: 'AA', y: 'AA' },
        },
        { kty: 'OKP', parameters: { crv: 'Ed25519', x: 'AA' } },
      ],
    });
  });

  test.each([
    ['of unknown type', { kty: 'AKP', pub: 'AA' }],
    ['without a type', { n: 'AQAB', e: 'AQAB' }],
    ['with a part missing', { kty: 'RSA', n: 'AQAB' }],
    ['with a part that is no text', { kty: 'RSA', n: 'AQAB', e: 65_537 }],
    ['too long', { kty: 'RSA', n: 'A'.repeat(2049), e: 'AQAB' }],
  ])('RFC 7517 §5: a key %s is left out, the others stay', (_, key) => {
    expect(parseJwkSet({ keys: [key, okp] })).toMatchObject({ kind: 'keys', keys: [{ kty: 'OKP' }] });
  });

  test.each([
    ['RSA', { ...rsa, d: 'AA' }],
    ['EC', { ...ec, d: 'AA' }],
    ['OKP', { ...okp, d: 'AA' }],
    ['oct', { kty: 'oct', k: 'AA' }],
    ['a prime alone', { ...rsa, p: 'AA' }],
  ])('OpenID Connect Registration §2: a set with a private or shared key is refused whole (%s)', (_, key) => {
    expect(parseJwkSet({ keys: [okp, key] }).kind).toBe('private');
  });

  test.each([
    undefined,
    null,
    [],
    'keys',
    {},
    { keys: {} },
    { keys: [1] },
    { keys: [[]] },
    { keys: Array(51).fill(okp) },
  ])('RFC 7517 §5: %j is no JWK Set', (value) => {
    expect(parseJwkSet(value).kind).toBe('malformed');
  });
});
