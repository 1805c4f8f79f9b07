import {
  type ManagedLevel,
  type ManagerRoleName,
  managerRoles,
  type Operations,
  ownerRoles,
  type PlacedRoles,
  type ResponseOf,
} from '@latchkey/contract';
import {
  type Change,
  countOwners,
  listManagers,
  listMembershipsOf,
  lockManaged,
  lockUser,
  type ManagerRecord,
  type Place,
  removeMembership,
  setMembership,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { pageAnswer } from './list-answer.ts';
import { findReachableUser, type NamedUser } from './reachable-user.ts';
import { refuseClimbing } from './strength.ts';

type Manager = ResponseOf<Operations['setInstanceManager']>;
type ListCall =
  | CallOf<'listInstanceManagers'>
  | CallOf<'listOrganizationManagers'>
  | CallOf<'listProjectManagers'>
  | CallOf<'listProjectGrantManagers'>;
type SetCall =
  | CallOf<'setInstanceManager'>
  | CallOf<'setOrganizationManager'>
  | CallOf<'setProjectManager'>
  | CallOf<'setProjectGrantManager'>;
type RemoveCall =
  | CallOf<'removeInstanceManager'>
  | CallOf<'removeOrganizationManager'>
  | CallOf<'removeProjectManager'>
  | CallOf<'removeProjectGrantManager'>;

interface Managed {
  readonly objectKind: ManagedLevel;
  readonly objectId: string;
  readonly place: Place | 'instance';
}

function managedBy(call: ListCall | SetCall | RemoveCall, objectKind: ManagedLevel): Managed {
  if (objectKind === 'instance') return { objectKind, objectId: call.instance.id, place: 'instance' };
  return { objectKind, objectId: call.place.id, place: call.place };
}

function isKnownRole(role: string): role is ManagerRoleName {
  return Object.hasOwn(managerRoles, role);
}

function toManager(record: ManagerRecord): Manager {
  const { createdAtMs, roles, ...rest } = record;
  return { ...rest, roles: roles.filter(isKnownRole), createdAt: new Date(createdAtMs).toISOString() };
}

/** A role is for the level it is held at. */
function checkLevel(objectKind: ManagedLevel, roles: readonly ManagerRoleName[]): void {
  const errors = roles.flatMap((role, index) => {
    const { level } = managerRoles[role];
    return level === objectKind
      ? []
      : [{ pointer: `/roles/${index}`, detail: `${role} is held for ${level.replace('-', ' ')}s only` }];
  });
  const [first] = errors;
  if (first !== undefined)
    throw new ApiError('invalid-input', `${first.pointer}: ${first.detail}`, { errors });
}

/** Roles for the object, as their strength is compared. */
function placed({ objectKind, objectId, place }: Managed, roles: readonly string[]): PlacedRoles {
  return { objectKind, objectId, roles, coverage: place === 'instance' ? [] : place.coverage };
}

/** Throws `last-owner` when a user who gives up a role was the last active one to hold it. */
async function keepAnOwner(
  change: Change,
  { objectKind, objectId }: Managed,
  before: ManagerRecord,
  rolesAfter: readonly string[],
): Promise<void> {
  if (objectKind !== 'instance' && objectKind !== 'organization') return;
  const role = ownerRoles[objectKind];
  if (rolesAfter.includes(role) || !before.roles.includes(role)) return;
  const { userId } = before;
  if ((await countOwners(change, { objectKind, objectId, role }, { userId })) === 0)
    throw new ApiError('last-owner', `${before.displayName} is the last ${role}.`);
}

/** The user to become a manager: people of the organization the object belongs to can be named by id. */
function named(call: SetCall, { place }: Managed): NamedUser {
  const organizationIds = place === 'instance' ? [] : [place.organizationId];
  return { userId: call.path.userId, loginName: call.body.loginName, organizationIds };
}

type Named = Pick<Managed, 'objectKind' | 'objectId'> & { readonly userId: string };

async function findManager(change: Change, of: Named): Promise<ManagerRecord | undefined> {
  const [row] = await listManagers(change.trx, change.scope, of, { limit: 1, after: '' });
  return row;
}

/** A manager as they are, while nobody else changes who manages the object. */
async function lockManager(change: Change, of: Named): Promise<ManagerRecord | undefined> {
  const { objectKind, objectId } = of;
  if ((await lockManaged(change, of)) === 'not-found') throw notFound(objectKind, objectId);
  return await findManager(change, of);
}

async function list(call: ListCall, objectKind: ManagedLevel) {
  const { deps, instance, query, position } = call;
  const { objectId } = managedBy(call, objectKind);
  const page = { limit: query.limit + 1, after: String(position?.[0] ?? '') };
  const rows = await listManagers(deps.store.db, instance.scope, { objectKind, objectId }, page);
  return pageAnswer(rows, query.limit, {
    item: toManager,
    position: (row) => [row.userId],
    cursorAfter: call.cursorAfter,
  });
}

async function set(call: SetCall, objectKind: ManagedLevel): Promise<Manager> {
  const managed = managedBy(call, objectKind);
  const { objectId } = managed;
  const { userId } = call.path;
  const roles = [...new Set(call.body.roles)];
  checkLevel(objectKind, roles);
  const row = await call.change(async (change) => {
    // Whoever is being turned off at this moment is counted as what they will be.
    if ((await lockUser(change, userId)) === undefined) throw notFound('user', userId);
    const of = { objectKind, objectId, userId };
    const before = await lockManager(change, of);
    // Whoever manages the object already stands in its list of managers.
    if (before === undefined) await findReachableUser(call, change.trx, named(call, managed));
    refuseClimbing(call, placed(managed, [...roles, ...(before?.roles ?? [])]));
    if (before !== undefined) await keepAnOwner(change, managed, before, roles);
    await setMembership(change, of, roles);
    return await findManager(change, of);
  });
  if (row === undefined) throw notFound('user', userId);
  return toManager(row);
}

async function remove(call: RemoveCall, objectKind: ManagedLevel): Promise<undefined> {
  const managed = managedBy(call, objectKind);
  const { objectId } = managed;
  const { userId } = call.path;
  await call.change(async (change) => {
    const of = { objectKind, objectId, userId };
    const before = await lockManager(change, of);
    if (before === undefined) throw notFound('manager', userId);
    refuseClimbing(call, placed(managed, before.roles));
    await keepAnOwner(change, managed, before, []);
    await removeMembership(change, of);
  });
  return undefined;
}

/** Carries the operations about managers out. */
export const managerHandlers: Handlers<
  | 'listInstanceManagers'
  | 'setInstanceManager'
  | 'removeInstanceManager'
  | 'listOrganizationManagers'
  | 'setOrganizationManager'
  | 'removeOrganizationManager'
  | 'listProjectManagers'
  | 'setProjectManager'
  | 'removeProjectManager'
  | 'listProjectGrantManagers'
  | 'setProjectGrantManager'
  | 'removeProjectGrantManager'
  | 'listMemberships'
> = {
  listInstanceManagers: (call) => list(call, 'instance'),
  setInstanceManager: (call) => set(call, 'instance'),
  removeInstanceManager: (call) => remove(call, 'instance'),
  listOrganizationManagers: (call) => list(call, 'organization'),
  setOrganizationManager: (call) => set(call, 'organization'),
  removeOrganizationManager: (call) => remove(call, 'organization'),
  listProjectManagers: (call) => list(call, 'project'),
  setProjectManager: (call) => set(call, 'project'),
  removeProjectManager: (call) => remove(call, 'project'),
  listProjectGrantManagers: (call) => list(call, 'project-grant'),
  setProjectGrantManager: (call) => set(call, 'project-grant'),
  removeProjectGrantManager: (call) => remove(call, 'project-grant'),
  listMemberships: async ({ deps, instance, path }) => {
    const rows = await listMembershipsOf(deps.store.db, instance.scope, path.userId);
    return {
      items: rows.map(({ objectKind, objectId, roles, createdAtMs }) => ({
        objectKind,
        objectId,
        roles: roles.filter(isKnownRole),
        createdAt: new Date(createdAtMs).toISOString(),
      })),
    };
  },
};
