import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { allOf, contains, keyset, type WantedPage } from './list-page.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A role of a project. */
export interface Role {
  readonly key: string;
  readonly displayName: string;
  readonly group: string | null;
}

const columns = sql`r.key, r.display_name, r.group_name as "group"`;

/** A page of the roles of a project, by key. */
export async function listRoles(
  db: Kysely<Tables>,
  scope: Scope,
  projectId: string,
  filter: { readonly search?: string | undefined },
  page: WantedPage,
): Promise<readonly Role[]> {
  const { search } = filter;
  const { beyond, tail } = keyset({ key: sql`r.key`, id: sql`r.key`, isDescending: false }, page);
  const where = allOf([
    sql`r.instance_id = ${scope.instanceId} and r.project_id = ${projectId}`,
    search === undefined || search === ''
      ? undefined
      : contains(sql`r.key || ' ' || r.display_name || ' ' || coalesce(r.group_name, '')`, search),
    beyond,
  ]);
  const { rows } = await sql<Role>`select ${columns} from roles r where ${where} ${tail}`.execute(db);
  return rows;
}

/** A role by its key. */
export async function findRole(
  db: Kysely<Tables>,
  scope: Scope,
  projectId: string,
  key: string,
): Promise<Role | undefined> {
  const { rows } = await sql<Role>`select ${columns} from roles r
    where r.instance_id = ${scope.instanceId} and r.project_id = ${projectId} and r.key = ${key}`.execute(db);
  return rows[0];
}

/** Those of some keys that are no roles of a project. */
export async function findUnknownRoles(
  db: Kysely<Tables>,
  scope: Scope,
  projectId: string,
  keys: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ key: string }>`select key from roles where instance_id = ${scope.instanceId}
    and project_id = ${projectId} and key = any(${keys}::text[])`.execute(db);
  const known = rows.map(({ key }) => key);
  return keys.filter((key) => !known.includes(key));
}

/** A new role of a project. */
export async function insertRole(
  change: Change,
  projectId: string,
  { key, displayName, group }: Role,
): Promise<'inserted' | 'taken'> {
  const result = await change.trx
    .insertInto('roles')
    .values({ instanceId: change.scope.instanceId, projectId, key, displayName, groupName: group })
    .onConflict((conflict) => conflict.columns(['instanceId', 'projectId', 'key']).doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) return 'taken';
  await change.record({
    type: 'project.role.created',
    objectKind: 'project',
    objectId: projectId,
    detail: { key, displayName, group },
    reach: 'waking',
  });
  return 'inserted';
}

/** Renames a role or moves it to another group. Resolves to it, `undefined` when there is none. */
export async function updateRole(
  change: Change,
  projectId: string,
  key: string,
  settings: { readonly displayName?: string | undefined; readonly group?: string | null | undefined },
): Promise<Role | undefined> {
  const { rows } =
    await sql<Role>`select ${columns} from roles r where r.instance_id = ${change.scope.instanceId}
    and r.project_id = ${projectId} and r.key = ${key} for update`.execute(change.trx);
  const [before] = rows;
  if (before === undefined) return undefined;
  const { displayName = before.displayName, group = before.group } = settings;
  if (displayName === before.displayName && group === before.group) return before;
  await change.trx
    .updateTable('roles')
    .set({ displayName, groupName: group })
    .where('instanceId', '=', change.scope.instanceId)
    .where('projectId', '=', projectId)
    .where('key', '=', key)
    .execute();
  const { key: _, ...from } = before;
  await change.record({
    type: 'project.role.changed',
    objectKind: 'project',
    objectId: projectId,
    detail: { key, from, to: { displayName, group } },
    reach: 'quiet',
  });
  return { key, displayName, group };
}

/**
 * Removes a role: from the project, from everybody who has it and from the organizations it was granted to. Lock the
 * project first, so that nobody is given it meanwhile.
 */
export async function removeRole(
  change: Change,
  projectId: string,
  key: string,
): Promise<'removed' | 'not-found'> {
  const { instanceId } = change.scope;
  const removed = await change.trx
    .deleteFrom('roles')
    .where('instanceId', '=', instanceId)
    .where('projectId', '=', projectId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (removed.numDeletedRows === 0n) return 'not-found';
  const authorizations = await sql`update authorizations set role_keys = array_remove(role_keys, ${key})
    where instance_id = ${instanceId} and project_id = ${projectId} and ${key} = any(role_keys)`.execute(
    change.trx,
  );
  const grants = await sql`update project_grants set role_keys = array_remove(role_keys, ${key})
    where instance_id = ${instanceId} and project_id = ${projectId} and ${key} = any(role_keys)`.execute(
    change.trx,
  );
  await change.record({
    type: 'project.role.removed',
    objectKind: 'project',
    objectId: projectId,
    detail: {
      key,
      authorizations: Number(authorizations.numAffectedRows ?? 0n),
      grants: Number(grants.numAffectedRows ?? 0n),
    },
    reach: 'waking',
  });
  return 'removed';
}
