import { ownerRoles, permissionsOf } from '@latchkey/contract';
import {
  type Change,
  countOwners,
  findPlace,
  listMembershipsOf,
  lockManaged,
  type Membership,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { isAllowed } from './access.ts';
import type { Call } from './call.ts';

/** Throws `last-owner` when an instance or organization would be left without an active owner but for this user. */
export async function refuseLastOwner(change: Change, userId: string): Promise<void> {
  const held = await listMembershipsOf(change.trx, change.scope, userId);
  // In one order for everybody, so that two who leave the same places do not wait for each other.
  const owned = [...held].sort(
    (one, other) => rank(one) - rank(other) || one.objectId.localeCompare(other.objectId),
  );
  for (const { objectKind, objectId, roles } of owned) {
    if (objectKind !== 'instance' && objectKind !== 'organization') continue;
    const role = ownerRoles[objectKind];
    if (!roles.includes(role)) continue;
    // One that is gone needs no owner.
    if ((await lockManaged(change, { objectKind, objectId })) === 'not-found') continue;
    if ((await countOwners(change, { objectKind, objectId, role }, { userId })) > 0) continue;
    throw new ApiError(
      'last-owner',
      `Nobody else who is active has the role ${role} for the ${objectKind} ${objectId}.`,
    );
  }
}

function rank({ objectKind }: Membership): number {
  return objectKind === 'instance' ? 0 : 1;
}

/** Throws `last-owner` when everybody who owns the instance is of an organization that is being turned off. */
export async function refuseOwnersHome(change: Change, organizationId: string): Promise<void> {
  const instance = { objectKind: 'instance', objectId: change.scope.instanceId } as const;
  await lockManaged(change, instance);
  const owned = { ...instance, role: ownerRoles.instance };
  if ((await countOwners(change, owned, { organizationId })) > 0) return;
  if ((await countOwners(change, owned, {})) === 0) return;
  throw new ApiError(
    'last-owner',
    `Everybody who has the role ${ownerRoles.instance} is of this organization; without it nobody could sign in as one.`,
  );
}

/**
 * Throws `forbidden` when a user manages what the caller may not: whoever could give such a user a password, key or token
 * could act as them.
 */
export async function refuseStronger(
  { deps, instance, caller }: Pick<Call<unknown, unknown, unknown>, 'deps' | 'instance' | 'caller'>,
  userId: string,
): Promise<void> {
  if (userId === caller.subject.user.id) return;
  const { db } = deps.store;
  for (const { objectKind, objectId, roles } of await listMembershipsOf(db, instance.scope, userId)) {
    const place =
      objectKind === 'instance' ? 'instance' : await findPlace(db, instance.scope, objectKind, objectId);
    if (place === undefined) continue;
    const missing = roles
      .flatMap(permissionsOf)
      .find((permission) => !isAllowed(caller.memberships, place, permission));
    if (missing !== undefined)
      throw new ApiError(
        'forbidden',
        `The user has the permission ${missing} where you do not have it; whoever manages more than you is out of your hands.`,
        { permission: missing },
      );
  }
}
