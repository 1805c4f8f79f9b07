import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs, epochSeconds, toSeconds } from '../brands.ts';
import {
  type AccessTokenFacts,
  jwtAccessTokenClaims,
  packAccessToken,
  unpackAccessToken,
} from './access-token.ts';

const id = fc.string({ unit: 'grapheme', minLength: 1 });
const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019:/._"\\,[]'), minLength: 1 });
const time = fc.integer({ min: 1, max: 4_000_000_000 });

const anyToken: fc.Arbitrary<AccessTokenFacts> = fc.record(
  {
    tokenId: id,
    issuedAtMs: fc.nat(4_000_000_000_000).map(epochMs),
    expiresAt: time.map(epochSeconds),
    userId: id,
    organizationId: id,
    clientId: id,
    applicationId: id,
    projectId: id,
    sessionId: id,
    grantId: id,
    scopes: fc.array(word),
    audience: fc.array(word),
    authTime: time.map(epochSeconds),
    amr: fc.array(word),
    keyId: id,
    actor: fc.record({ iss: id, sub: id }),
    actorAuthTime: time.map(epochSeconds),
  },
  {
    requiredKeys: [
      'tokenId',
      'issuedAtMs',
      'expiresAt',
      'userId',
      'organizationId',
      'clientId',
      'scopes',
      'audience',
      'amr',
    ],
  },
);

const token: AccessTokenFacts = {
  tokenId: 't',
  issuedAtMs: epochMs(1_700_000_000_999),
  expiresAt: epochSeconds(1_700_000_900),
  userId: 'u',
  organizationId: 'o',
  clientId: 'app',
  scopes: ['openid', 'email'],
  audience: ['app', 'project'],
  amr: ['pwd'],
};

describe('packed access tokens', () => {
  test('RFC 7662 §1.1: what is unpacked is what was packed', () => {
    fc.assert(
      fc.property(anyToken, (facts) => {
        expect(unpackAccessToken(packAccessToken(facts))).toEqual(facts);
      }),
    );
  });

  test.each([
    '',
    'x',
    'null',
    '1',
    '{}',
    '[]',
    '[1]',
    '[2,"a"]',
    '"text"',
    '{"length":16,"0":1}',
    `[${'1,'.repeat(16)}1]`,
  ])('a text of another shape or version is no token (%s)', (text) => {
    expect(unpackAccessToken(text)).toBeUndefined();
  });

  test('another version of the same length is no token', () => {
    const packed = packAccessToken(token);
    expect(unpackAccessToken(packed.replace('[1,', '[2,'))).toBeUndefined();
    expect(unpackAccessToken(packed.replace('[1,', '["1",'))).toBeUndefined();
  });
});

describe('jwtAccessTokenClaims', () => {
  const context = { issuer: 'https://id.example', jti: 'sealed', clockSkewSeconds: 0 };

  test('RFC 9068 §2.2: a JWT access token has the required claims, times in whole seconds', () => {
    expect(jwtAccessTokenClaims(token, context)).toEqual({
      iss: 'https://id.example',
      sub: 'u',
      aud: ['app', 'project'],
      exp: 1_700_000_900,
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      client_id: 'app',
      scope: 'openid email',
      jti: 'sealed',
    });
  });

  test('ZITADEL dialect §1.5: clock skew lengthens exp and antedates iat and nbf', () => {
    const claims = jwtAccessTokenClaims(token, { ...context, clockSkewSeconds: 5 });
    expect(claims).toMatchObject({ exp: 1_700_000_905, iat: 1_699_999_995, nbf: 1_699_999_995 });
  });
});

test('RFC 7519 §2: a time in seconds is never later than the time it stands for', () => {
  fc.assert(
    fc.property(fc.nat(4_000_000_000_000), (ms) => {
      const seconds = toSeconds(epochMs(ms));
      expect(Number.isInteger(seconds)).toBe(true);
      expect(ms - seconds * 1000).toBeGreaterThanOrEqual(0);
      expect(ms - seconds * 1000).toBeLessThan(1000);
    }),
  );
});
