import {
  type ActingUser,
  findExcess,
  mayActOn,
  type Operation,
  type Permission,
  type PlacedRoles,
} from '@latchkey/contract';
import {
  type Change,
  listPlacedMemberships,
  lockUser,
  type Place,
  type PlacedMembership,
} from '@latchkey/store';
import type { Deps } from '../platform/deps.ts';
import { ApiError } from '../platform/errors.ts';
import type { InstanceContext } from '../platform/instances.ts';
import type { Caller } from './caller.ts';

/** Who calls, and where. */
export interface Acting {
  readonly instance: Pick<InstanceContext, 'scope' | 'settings'>;
  readonly caller: Caller;
}

function actingUser({ instance, caller }: Acting): ActingUser {
  const { user, organization } = caller.subject;
  return {
    userId: user.id,
    organizationId: organization.id,
    held: caller.memberships,
    impersonation: instance.settings.isImpersonationEnabled ? 'on' : 'off',
  };
}

function tooStrong(permission: Permission): ApiError {
  return new ApiError(
    'forbidden',
    `You cannot act on a user with more permissions than you. The user has or can get ${permission} where you cannot.`,
    { permission },
  );
}

function groupByUser(rows: readonly PlacedMembership[]): ReadonlyMap<string, readonly PlacedMembership[]> {
  const byUser = new Map<string, PlacedMembership[]>();
  for (const row of rows) byUser.set(row.userId, [...(byUser.get(row.userId) ?? []), row]);
  return byUser;
}

/**
 * Throws `forbidden` when the operation acts on a user who is stronger than the caller. The router asks before the handler
 * runs and once more inside its change, where the user is locked so that no role is given in between.
 */
export async function refuseStronger(
  acting: Acting,
  operation: Pick<Operation, 'actsOn'>,
  place: Place | undefined,
  db: Deps['store']['db'],
): Promise<void> {
  const { actsOn } = operation;
  if (actsOn !== 'user' && actsOn !== 'organization-users') return;
  const { scope } = acting.instance;
  const userId = place?.userId ?? null;
  if (actsOn === 'user' && userId === null) throw new Error('an operation on a user has no user');
  const of = actsOn === 'user' ? { userId: userId ?? '' } : { organizationId: place?.organizationId ?? '' };
  const held = groupByUser(await listPlacedMemberships(db, scope, of));
  for (const [id, roles] of held) {
    const refusal = mayActOn(actingUser(acting), { userId: id, held: roles });
    if (refusal !== undefined) throw tooStrong(refusal.permission);
  }
}

/** `refuseStronger` inside a change: nobody gives the user a role until it ends. */
export async function refuseStrongerIn(
  change: Change,
  acting: Acting,
  operation: Pick<Operation, 'actsOn'>,
  place: Place | undefined,
): Promise<void> {
  if (operation.actsOn === 'user' && place !== undefined && place.userId !== null)
    await lockUser(change, place.userId);
  await refuseStronger(acting, operation, place, change.trx);
}

/** Throws `forbidden` unless the caller has, or can get, everything that manager roles give or lead to. */
export function refuseClimbing(acting: Acting, roles: PlacedRoles): void {
  for (const role of roles.roles) {
    const permission = findExcess(actingUser(acting), [{ ...roles, roles: [role] }]);
    if (permission === undefined) continue;
    throw new ApiError(
      'forbidden',
      `${role} gives or leads to more than your own roles do here; ask an owner to change it.`,
      { permission },
    );
  }
}
