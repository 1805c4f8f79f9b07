import { ownerRoles, permissionsOf } from '@latchkey/contract';
import { type Change, countOtherOwners, findPlace, listMembershipsOf } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { isAllowed } from './access.ts';
import type { Call } from './call.ts';

/** Throws `last-owner` when an instance or organization would be left without an active owner but for this user. */
export async function refuseLastOwner(change: Change, userId: string): Promise<void> {
  for (const { objectKind, objectId, roles } of await listMembershipsOf(change.trx, change.scope, userId)) {
    if (objectKind !== 'instance' && objectKind !== 'organization') continue;
    const role = ownerRoles[objectKind];
    if (!roles.includes(role)) continue;
    if ((await countOtherOwners(change, { objectKind, objectId, role }, userId)) === 0)
      throw new ApiError(
        'last-owner',
        `Nobody else who is active has the role ${role} for the ${objectKind} ${objectId}.`,
      );
  }
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
