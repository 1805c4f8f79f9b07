import { sql } from 'kysely';
import type { Change } from './change.ts';
import type { ManagedKind } from './memberships.ts';

/** Something with an owner role. */
export interface Owned {
  readonly objectKind: ManagedKind;
  readonly objectId: string;
}

/**
 * How many active users besides one hold a role for an object. The holders of the role stay as they are until the change
 * ends, so that of two who leave at once one is the last.
 */
export async function countOtherOwners(
  change: Change,
  owned: Owned & { readonly role: string },
  exceptUserId: string,
): Promise<number> {
  const { instanceId } = change.scope;
  const { objectKind, objectId, role } = owned;
  await sql`select user_id from memberships where instance_id = ${instanceId} and object_kind = ${objectKind}
    and object_id = ${objectId} and roles @> array[${role}]::text[] order by user_id for update`.execute(
    change.trx,
  );
  const { rows } = await sql<{ count: number }>`select count(*)::int as count
    from memberships m join users u on u.instance_id = m.instance_id and u.id = m.user_id
    where m.instance_id = ${instanceId} and m.object_kind = ${objectKind} and m.object_id = ${objectId}
      and m.roles @> array[${role}]::text[] and u.state = 'active' and u.id <> ${exceptUserId}`.execute(
    change.trx,
  );
  return rows[0]?.count ?? 0;
}
