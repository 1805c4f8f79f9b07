import { describe, expect, test } from 'vitest';
import { epochMs, epochSeconds } from '../brands.ts';
import type { AccessTokenFacts } from './access-token.ts';
import { buildIntrospection, inactive, isMeantFor } from './introspection.ts';

const token: AccessTokenFacts = {
  tokenId: 't1',
  issuedAtMs: epochMs(1_700_000_000_999),
  expiresAt: epochSeconds(1_700_000_900),
  userId: 'u',
  organizationId: 'o',
  clientId: '100',
  scopes: ['openid', 'email'],
  audience: ['100', '10'],
  authTime: epochSeconds(1_699_999_000),
  amr: ['pwd'],
};

describe('isMeantFor', () => {
  test('ZITADEL dialect §2.4: the audience must name the client id or the project of the caller', () => {
    expect(isMeantFor(token, { clientId: '100', projectId: '99' })).toBe(true);
    expect(isMeantFor(token, { clientId: '200', projectId: '10' })).toBe(true);
  });

  test.each([
    ['200', '20'],
    ['', ''],
    ['1', '0'],
    ['100 10', '100,10'],
  ])('RFC 7662 §4: a token for somebody else is not shown (%j, %j)', (clientId, projectId) => {
    expect(isMeantFor(token, { clientId, projectId })).toBe(false);
    expect(isMeantFor({ ...token, audience: [] }, { clientId, projectId })).toBe(false);
  });

  test('being the client a token was issued to does not make one its audience', () => {
    expect(isMeantFor({ ...token, audience: ['10'] }, { clientId: '100', projectId: '20' })).toBe(false);
  });
});

describe('buildIntrospection', () => {
  const answer = buildIntrospection(
    token,
    { loginName: 'alice@example.com', claims: { email: 'alice@example.com', email_verified: true } },
    'https://id.example',
  );

  test('RFC 7662 §2.2: an active answer has the shape of the dialect', () => {
    expect(answer).toEqual({
      active: true,
      scope: 'openid email',
      client_id: '100',
      token_type: 'Bearer',
      exp: 1_700_000_900,
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      auth_time: 1_699_999_000,
      amr: ['pwd'],
      sub: 'u',
      aud: ['100', '10'],
      iss: 'https://id.example',
      jti: 't1',
      username: 'alice@example.com',
      email: 'alice@example.com',
      email_verified: true,
    });
  });

  test('RFC 7662 §2.2: an inactive answer says nothing else', () => {
    expect(JSON.stringify(inactive)).toBe('{"active":false}');
  });

  test('no claim about the person can stand in for one about the token', () => {
    const forged = Object.fromEntries(Object.keys(answer).map((name) => [name, 'forged']));
    const again = buildIntrospection(token, { loginName: 'alice', claims: forged }, 'https://id.example');
    const { email, email_verified, ...registered } = again;
    expect([email, email_verified]).toEqual(['forged', 'forged']);
    expect(Object.values(registered)).not.toContain('forged');
  });

  test('what a machine token does not know is absent, not empty', () => {
    const { authTime: _, ...machine } = token;
    const bare = buildIntrospection(
      { ...machine, amr: [] },
      { loginName: 'bot', claims: {} },
      'https://id.example',
    );
    expect(Object.keys(bare).toSorted()).toEqual([
      'active',
      'aud',
      'client_id',
      'exp',
      'iat',
      'iss',
      'jti',
      'nbf',
      'scope',
      'sub',
      'token_type',
      'username',
    ]);
  });
});
