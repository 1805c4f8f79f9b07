import { ownerRoles } from '@latchkey/contract';
import { type Change, countOwners, listMembershipsOf, lockManaged, type Membership } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';

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
