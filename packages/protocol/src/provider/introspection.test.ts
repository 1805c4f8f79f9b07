import { describe, expect, test } from 'vitest';
import { sampleStanding, sampleTarget } from '../../fixtures/sample-client.ts';
import { epochMs, epochSeconds } from '../brands.ts';
import type { AccessTokenFacts } from './access-token.ts';
import {
  buildIntrospection,
  buildMinimalIntrospection,
  inactive,
  isMeantFor,
  signedIntrospectionClaims,
  wantsSignedIntrospection,
} from './introspection.ts';

const caller = { clientId: '200', projectId: '10' };

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
    caller,
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
    const again = buildIntrospection(
      token,
      { loginName: 'alice', claims: forged },
      caller,
      'https://id.example',
    );
    const { email, email_verified, ...registered } = again;
    expect([email, email_verified]).toEqual(['forged', 'forged']);
    expect(Object.values(registered)).not.toContain('forged');
  });

  test('what a machine token does not know is absent, not empty', () => {
    const { authTime: _, ...machine } = token;
    const bare = buildIntrospection(
      { ...machine, amr: [] },
      { loginName: 'bot', claims: {} },
      caller,
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

describe('bound and delegated tokens', () => {
  const subject = { loginName: 'alice', claims: {} };

  test('RFC 9449 §6.2: a DPoP-bound token tells the thumbprint of its key and its type', () => {
    const bound = { ...token, confirmation: { kind: 'dpop', jkt: 'thumb' } } as const;
    expect(buildIntrospection(bound, subject, caller, 'https://id.example')).toMatchObject({
      token_type: 'DPoP',
      cnf: { jkt: 'thumb' },
    });
  });

  test('RFC 8705 §3.2: a certificate-bound token tells the thumbprint of its certificate', () => {
    const bound = { ...token, confirmation: { kind: 'certificate', thumbprint: 'thumb' } } as const;
    expect(buildIntrospection(bound, subject, caller, 'https://id.example')).toMatchObject({
      token_type: 'Bearer',
      cnf: { 'x5t#S256': 'thumb' },
    });
  });

  test('RFC 8693 §4.1: the answer says who acts for the subject', () => {
    const actor = {
      iss: 'https://id.example',
      sub: 'admin',
      act: { iss: 'https://id.example', sub: 'robot' },
    };
    expect(buildIntrospection({ ...token, actor }, subject, caller, 'https://id.example').act).toEqual(actor);
  });

  test('OpenID Connect Core §8.1: a pairwise subject is told in place of the user id', () => {
    const pairwise = { ...token, subject: 'pseudonym' };
    expect(buildIntrospection(pairwise, subject, caller, 'https://id.example').sub).toBe('pseudonym');
  });

  test('ZITADEL dialect: a personal access token is meant for the APIs its owner may obtain, which its audience then names', () => {
    const personal = { ...token, audience: [], personal: true } as const;
    const owner = { ...sampleStanding, organizationId: '5' };
    const target = { ...sampleTarget, id: '10', organizationId: '5' };
    expect(isMeantFor(personal, caller, { owner, target })).toBe(true);
    expect(isMeantFor(personal, caller, { owner: { ...owner, organizationId: '6' }, target })).toBe(false);
    expect(isMeantFor(personal, caller, { owner, target: { ...target, id: '11' } })).toBe(false);
    expect(isMeantFor(personal, caller)).toBe(false);
    expect(buildIntrospection(personal, subject, caller, 'https://id.example').aud).toEqual(['200', '10']);
  });

  test('ZITADEL dialect: the minimal answer holds token data only', () => {
    expect(buildMinimalIntrospection(token, caller, 'https://id.example')).toEqual({
      active: true,
      scope: 'openid email',
      client_id: '100',
      token_type: 'Bearer',
      exp: 1_700_000_900,
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      sub: 'u',
      aud: ['100', '10'],
      iss: 'https://id.example',
      jti: 't1',
    });
  });
});

describe('signed answers', () => {
  test.each([
    ['application/token-introspection+jwt', true],
    ['Application/Token-Introspection+JWT; q=0.5', true],
    ['application/json;q=0.5, application/token-introspection+jwt', true],
    ['application/json, application/token-introspection+jwt;q=0.9', false],
    ['application/token-introspection+jwt;q=0', false],
    ['application/json', false],
    ['*/*', false],
    ['', false],
  ])(
    'RFC 9701 §4: only an Accept header that names the media type asks for a signed answer (%j)',
    (accept, wanted) => {
      expect(wantsSignedIntrospection(accept)).toBe(wanted);
    },
  );

  test('RFC 9701 §5: a signed answer says from whom, for whom and when, and keeps the rest in one member', () => {
    const context = { issuer: 'https://id.example', audience: '200', issuedAt: 1_700_000_000 };
    expect(signedIntrospectionClaims(inactive, context)).toEqual({
      iss: 'https://id.example',
      aud: '200',
      iat: 1_700_000_000,
      token_introspection: { active: false },
    });
  });
});
