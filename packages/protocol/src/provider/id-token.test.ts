import { describe, expect, test } from 'vitest';
import { epochSeconds } from '../brands.ts';
import { type IdTokenFacts, idTokenClaims } from './id-token.ts';

const facts: IdTokenFacts = {
  issuer: 'https://id.example',
  subject: 'u',
  audience: ['100'],
  clientId: '100',
  tellsClientId: false,
  issuedAt: epochSeconds(1000),
  expiresAt: epochSeconds(1900),
  clockSkewSeconds: 0,
  authTime: epochSeconds(900),
  amr: ['pwd'],
  nonce: 'n',
  sessionId: 's',
  accessTokenHash: 'h',
};

describe('idTokenClaims', () => {
  test('OpenID Connect Core §2: an ID token has the required claims, nonce as sent, azp and at_hash', () => {
    expect(idTokenClaims(facts, { name: 'Alice' })).toEqual({
      iss: 'https://id.example',
      sub: 'u',
      aud: ['100'],
      azp: '100',
      iat: 1000,
      exp: 1900,
      auth_time: 900,
      amr: ['pwd'],
      nonce: 'n',
      sid: 's',
      at_hash: 'h',
      name: 'Alice',
    });
  });

  test('ZITADEL dialect §1.5: client_id stands beside azp where the application wants it', () => {
    expect(idTokenClaims({ ...facts, tellsClientId: true }, {})).toMatchObject({
      azp: '100',
      client_id: '100',
    });
  });

  test('ZITADEL dialect §1.5: clock skew lengthens exp and antedates iat and auth_time', () => {
    expect(idTokenClaims({ ...facts, clockSkewSeconds: 5 }, {})).toMatchObject({
      iat: 995,
      exp: 1905,
      auth_time: 895,
    });
  });

  test('what is not known is absent', () => {
    const { authTime: _a, nonce: _n, sessionId: _s, accessTokenHash: _h, ...bare } = facts;
    expect(Object.keys(idTokenClaims({ ...bare, amr: [] }, {})).toSorted()).toEqual([
      'aud',
      'azp',
      'exp',
      'iat',
      'iss',
      'sub',
    ]);
  });

  test('OpenID Connect Core §2: no claim about the person replaces a registered one', () => {
    const forged = Object.fromEntries(Object.keys(idTokenClaims(facts, {})).map((name) => [name, 'forged']));
    expect(idTokenClaims(facts, forged)).toEqual(idTokenClaims(facts, {}));
  });
});
