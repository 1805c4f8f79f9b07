import { describe, expect, test } from 'vitest';
import { epochMs, epochSeconds } from '../brands.ts';
import type { AccessTokenFacts } from './access-token.ts';
import { forever, type RevocationLookup, whyDead } from './liveness.ts';

const issued = 1_700_000_000_123;
const token: AccessTokenFacts = {
  tokenId: 'token',
  issuedAtMs: epochMs(issued),
  expiresAt: epochSeconds(1_700_000_900),
  userId: 'user',
  organizationId: 'organization',
  clientId: 'client',
  applicationId: 'application',
  projectId: 'project',
  sessionId: 'session',
  grantId: 'grant',
  scopes: ['openid'],
  audience: ['audience'],
  amr: ['pwd'],
  keyId: 'key',
};
const dependencies = [
  ...[
    'token',
    'session',
    'grant',
    'client',
    'application',
    'user',
    'project',
    'organization',
    'instance',
    'key',
    'user:application',
  ],
];
const nothing: RevocationLookup = () => undefined;
const only =
  (revoked: string, atMs: number): RevocationLookup =>
  (id) =>
    id === revoked ? epochMs(atMs) : undefined;
const why = (lookup: RevocationLookup, nowMs = issued + 60_000, facts = token) =>
  whyDead(facts, 'instance', lookup, epochMs(nowMs));

describe('whyDead', () => {
  test('RFC 7662 §2.2: a token in its time that depends on nothing ended is live', () => {
    expect(why(nothing)).toBeUndefined();
  });

  test.each(dependencies)(
    'RFC 7662 §2.2: ending anything a token depends on at or after its issue kills it, to the millisecond (%s)',
    (id) => {
      expect(why(only(id, issued - 1))).toBeUndefined();
      expect(why(only(id, issued))).toEqual({ kind: 'revoked', by: id });
      expect(why(only(id, issued + 1))).toEqual({ kind: 'revoked', by: id });
      expect(why(only(id, forever))).toEqual({ kind: 'revoked', by: id });
    },
  );

  test('ending what a token does not depend on leaves it alone', () => {
    for (const id of ['audience', 'openid', 'pwd', '', 'undefined', 'user2'])
      expect(why(only(id, forever))).toBeUndefined();
    const { sessionId: _s, grantId: _g, keyId: _k, applicationId: _a, projectId: _p, ...machine } = token;
    expect(why(only('session', forever), issued, machine)).toBeUndefined();
    expect(why(only('user', forever), issued, machine)).toEqual({ kind: 'revoked', by: 'user' });
  });

  test('the lookup is asked for each id the token depends on and no other', () => {
    const asked: string[] = [];
    why((id) => {
      asked.push(id);
      return undefined;
    });
    expect(asked.toSorted()).toEqual(dependencies.toSorted());
  });

  test('RFC 8693 §4.1: ending anybody who acts in a token kills it', () => {
    const act = { iss: 'https://id.example', sub: 'helper' };
    const acted = { ...token, actor: { iss: 'https://id.example', sub: 'support', act } };
    expect(why(nothing, issued, acted)).toBeUndefined();
    for (const id of ['support', 'helper', 'user'])
      expect(why(only(id, issued), issued, acted)).toEqual({ kind: 'revoked', by: id });
    expect(why(only('https://id.example', forever), issued, acted)).toBeUndefined();
  });

  test('what came of other tokens dies with any of them', () => {
    const exchanged = { ...token, dependsOn: ['subject-token', 'other-session'] };
    expect(why(nothing, issued, exchanged)).toBeUndefined();
    for (const id of exchanged.dependsOn)
      expect(why(only(id, issued), issued, exchanged)).toEqual({ kind: 'revoked', by: id });
  });

  test('a personal access token is a credential of its own: what ends sign-ins does not end it', () => {
    const personal = { ...token, personal: true } as const;
    for (const id of dependencies.filter((one) => one !== 'token'))
      expect(why(only(id, issued), issued, personal)).toBeUndefined();
    expect(why(only('token', forever), issued, personal)).toEqual({ kind: 'revoked', by: 'token' });
    expect(why(nothing, 1_700_000_900_000, personal)).toEqual({ kind: 'expired' });
  });

  test('RFC 7519 §4.1.4: a token is dead from exp on, to the millisecond', () => {
    expect(why(nothing, 1_700_000_899_999)).toBeUndefined();
    expect(why(nothing, 1_700_000_900_000)).toEqual({ kind: 'expired' });
  });

  test('a token from the future is not yet valid, 30 seconds of clock difference allowed', () => {
    expect(why(nothing, issued - 30_000)).toBeUndefined();
    expect(why(nothing, issued - 30_001)).toEqual({ kind: 'not-yet-valid' });
  });
});
