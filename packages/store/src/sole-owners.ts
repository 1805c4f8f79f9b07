import { sql } from 'kysely';
import type { Change } from './change.ts';
import type { ManagedKind } from './memberships.ts';

/** Something with an owner role. */
export interface Owned {
  readonly objectKind: ManagedKind;
  readonly objectId: string;
}

const lockOf = {
  instance: (instanceId: string) => sql`select id from instances where id = ${instanceId} for no key update`,
  organization: (instanceId: string, id: string) => sql`select id from organizations
    where instance_id = ${instanceId} and id = ${id} and state <> 'removed' for no key update`,
  project: (instanceId: string, id: string) => sql`select id from projects
    where instance_id = ${instanceId} and id = ${id} and state <> 'removed' for no key update`,
  'project-grant': (instanceId: string, id: string) => sql`select id from project_grants
    where instance_id = ${instanceId} and id = ${id} and state <> 'removed' for no key update`,
} as const satisfies Record<ManagedKind, unknown>;

/**
 * Keeps other changes of who manages an object, and its removal, waiting until this one ends. Resolves to whether the
 * object is still there. Lock users before objects and the instance before organizations, so that two never wait for
 * each other.
 */
export async function lockManaged(
  change: Change,
  { objectKind, objectId }: Owned,
): Promise<'there' | 'not-found'> {
  const { rows } = await lockOf[objectKind](change.scope.instanceId, objectId).execute(change.trx);
  return rows.length === 0 ? 'not-found' : 'there';
}

/**
 * How many people hold a role for an object and can sign in: active users of active organizations. Lock the object
 * first, so that of two who leave at once one is the last.
 */
export async function countOwners(
  change: Change,
  owned: Owned & { readonly role: string },
  except: { readonly userId?: string; readonly organizationId?: string },
): Promise<number> {
  const { instanceId } = change.scope;
  const { objectKind, objectId, role } = owned;
  const { rows } = await sql<{ count: number }>`select count(*)::int as count
    from memberships m
    join users u on u.instance_id = m.instance_id and u.id = m.user_id
    join organizations o on o.instance_id = u.instance_id and o.id = u.organization_id
    where m.instance_id = ${instanceId} and m.object_kind = ${objectKind} and m.object_id = ${objectId}
      and m.roles @> array[${role}]::text[] and u.state = 'active' and o.state = 'active'
      and u.id <> ${except.userId ?? ''} and o.id <> ${except.organizationId ?? ''}`.execute(change.trx);
  return rows[0]?.count ?? 0;
}
