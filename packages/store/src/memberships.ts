import { type Kysely, sql } from 'kysely';
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
  const before = await change.trx
    .selectFrom('memberships')
    .select('roles')
    .where('instanceId', '=', change.scope.instanceId)
    .where('objectKind', '=', membership.objectKind)
    .where('objectId', '=', membership.objectId)
    .where('userId', '=', membership.userId)
    .forUpdate()
    .executeTakeFirst();
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
    detail: { userId: membership.userId, from: { roles: before?.roles ?? [] }, to: { roles } },
    reach: 'quiet',
  });
}

/** Takes all manager roles for an object away from a user. */
export async function removeMembership(
  change: Change,
  membership: Pick<Membership, 'objectKind' | 'objectId' | 'userId'>,
): Promise<'removed' | 'not-found'> {
  const { objectKind, objectId, userId } = membership;
  const result = await change.trx
    .deleteFrom('memberships')
    .where('instanceId', '=', change.scope.instanceId)
    .where('objectKind', '=', objectKind)
    .where('objectId', '=', objectId)
    .where('userId', '=', userId)
    .returning('roles')
    .executeTakeFirst();
  if (result === undefined) return 'not-found';
  const detail = { userId, from: { roles: result.roles }, to: { roles: [] } };
  await change.record({ type: 'manager.removed', objectKind, objectId, detail, reach: 'quiet' });
  return 'removed';
}

/** Somebody who manages an object, as lists show them. */
export interface ManagerRecord {
  readonly userId: string;
  readonly loginName: string;
  readonly displayName: string;
  readonly userState: 'active' | 'inactive' | 'locked';
  readonly roles: readonly string[];
  readonly createdAtMs: number;
}

/** The managers of an object, by user id; `after` is the id the page before ended with. */
export async function listManagers(
  db: Kysely<Tables>,
  scope: Scope,
  of: Pick<Membership, 'objectKind' | 'objectId'> & { readonly userId?: string },
  page: { readonly limit: number; readonly after: string },
): Promise<readonly ManagerRecord[]> {
  const { rows } = await sql<ManagerRecord>`
    select m.user_id, u.login_name, u.display_name, u.state as user_state, m.roles, m.created_at_ms
    from memberships m join users u on u.instance_id = m.instance_id and u.id = m.user_id
    where m.instance_id = ${scope.instanceId} and m.object_kind = ${of.objectKind} and m.object_id = ${of.objectId}
      and u.state <> 'removed' and m.user_id > ${page.after}
      and (${of.userId ?? null}::text is null or m.user_id = ${of.userId ?? null})
    order by m.user_id limit ${page.limit}`.execute(db);
  return rows;
}
