import { describe, expect, test } from 'vitest';
import { type ManagerRoleName, managerRoles, permissions, reachablePermissionsOf } from './manager-roles.ts';
import {
  type ActingUser,
  findExcess,
  isStrongest,
  managesOutside,
  mayActOn,
  type PlacedRoles,
} from './strength.ts';

const organization = (id: string, ...roles: ManagerRoleName[]): PlacedRoles => ({
  objectKind: 'organization',
  objectId: id,
  roles,
  coverage: [{ kind: 'organization', id }],
});
const instance = (...roles: ManagerRoleName[]): PlacedRoles => ({
  objectKind: 'instance',
  objectId: '0',
  roles,
  coverage: [],
});
const project = (id: string, of: string, ...roles: ManagerRoleName[]): PlacedRoles => ({
  objectKind: 'project',
  objectId: id,
  roles,
  coverage: [
    { kind: 'organization', id: of },
    { kind: 'project', id },
  ],
});
const acting = (held: readonly PlacedRoles[], impersonation: 'on' | 'off' = 'on'): ActingUser => ({
  userId: 'me',
  organizationId: '1',
  held,
  impersonation,
});
const isRefused = (by: readonly PlacedRoles[], on: readonly PlacedRoles[], setting: 'on' | 'off' = 'on') =>
  mayActOn(acting(by, setting), { userId: 'other', held: on }) !== undefined;

describe('mayActOn', () => {
  test('an impersonator of the instance is as strong as its owner, one of an organization as that owner', () => {
    expect(new Set(reachablePermissionsOf('IAM_ADMIN_IMPERSONATOR'))).toEqual(new Set(permissions));
    expect(new Set(reachablePermissionsOf('ORG_ADMIN_IMPERSONATOR'))).toEqual(
      new Set(managerRoles.ORG_OWNER.permissions),
    );
    const manager = [organization('1', 'ORG_USER_MANAGER')];
    expect(isRefused(manager, [instance('IAM_ADMIN_IMPERSONATOR')])).toBe(true);
    expect(isRefused(manager, [organization('1', 'ORG_ADMIN_IMPERSONATOR')])).toBe(true);
    expect(isRefused([instance('IAM_USER_MANAGER')], [instance('IAM_ADMIN_IMPERSONATOR')])).toBe(true);
    expect(isRefused([instance('IAM_OWNER')], [instance('IAM_ADMIN_IMPERSONATOR')])).toBe(false);
    expect(isRefused([organization('1', 'ORG_OWNER')], [organization('1', 'ORG_ADMIN_IMPERSONATOR')])).toBe(
      false,
    );
  });

  test('an end-user impersonator is as strong as somebody who sets passwords in the same place', () => {
    const manager = [organization('1', 'ORG_USER_MANAGER')];
    expect(isRefused(manager, [organization('1', 'ORG_END_USER_IMPERSONATOR')])).toBe(false);
    expect(isRefused(manager, [instance('IAM_END_USER_IMPERSONATOR')])).toBe(true);
    expect(
      isRefused(
        [organization('1', 'ORG_SETTINGS_MANAGER')],
        [organization('1', 'ORG_END_USER_IMPERSONATOR')],
      ),
    ).toBe(true);
  });

  test('strength is compared place by place, not by the names of permissions', () => {
    const owner = [organization('1', 'ORG_OWNER')];
    expect(isRefused(owner, [organization('2', 'ORG_OWNER_VIEWER')])).toBe(true);
    expect(isRefused(owner, [project('9', '2', 'PROJECT_OWNER_VIEWER')])).toBe(true);
    expect(isRefused(owner, [project('9', '1', 'PROJECT_OWNER')])).toBe(false);
  });

  test('equal strength is enough, and everybody may act on themselves', () => {
    for (const name of Object.keys(managerRoles)) {
      const role = name as ManagerRoleName; // cast: the keys are the names
      expect(isRefused([organization('1', role)], [organization('1', role)])).toBe(false);
    }
    const me = acting([]);
    expect(mayActOn(me, { userId: 'me', held: [instance('IAM_OWNER')] })).toBeUndefined();
  });

  test('an impersonator role makes its holder stronger only where it can be used', () => {
    const impersonator = [organization('1', 'ORG_ADMIN_IMPERSONATOR')];
    const owner = [organization('1', 'ORG_OWNER')];
    expect(isRefused(impersonator, owner)).toBe(false);
    expect(isRefused(impersonator, owner, 'off')).toBe(true);
    // Held for an organization that is not their own, it reaches nobody.
    expect(isRefused([organization('2', 'ORG_ADMIN_IMPERSONATOR')], [organization('2', 'ORG_OWNER')])).toBe(
      true,
    );
  });
});

test('findExcess: the permission that is missing is named', () => {
  const manager = acting([organization('1', 'ORG_USER_MANAGER')]);
  expect(findExcess(manager, [organization('1', 'ORG_SETTINGS_MANAGER')])).toBe('organization.write');
  expect(findExcess(manager, [])).toBeUndefined();
});

test('isStrongest: nobody exceeds those who are, and somebody exceeds everybody else', () => {
  const names = Object.keys(managerRoles) as ManagerRoleName[]; // cast: the keys are the names
  const roles = names.flatMap((name) => [
    instance(name),
    organization('1', name),
    organization('2', name),
    project('9', '2', name),
  ]);
  const strongest: string[] = [];
  for (const held of roles)
    for (const setting of ['on', 'off'] as const) {
      const who = acting([held], setting);
      const exceeds = roles.filter((other) => findExcess(who, [other]) !== undefined);
      expect([held.objectKind, held.roles, isStrongest(who)]).toEqual([
        held.objectKind,
        held.roles,
        exceeds.length === 0,
      ]);
      if (isStrongest(who)) strongest.push(`${held.roles.join()} ${setting}`);
    }
  expect(strongest).toEqual(['IAM_OWNER on', 'IAM_OWNER off', 'IAM_ADMIN_IMPERSONATOR on']);
});

test('managesOutside: roles for other organizations, their projects and the instance are outside', () => {
  expect(managesOutside('1', [organization('1', 'ORG_OWNER'), project('9', '1', 'PROJECT_OWNER')])).toBe(
    false,
  );
  expect(managesOutside('1', [project('9', '2', 'PROJECT_OWNER')])).toBe(true);
  expect(managesOutside('1', [instance('IAM_LOGIN_CLIENT')])).toBe(true);
  expect(managesOutside('1', [{ ...instance(), roles: [] }])).toBe(false);
});
