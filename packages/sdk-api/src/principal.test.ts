import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonObject } from './json.ts';
import { buildPrincipal } from './principal.ts';
import { readRoles } from './roles.ts';

const OWN = 'urn:zitadel:iam:org:project:roles';
const named = (id: string) => `urn:zitadel:iam:org:project:${id}:roles`;
const roleMap = (role: string, ...organizations: string[]) => ({
  [role]: Object.fromEntries(organizations.map((id) => [id, `${id}.test`])),
});
const principalOf = (claims: Record<string, unknown>, projectIds: string[] = []) =>
  buildPrincipal(
    { subject: 's', token: 't', claims: { sub: 's', ...claims } },
    readRoles(claims, { source: 'introspection', projectIds }).roles,
  );

describe('roles', () => {
  test('the claim of the own project names them, with the organisations that granted them', () => {
    const principal = principalOf({
      [OWN]: { ...roleMap('editor', 'o1', 'o2'), ...roleMap('reader', 'o2') },
    });
    expect(principal.roles).toEqual(['editor', 'reader']);
    expect(principal.rolesByOrganization).toEqual({ o1: ['editor'], o2: ['editor', 'reader'] });
    expect(principal.hasRole('editor')).toBe(true);
    expect(principal.hasRole('editor', { organization: 'o2' })).toBe(true);
    expect(principal.hasRole('reader', { organization: 'o1' })).toBe(false);
    expect(principal.hasRole('admin')).toBe(false);
  });

  test('a claim that names the configured project wins over the unnamed one', () => {
    const claims = { [OWN]: roleMap('admin', 'o'), [named('7')]: roleMap('reader', 'o') };
    expect(principalOf(claims, ['7']).roles).toEqual(['reader']);
  });

  test('in a JWT the unnamed claim does not count beside claims of other projects only', () => {
    const claims = { [OWN]: roleMap('admin', 'o'), [named('8')]: roleMap('admin', 'o') };
    const read = readRoles(claims, { source: 'jwt', projectIds: ['7'] });
    expect([...read.roles.keys()]).toEqual([]);
    expect(read.ignoredProjects).toEqual(['8']);
  });

  test('in a JWT the unnamed claim counts when no project is named', () => {
    const read = readRoles({ [OWN]: roleMap('reader', 'o') }, { source: 'jwt', projectIds: ['7'] });
    expect([...read.roles.keys()]).toEqual(['reader']);
  });

  test('at introspection the unnamed claim is of this API, and a single named project is too', () => {
    expect(principalOf({ [OWN]: roleMap('a', 'o'), [named('8')]: roleMap('b', 'o') }).roles).toEqual(['a']);
    expect(principalOf({ [named('8')]: roleMap('b', 'o') }).roles).toEqual(['b']);
    expect(principalOf({ [named('8')]: roleMap('b', 'o'), [named('9')]: roleMap('c', 'o') }).roles).toEqual(
      [],
    );
  });

  test('the map may be wrapped in an array', () => {
    expect(principalOf({ [OWN]: [roleMap('a', 'o'), roleMap('b', 'o')] }).roles).toEqual(['a', 'b']);
  });

  test('names that mean something to JavaScript are names', () => {
    const claims =
      parseJsonObject(`{"${OWN}":{"__proto__":{"constructor":"x"},"r":{"__proto__":"x"}}}`) ?? {};
    const principal = principalOf(claims);
    expect(principal.roles).toEqual(['__proto__', 'r']);
    expect(principal.hasRole('toString')).toBe(false);
    expect(principal.hasRole('r', { organization: 'toString' })).toBe(false);
    expect(principal.hasRole('r', { organization: '__proto__' })).toBe(true);
    expect(Object.getPrototypeOf(principal.rolesByOrganization)).toBe(Object.prototype);
  });

  test('no value of a role claim makes reading it fail', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (unnamed, other) => {
        const principal = principalOf({ [OWN]: unnamed, [named('7')]: other }, ['7']);
        expect(Array.isArray(principal.roles)).toBe(true);
      }),
    );
  });
});

describe('other members', () => {
  test('scopes come from scope as text, or as an array, and are empty when absent', () => {
    expect(principalOf({ scope: 'a  b' }).scopes).toEqual(['a', 'b']);
    expect(principalOf({ scope: ['a', 'b'] }).scopes).toEqual(['a', 'b']);
    expect(principalOf({ scopes: ['a'] }).scopes).toEqual(['a']);
    expect(principalOf({}).scopes).toEqual([]);
    expect(principalOf({ scope: 7 }).scopes).toEqual([]);
  });

  test('the organisation is the requested one, else the resource owner', () => {
    const owner = { 'urn:zitadel:iam:user:resourceowner:id': 'o1' };
    expect(principalOf({ ...owner, 'urn:zitadel:iam:org:id': 'o2' }).organization).toBe('o2');
    expect(principalOf(owner).organization).toBe('o1');
    expect(principalOf({}).organization).toBeUndefined();
  });

  for (const [what, claims, isService] of [
    ['an application in its own audience', { client_id: '12', aud: ['12', '9'] }, false],
    ['an old-style client id', { client_id: '12@project', aud: ['9'] }, false],
    [
      'a machine user by client credentials (client_id is the user name)',
      { client_id: 'svc', aud: ['9'] },
      true,
    ],
    [
      'the same with the user name in the answer',
      { client_id: 'svc', username: 'svc@acme.test', aud: ['svc'] },
      true,
    ],
    ['no client: a personal access token or JWT profile', { aud: ['9'] }, true],
    ['a client that is its own subject (RFC 9068 §2.2)', { client_id: 's' }, true],
  ] as const) {
    test(`${what} is ${isService ? 'a service' : 'a user'}`, () => {
      expect(principalOf(claims)).toMatchObject({ isService, isUser: !isService });
    });
  }
});
