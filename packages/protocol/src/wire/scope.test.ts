import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  grantableScopes,
  interpretScopes,
  isForOrganization,
  isWantedOrganization,
  parseScope,
} from './scope.ts';

const audience = (id: string) => `urn:zitadel:iam:org:project:id:${id}:aud`;
const role = (key: string) => `urn:zitadel:iam:org:project:role:${key}`;
const organization = (id: string) => `urn:zitadel:iam:org:id:${id}`;

describe('parseScope', () => {
  test('RFC 6749 §3.3: scopes are split at spaces, each counted once', () => {
    expect(parseScope('openid  profile openid email ')).toEqual(['openid', 'profile', 'email']);
    expect(parseScope(undefined)).toEqual([]);
    expect(parseScope('')).toEqual([]);
  });

  test('RFC 6749 §3.3: scopes are case-sensitive', () => {
    expect(interpretScopes(parseScope('OpenID Profile') ?? []).known).toEqual([]);
  });

  test.each(['a"b', 'a\\b', 'a\tb', 'a\nb', 'é', 'a\u00a0b', '\u007f', 'a\u0000'])(
    'RFC 6749 §3.3: a character outside the scope-token set makes the scope invalid (%j)',
    (scope) => {
      expect(parseScope(`openid ${scope}`)).toBeUndefined();
    },
  );

  test('RFC 6749 §3.3: a list is accepted exactly when each entry is a scope-token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const tokens = text.split(' ').filter((token) => token !== '');
        const isGood = tokens.every((token) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(token));
        expect(parseScope(text) !== undefined).toBe(isGood);
      }),
    );
  });

  test('more than a hundred scopes are too many', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`).join(' ');
    expect(parseScope(many(100))).toHaveLength(100);
    expect(parseScope(many(101))).toBeUndefined();
    expect(parseScope('openid '.repeat(500))).toEqual(['openid']);
  });
});

describe('interpretScopes', () => {
  test('ZITADEL dialect §2.1: each reserved scope is understood', () => {
    const scopes = [
      'openid',
      audience('123'),
      role('admin'),
      organization('7'),
      'urn:zitadel:iam:org:domain:primary:Acme.example.com',
      'urn:zitadel:iam:org:idp:id:42',
      'urn:zitadel:iam:org:roles:id:8',
      'urn:zitadel:iam:org:roles:id:9',
      'urn:zitadel:iam:org:projects:roles',
      'urn:zitadel:iam:user:metadata',
      'urn:zitadel:iam:user:resourceowner',
    ];
    expect(interpretScopes(scopes)).toEqual({
      known: scopes,
      audienceProjectIds: ['123'],
      roleKeys: ['admin'],
      wantsAllProjectsRoles: true,
      roleOrganizationIds: ['8', '9'],
      organizationId: '7',
      organizationDomain: 'acme.example.com',
      wantsUserMetadata: true,
      wantsResourceOwner: true,
    });
  });

  test('ZITADEL dialect §1.3: unknown scopes are dropped in silence', () => {
    const unknown = [
      'read:quotes',
      'OPENID',
      audience('abc'),
      audience(''),
      audience('1'.repeat(21)),
      `x${audience('1')}`,
      `${audience('1')}x`,
      role(''),
      organization('1;2'),
      'urn:zitadel:iam:org:project:id:zitadels:aud',
      'urn:zitadel:iam:org:domain:primary:',
      'urn:zitadel:iam:org:domain:primary:a/b',
      'urn:zitadel:iam:org:idp:id:google',
    ];
    expect(interpretScopes(['openid', ...unknown])).toEqual({
      known: ['openid'],
      audienceProjectIds: [],
      roleKeys: [],
      wantsAllProjectsRoles: false,
      roleOrganizationIds: [],
      wantsUserMetadata: false,
      wantsResourceOwner: false,
    });
  });

  test('ZITADEL dialect §2.1: a token names one organization only, the first asked for', () => {
    const meaning = interpretScopes(['openid', organization('1'), organization('2')]);
    expect(meaning.organizationId).toBe('1');
    expect(meaning.known).toEqual(['openid', organization('1')]);
  });

  test('a scope given twice counts once', () => {
    const meaning = interpretScopes([audience('1'), audience('1'), role('a'), role('a'), 'openid', 'openid']);
    expect(meaning.known).toEqual([audience('1'), role('a'), 'openid']);
    expect(meaning.audienceProjectIds).toEqual(['1']);
    expect(meaning.roleKeys).toEqual(['a']);
  });
});

test('a scope is for an organization exactly when the organization is one that it wants', () => {
  const names = { organizationId: '7', organizationDomain: 'Acme.example.com' };
  const domain = (name: string) => `urn:zitadel:iam:org:domain:primary:${name}`;
  const verdicts = [
    ...[
      'openid',
      audience('7'),
      role('admin'),
      organization('7'),
      organization('8'),
      'urn:zitadel:iam:org:id:x',
    ],
    ...[domain('acme.EXAMPLE.com'), domain('other.example.com'), 'urn:zitadel:iam:org:roles:id:8'],
  ].map((scope) => {
    expect(isForOrganization(scope, names)).toBe(isWantedOrganization(interpretScopes([scope]), names));
    return isForOrganization(scope, names);
  });
  expect(verdicts).toEqual([true, true, true, true, false, true, true, false, true]);
});

describe('grantableScopes', () => {
  test('ZITADEL dialect §2.1: a role scope must name a role of the project', () => {
    const asked = ['openid', role('admin'), role('toString'), role('admin:x')];
    expect(grantableScopes(asked, ['admin', 'reader'])).toEqual(['openid', role('admin')]);
  });

  test('RFC 6749 §3.3: nothing is granted that was not asked for', () => {
    const scope = fc.oneof(
      fc.constantFrom(
        'openid',
        'email',
        role('admin'),
        role('x'),
        audience('1'),
        organization('1'),
        organization('2'),
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(scope), fc.array(fc.string()), (asked, roles) => {
        const granted = grantableScopes(asked, roles);
        expect(granted.every((one) => asked.includes(one))).toBe(true);
        expect(new Set(granted).size).toBe(granted.length);
      }),
    );
  });
});
