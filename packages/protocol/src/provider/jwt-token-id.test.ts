import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs, epochSeconds } from '../brands.ts';
import { type AccessTokenFacts, jwtAccessTokenClaims, packAccessToken } from './access-token.ts';
import { packTokenId, unpackTokenId } from './jwt-token-id.ts';

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
    issuer: id,
    scopes: fc.uniqueArray(word),
    audience: fc.uniqueArray(word),
    isForWholeProject: fc.constant(true as const),
    authTime: time.map(epochSeconds),
    amr: fc.array(word),
    keyId: id,
    confirmation: fc.oneof(
      fc.record({ kind: fc.constant('dpop' as const), jkt: id }),
      fc.record({ kind: fc.constant('certificate' as const), thumbprint: id }),
    ),
    actor: fc.record({ iss: id, sub: id }),
    actorAuthTime: time.map(epochSeconds),
    userinfoClaims: fc.array(word, { minLength: 1 }),
    subject: id,
    dependsOn: fc.array(id, { minLength: 1 }),
  },
  {
    requiredKeys: [
      ...(['tokenId', 'issuedAtMs', 'expiresAt', 'userId', 'organizationId', 'clientId'] as const),
      ...(['scopes', 'audience', 'amr'] as const),
    ],
  },
);

function claimsOf(facts: AccessTokenFacts, clockSkewSeconds: number): Readonly<Record<string, unknown>> {
  return jwtAccessTokenClaims(facts, { issuer: 'https://issuer', jti: '', clockSkewSeconds });
}

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

describe('the jti of JWT access tokens', () => {
  test('RFC 9068 §2.2: claims, kid and jti together are the facts the token was issued with', () => {
    fc.assert(
      fc.property(anyToken, fc.integer({ min: 0, max: 5 }), (facts, skew) => {
        const { issuer, ...rest } = facts;
        const whole = { ...rest, ...(issuer === undefined ? {} : { issuer }) };
        // Only an application of a project has others beside it.
        if (facts.isForWholeProject && facts.audience.length === 0) return;
        expect(unpackTokenId(packTokenId(facts, skew), claimsOf(facts, skew), facts.keyId)).toEqual(whole);
      }),
    );
  });

  test('it holds ids, and nothing the claims tell', () => {
    const scopes = Array.from({ length: 100 }, (_, index) => `urn:example:scope:${index}`);
    const audience = Array.from({ length: 300 }, (_, index) => String(index));
    expect(packTokenId({ ...token, scopes, audience }, 0)).toBe(packTokenId(token, 0));
  });

  test('a token of before, whose jti held all facts, is read by them', () => {
    const earlier = { ...token, audience: ['app', 'other', 'project'], keyId: 'k' };
    expect(unpackTokenId(packAccessToken(earlier), claimsOf(earlier, 0), 'k')).toEqual(earlier);
  });

  test.each([
    ['a confirmation of another kind', { cnf: { jwk: {} } }],
    ['an actor without a name', { act: { iss: 'https://issuer' } }],
    ['no audience', { aud: undefined }],
    ['a scope that is no text', { scope: ['openid'] }],
    ['no subject', { sub: 1 }],
    ['no expiry', { exp: undefined }],
  ])('a token with %s is none of ours', (_, change) => {
    expect(unpackTokenId(packTokenId(token, 0), { ...claimsOf(token, 0), ...change }, 'k')).toBeUndefined();
  });

  test.each(['', '[3]', '[2]', '{}', 'null', '[2,"t",0,0,"","o","","","","",0]'])(
    'a text of another shape (%s) is none',
    (text) => {
      expect(unpackTokenId(text, claimsOf(token, 0), 'k')).toBeUndefined();
    },
  );
});
