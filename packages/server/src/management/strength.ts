import {
  type ActingUser,
  findExcess,
  isStrongest,
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
  type UserRecord,
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

/** Whose roles have to be read to judge an operation; `undefined` when the caller may act whatever they are. */
function whoseRoles(
  { caller }: Acting,
  acting: ActingUser,
  { actsOn }: Pick<Operation, 'actsOn'>,
  place: Place | undefined,
): { readonly userId: string } | { readonly organizationId: string } | undefined {
  if ((actsOn !== 'user' && actsOn !== 'organization-users') || isStrongest(acting)) return undefined;
  if (actsOn === 'organization-users') return { organizationId: place?.organizationId ?? '' };
  const userId = place?.userId ?? null;
  if (userId === null) throw new Error('an operation on a user has no user');
  return userId === caller.subject.user.id ? undefined : { userId };
}

async function judge(
  acting: Acting,
  operation: Pick<Operation, 'actsOn'>,
  place: Place | undefined,
  db: Deps['store']['db'],
): Promise<void> {
  const actor = actingUser(acting);
  const whose = whoseRoles(acting, actor, operation, place);
  if (whose === undefined) return;
  for (const [id, held] of groupByUser(await listPlacedMemberships(db, acting.instance.scope, whose))) {
    const refusal = mayActOn(actor, { userId: id, held });
    if (refusal !== undefined) throw tooStrong(refusal.permission);
  }
}

/**
 * Throws `forbidden` when the operation acts on a user who is stronger than the caller. The router asks before the handler
 * runs, by the place just read, and once more inside its change.
 */
export async function refuseStronger(
  acting: Acting,
  operation: Pick<Operation, 'actsOn'>,
  place: Place | undefined,
  db: Deps['store']['db'],
): Promise<void> {
  if (operation.actsOn === 'user' && place?.userHoldsRoles === false) return;
  await judge(acting, operation, place, db);
}

/**
 * `refuseStronger` inside a change. The user is locked first, so that nobody gives them a role until the change ends, and
 * is handed on: `undefined` when the operation acts on no user, or on one who is gone.
 */
export async function refuseStrongerIn(
  change: Change,
  acting: Acting,
  operation: Pick<Operation, 'actsOn'>,
  place: Place | undefined,
): Promise<UserRecord | undefined> {
  const isOnUser = operation.actsOn === 'user' && place !== undefined && place.userId !== null;
  const user = isOnUser ? await lockUser(change, place.userId ?? '') : undefined;
  await judge(acting, operation, place, change.trx);
  return user;
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
