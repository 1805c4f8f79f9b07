import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import {
  assertedClientId,
  assertionAlgorithms,
  assertionExpectation,
  checkClientAssertion,
  isOtherJwtType,
  mayUseAuthMethod,
} from './client-assertion.ts';

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
    ['a list of our names', { aud: [issuer, `${issuer}/oauth/v2/token`] }],
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
    ['aud with another server after ours', { aud: [issuer, 'https://other.example'] }, /aud/],
    ['aud with another server before ours', { aud: ['https://other.example', issuer] }, /aud/],
    ['aud with a number beside ours', { aud: [issuer, 7] }, /aud/],
    ['aud as a prefix', { aud: 'https://id.exampl' }, /aud/],
    ['no aud', { aud: undefined }, /aud/],
    ['an empty list of aud', { aud: [] }, /aud/],
    ['a nested list of aud', { aud: [[issuer]] }, /aud/],
    ['aud as an object', { aud: { 0: issuer } }, /aud/],
    ['no exp', { exp: undefined }, /exp of the assertion is missing/],
    ['exp of 2^60', { exp: 2 ** 60 }, /exp/],
    ['iat a day ahead', { iat: now + 86_400 }, /iat/],
    ['exp as text', { exp: String(now + 300) }, /exp of the assertion is missing/],
    ['exp null', { exp: null }, /exp of the assertion is missing/],
    ['exp negative', { exp: -1 }, /exp of the assertion is missing/],
    ['exp not finite', { exp: Number.POSITIVE_INFINITY }, /exp of the assertion is missing/],
    ['expired', { exp: now - 30 }, /expired/],
    ['valid for too long', { exp: now + 3631 }, /more than an hour/],
    ['exp in milliseconds', { exp: (now + 300) * 1000 }, /not a time in seconds/],
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

describe('rules by application', () => {
  const application = {
    clientId: '100',
    authMethod: 'private_key_jwt',
    securityProfile: 'standard',
    tokenEndpointAuthSigningAlg: null,
  } as const;
  const fapi = { ...application, securityProfile: 'fapi2' } as const;
  const endpoints = {
    issuer,
    tokenEndpoint: `${issuer}/oauth/v2/token`,
    calledEndpoint: `${issuer}/oauth/v2/par`,
    now: epochMs(now * 1000),
  };
  const secretJwt = { ...application, authMethod: 'client_secret_jwt' } as const;

  test('OpenID Connect Core §9: keys sign by asymmetric algorithms, secrets by HMAC, and the dialect’s key files by RS256', () => {
    expect(assertionAlgorithms(application, 'key-file')).toEqual(['RS256']);
    expect(assertionAlgorithms(application, 'jwk')).toContain('EdDSA');
    expect(assertionAlgorithms(secretJwt, 'secret')).toEqual(['HS256', 'HS384', 'HS512']);
    for (const algorithm of ['none', 'HS256', 'HS384', 'HS512'])
      expect(assertionAlgorithms(application, 'jwk')).not.toContain(algorithm);
  });

  test('OpenID Connect Core §9: a secret proves nothing for private_key_jwt, a key nothing for client_secret_jwt', () => {
    expect(assertionAlgorithms(application, 'secret')).toEqual([]);
    expect(assertionAlgorithms(secretJwt, 'jwk')).toEqual([]);
    expect(assertionAlgorithms({ ...application, authMethod: 'client_secret_basic' }, 'secret')).toEqual([]);
    expect(assertionAlgorithms({ ...application, authMethod: 'none' }, 'jwk')).toEqual([]);
  });

  test('OpenID Connect Registration §2: token_endpoint_auth_signing_alg excludes the others', () => {
    const registered = { ...application, tokenEndpointAuthSigningAlg: 'PS384' };
    expect(assertionAlgorithms(registered, 'jwk')).toEqual(['PS384']);
    expect(assertionAlgorithms(registered, 'key-file')).toEqual(['PS384']);
    expect(assertionAlgorithms({ ...secretJwt, tokenEndpointAuthSigningAlg: 'RS256' }, 'secret')).toEqual([]);
    expect(assertionAlgorithms({ ...fapi, tokenEndpointAuthSigningAlg: 'RS256' }, 'jwk')).toEqual([]);
  });

  test('FAPI 2.0 Security Profile §5.4.1: assertions are signed by PS256, ES256 or EdDSA', () => {
    for (const profile of ['fapi2', 'fapi2_message_signing'] as const)
      for (const origin of ['jwk', 'key-file'] as const)
        expect(assertionAlgorithms({ ...application, securityProfile: profile }, origin)).toEqual([
          'PS256',
          'ES256',
          'EdDSA',
          'Ed25519',
        ]);
  });

  test('FAPI 2.0 Security Profile §5.3.2.1: clients authenticate by private_key_jwt or certificate only', () => {
    const methods = [
      ['private_key_jwt', true],
      ['tls_client_auth', true],
      ['self_signed_tls_client_auth', true],
      ['client_secret_jwt', false],
      ['client_secret_basic', false],
      ['client_secret_post', false],
      ['none', false],
    ] as const;
    for (const [authMethod, expected] of methods) {
      expect(mayUseAuthMethod({ authMethod, securityProfile: 'fapi2' }), authMethod).toBe(expected);
      expect(mayUseAuthMethod({ authMethod, securityProfile: 'standard' })).toBe(true);
    }
  });

  test.each<[unknown, boolean, boolean]>([
    [issuer, true, true],
    [`${issuer}/`, true, false],
    [endpoints.tokenEndpoint, true, false],
    [endpoints.calledEndpoint, true, false],
    [[issuer], true, false],
    [[issuer, endpoints.tokenEndpoint], true, false],
    [[issuer, 'https://other.example'], false, false],
    ['https://other.example', false, false],
    [`${issuer}/oauth/v2/revoke`, false, false],
  ])(
    'FAPI 2.0 Security Profile §5.3.2.1: aud is the issuer as one text; elsewhere the endpoint will do (%j)',
    (aud, isStandard, isFapi) => {
      const assertion = jwt({ ...claims, aud, jti: 'j' });
      const standard = checkClientAssertion(assertion, assertionExpectation(application, 'jwk', endpoints));
      const strict = checkClientAssertion(assertion, assertionExpectation(fapi, 'jwk', endpoints));
      expect(standard === undefined).toBe(isStandard);
      expect(strict === undefined).toBe(isFapi);
    },
  );

  test('OpenID Connect Core §9: jti is required of all but key files of the dialect', () => {
    const without = (rules: typeof application | typeof fapi, origin: 'jwk' | 'key-file') =>
      checkClientAssertion(jwt(claims), assertionExpectation(rules, origin, endpoints))?.detail;
    expect(without(application, 'key-file')).toBeUndefined();
    expect(without(application, 'jwk')).toMatch(/jti is missing/);
    expect(without(fapi, 'key-file')).toMatch(/jti is missing/);
  });

  test.each([
    [undefined, false],
    ['JWT', false],
    ['jwt', false],
    ['client-authentication+jwt', false],
    ['application/client-authentication+jwt', false],
    ['dpop+jwt', true],
    ['oauth-authz-req+jwt', true],
    ['at+jwt', true],
    ['', true],
  ])('RFC 8725 §3.11: a JWT made for something else authenticates nobody (%s)', (typ, expected) => {
    expect(isOtherJwtType(typ)).toBe(expected);
  });
});
