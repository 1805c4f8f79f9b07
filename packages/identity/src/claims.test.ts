import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reservedUserClaims, roleClaims, rolesOf, userClaims } from './claims.ts';
import type { Authorization, Subject, User } from './user.ts';

const alice: User = {
  id: '1',
  kind: 'human',
  state: 'active',
  loginName: 'alice@acme.example',
  displayName: 'Alice Smith',
  givenName: 'Alice',
  familyName: 'Smith',
  middleName: null,
  profileUrl: null,
  pictureUrl: null,
  website: null,
  birthdate: null,
  zoneinfo: null,
  address: null,
  nickname: 'al',
  gender: 'female',
  preferredLanguage: 'de',
  email: 'alice@acme.example',
  isEmailVerified: true,
  phone: '+41790000000',
  isPhoneVerified: false,
  updatedAtMs: 1_700_000_000_999,
};
const profile = {
  name: 'Alice Smith',
  given_name: 'Alice',
  family_name: 'Smith',
  nickname: 'al',
  preferred_username: 'alice@acme.example',
  gender: 'female',
  locale: 'de',
  updated_at: 1_700_000_000,
};
const email = { email: 'alice@acme.example', email_verified: true };
const phone = { phone_number: '+41790000000', phone_number_verified: false };

describe('userClaims', () => {
  test.each<[string[], object]>([
    [[], {}],
    [['openid'], {}],
    [['profile'], profile],
    [['email'], email],
    [['phone'], phone],
    [['address', 'offline_access'], {}],
    [['openid', 'profile', 'email', 'phone'], { ...profile, ...email, ...phone }],
    [['Profile', 'emails', 'urn:zitadel:iam:user:metadata'], {}],
  ])('OpenID Connect Core §5.4: each scope tells its claims and no others (%j)', (scopes, expected) => {
    expect(userClaims(alice, scopes)).toEqual(expected);
  });

  test('ZITADEL dialect §2.2: a machine has name, preferred_username and updated_at only', () => {
    const bot: User = { ...alice, kind: 'machine', email: null, phone: null };
    expect(userClaims(bot, ['openid', 'profile', 'email', 'phone'])).toEqual({
      name: 'Alice Smith',
      preferred_username: 'alice@acme.example',
      updated_at: 1_700_000_000,
    });
  });

  test('OpenID Connect Core §5.1: verified flags are booleans, and absent without the value they speak of', () => {
    expect(userClaims({ ...alice, isEmailVerified: false }, ['email'])).toEqual({
      ...email,
      email_verified: false,
    });
    expect(userClaims({ ...alice, email: null, phone: '' }, ['email', 'phone'])).toEqual({});
  });

  test('OpenID Connect Core §5.3.2: a claim is never null or empty; updated_at counts whole seconds', () => {
    const text = fc.option(fc.constantFrom('', 'x'));
    const users = fc.record({
      ...{ displayName: fc.constantFrom('', 'x'), givenName: text, familyName: text, nickname: text },
      ...{ preferredLanguage: text, email: text, phone: text, updatedAtMs: fc.nat() },
      gender: fc.option(fc.constantFrom('female', 'male', 'diverse')),
      kind: fc.constantFrom('human', 'machine'),
    });
    fc.assert(
      fc.property(users, (changes) => {
        const claims = userClaims({ ...alice, ...changes }, ['profile', 'email', 'phone']);
        for (const value of Object.values(claims)) expect([null, undefined, '']).not.toContain(value);
        expect(claims.updated_at).toBe(Math.floor(changes.updatedAtMs / 1000));
        for (const [name, value] of Object.entries(claims))
          if (name.endsWith('_verified')) expect(typeof value).toBe('boolean');
      }),
    );
  });
});

const subject: Subject = {
  user: alice,
  organization: { id: '5', name: 'Acme', primaryDomain: 'acme.example', state: 'active' },
  authorizations: [],
  metadata: { plan: 'Z29sZA' },
};
const noWish = { wantsUserMetadata: false, wantsResourceOwner: false };
const owner = {
  'urn:zitadel:iam:user:resourceowner:id': '5',
  'urn:zitadel:iam:user:resourceowner:name': 'Acme',
  'urn:zitadel:iam:user:resourceowner:primary_domain': 'acme.example',
};

describe('reservedUserClaims', () => {
  test('ZITADEL dialect §2.2: nothing reserved is told unasked', () => {
    expect(reservedUserClaims(subject, noWish)).toEqual({});
  });

  test('ZITADEL dialect §2.2: metadata is an object of base64url values, absent when there is none', () => {
    const wish = { ...noWish, wantsUserMetadata: true };
    expect(reservedUserClaims(subject, wish)).toEqual({
      'urn:zitadel:iam:user:metadata': { plan: 'Z29sZA' },
    });
    expect(reservedUserClaims({ ...subject, metadata: {} }, wish)).toEqual({});
  });

  test('ZITADEL dialect §2.2: the resource owner is told by id, name and primary domain', () => {
    expect(reservedUserClaims(subject, { ...noWish, wantsResourceOwner: true })).toEqual(owner);
  });

  test("ZITADEL dialect §2.1: an organization scope tells of the user's own organization only", () => {
    expect(reservedUserClaims(subject, { ...noWish, organizationId: '5' })).toEqual({
      ...owner,
      'urn:zitadel:iam:org:id': '5',
    });
    expect(reservedUserClaims(subject, { ...noWish, organizationId: '6' })).toEqual({});
  });

  test('ZITADEL dialect §2.1: a domain scope tells the primary domain of the user’s own organization only', () => {
    const domain = subject.organization.primaryDomain;
    expect(reservedUserClaims(subject, { ...noWish, organizationDomain: domain })).toEqual({
      ...owner,
      'urn:zitadel:iam:org:domain:primary': domain,
    });
    expect(reservedUserClaims(subject, { ...noWish, organizationDomain: 'other.example' })).toEqual({});
  });
});

const grant = (projectId: string, organizationId: string, ...roleKeys: string[]): Authorization => ({
  projectId,
  organizationId,
  organizationDomain: `${organizationId}.example`,
  roleKeys,
});
const grants = [grant('10', '5', 'admin', 'reader'), grant('10', '6', 'reader'), grant('20', '5', 'owner')];

describe('role claims', () => {
  test('ZITADEL dialect §2.2: roles are an object of role key, organization id and primary domain', () => {
    expect(rolesOf('10', grants, [])).toEqual({
      admin: { '5': '5.example' },
      reader: { '5': '5.example', '6': '6.example' },
    });
  });

  test('ZITADEL dialect §2.2: each project has its claim, the own one the plain claim too', () => {
    const own = { admin: { '5': '5.example' }, reader: { '5': '5.example', '6': '6.example' } };
    expect(
      roleClaims(grants, { ownProjectId: '10', projectIds: ['10', '20', '30'], organizationIds: [] }),
    ).toEqual({
      'urn:zitadel:iam:org:project:roles': own,
      'urn:zitadel:iam:org:project:10:roles': own,
      'urn:zitadel:iam:org:project:20:roles': { owner: { '5': '5.example' } },
    });
  });

  test('ZITADEL dialect §2.3: without roles the claim is absent, not empty', () => {
    expect(rolesOf('30', grants, [])).toBeUndefined();
    expect(rolesOf('10', [grant('10', '5')], [])).toBeUndefined();
    expect(roleClaims(grants, { ownProjectId: '30', projectIds: ['30'], organizationIds: [] })).toEqual({});
    expect(roleClaims(grants, { ownProjectId: '10', projectIds: [], organizationIds: [] })).toEqual({});
  });

  test('ZITADEL dialect §2.1: roles can be restricted to those granted by some organizations', () => {
    expect(rolesOf('10', grants, ['6'])).toEqual({ reader: { '6': '6.example' } });
    expect(rolesOf('10', grants, ['7'])).toBeUndefined();
    expect(rolesOf('10', grants, ['6', '5'])).toEqual(rolesOf('10', grants, []));
  });

  test('a machine outside any project gets no plain role claim', () => {
    const question = { ownProjectId: undefined, projectIds: ['20'], organizationIds: [] };
    expect(Object.keys(roleClaims(grants, question))).toEqual(['urn:zitadel:iam:org:project:20:roles']);
  });

  test('a role key may be any text, names of JavaScript too, and harms no other object', () => {
    const odd = [grant('10', '5', '__proto__', 'constructor', 'toString'), grant('10', '6', '__proto__')];
    const roles = rolesOf('10', odd, []);
    expect(JSON.stringify(roles)).toBe(
      '{"__proto__":{"5":"5.example","6":"6.example"},"constructor":{"5":"5.example"},"toString":{"5":"5.example"}}',
    );
    expect(Object.getPrototypeOf(roles)).toBe(Object.prototype);
  });

  test('every role told was granted in that project, and every one granted is told', () => {
    const some = fc.array(
      fc.record({
        projectId: fc.constantFrom('10', '20'),
        organizationId: fc.constantFrom('5', '6'),
        organizationDomain: fc.constant('d'),
        roleKeys: fc.array(fc.constantFrom('a', 'b', 'c')),
      }),
    );
    fc.assert(
      fc.property(some, (all) => {
        const told = Object.entries(rolesOf('10', all, []) ?? {}).flatMap(([key, map]) =>
          Object.keys(map).map((organization) => `${key} ${organization}`),
        );
        const given = all
          .filter((one) => one.projectId === '10')
          .flatMap((one) => one.roleKeys.map((key) => `${key} ${one.organizationId}`));
        expect(told.toSorted()).toEqual([...new Set(given)].toSorted());
      }),
    );
  });
});
