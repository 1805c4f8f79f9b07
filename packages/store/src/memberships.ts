import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What somebody may be a manager of. */
export type ManagedKind = Tables['memberships']['objectKind'];

/** A user's manager roles for one object. */
export interface Membership {
  readonly objectKind: ManagedKind;
  readonly objectId: string;
  readonly userId: string;
  readonly roles: readonly string[];
  readonly createdAtMs: number;
}

const columns = ['objectKind', 'objectId', 'userId', 'roles', 'createdAtMs'] as const;

/** Everything a user manages. */
export async function listMembershipsOf(
  db: Kysely<Tables>,
  scope: Scope,
  userId: string,
): Promise<readonly Membership[]> {
  return await db
    .selectFrom('memberships')
    .select(columns)
    .where('instanceId', '=', scope.instanceId)
    .where('userId', '=', userId)
    .execute();
}

/** Makes a user a manager of the whole instance, or adds to the roles they have there. */
export async function insertManager(change: Change, userId: string, roles: readonly string[]): Promise<void> {
  await setMembership(change, { objectKind: 'instance', objectId: change.scope.instanceId, userId }, roles);
}

/** Gives a user exactly these manager roles for an object, in place of any they had there. */
export async function setMembership(
  change: Change,
  membership: Pick<Membership, 'objectKind' | 'objectId' | 'userId'>,
  roles: readonly string[],
): Promise<void> {
  const row = { ...membership, roles: [...roles] };
  await change.trx
    .insertInto('memberships')
    .values({ ...row, instanceId: change.scope.instanceId, createdAtMs: change.nowMs })
    .onConflict((conflict) =>
      conflict.columns(['instanceId', 'objectKind', 'objectId', 'userId']).doUpdateSet({ roles: row.roles }),
    )
    .execute();
  await change.record({
    type: 'manager.set',
    objectKind: membership.objectKind,
    objectId: membership.objectId,
    detail: { userId: membership.userId, roles },
    reach: 'quiet',
  });
}
