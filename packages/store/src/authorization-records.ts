import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { allOf, keyset, type ListReach, type WantedPage } from './list-page.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A user's roles in a project, as those see them who manage them. */
export interface AuthorizationRecord {
  readonly id: string;
  readonly userId: string;
  readonly userLoginName: string;
  readonly userDisplayName: string;
  readonly userOrganizationId: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly projectGrantId: string | null;
  readonly roleKeys: readonly string[];
  readonly state: 'active' | 'inactive';
  readonly createdAtMs: number;
}

const columns = sql`a.id, a.user_id, u.login_name as user_login_name, u.display_name as user_display_name,
  u.organization_id as user_organization_id, a.project_id, p.name as project_name, a.organization_id,
  o.name as organization_name, a.project_grant_id, a.role_keys, a.state, a.created_at_ms`;
const tables = sql`authorizations a
  join users u on u.instance_id = a.instance_id and u.id = a.user_id
  join projects p on p.instance_id = a.instance_id and p.id = a.project_id
  join organizations o on o.instance_id = a.instance_id and o.id = a.organization_id`;

/** An authorization that was not removed. */
export async function findAuthorizationRecord(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<AuthorizationRecord | undefined> {
  const { rows } = await sql<AuthorizationRecord>`select ${columns} from ${tables}
    where a.instance_id = ${scope.instanceId} and a.id = ${id} and a.state <> 'removed'`.execute(db);
  return rows[0];
}

/** Keeps other changes of an authorization waiting until this one ends; resolves to it as it then is. */
export async function lockAuthorization(
  change: Change,
  id: string,
): Promise<AuthorizationRecord | undefined> {
  await sql`select id from authorizations where instance_id = ${change.scope.instanceId} and id = ${id}
    for no key update`.execute(change.trx);
  return await findAuthorizationRecord(change.trx, change.scope, id);
}

/** What a list of authorizations is narrowed to. */
export interface AuthorizationFilter {
  readonly reach: ListReach & { readonly projectGrantIds?: readonly string[] };
  readonly userId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly roleKey?: string | undefined;
  readonly state?: 'active' | 'inactive' | undefined;
  readonly sort: 'createdAt' | '-createdAt';
}

/** A page of authorizations. */
export async function listAuthorizationRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: AuthorizationFilter,
  page: WantedPage,
): Promise<readonly AuthorizationRecord[]> {
  const { reach, userId, projectId, organizationId, roleKey, state, sort } = filter;
  const id = sql`a.id`;
  const { beyond, tail } = keyset({ key: id, id, isDescending: sort.startsWith('-') }, page);
  const where = allOf([
    sql`a.instance_id = ${scope.instanceId} and a.state <> 'removed'`,
    reach.kind === 'instance'
      ? undefined
      : sql`(a.organization_id = any(${reach.organizationIds}::text[])
          or p.organization_id = any(${reach.organizationIds}::text[])
          or a.project_id = any(${reach.projectIds}::text[])
          or a.project_grant_id = any(${reach.projectGrantIds ?? []}::text[]))`,
    userId === undefined ? undefined : sql`a.user_id = ${userId}`,
    projectId === undefined ? undefined : sql`a.project_id = ${projectId}`,
    organizationId === undefined ? undefined : sql`a.organization_id = ${organizationId}`,
    roleKey === undefined ? undefined : sql`a.role_keys @> array[${roleKey}]::text[]`,
    state === undefined ? undefined : sql`a.state = ${state}`,
    beyond,
  ]);
  const { rows } =
    await sql<AuthorizationRecord>`select ${columns} from ${tables} where ${where} ${tail}`.execute(db);
  return rows;
}

/** What roles an organization may give of a project. */
export interface GivableRoles {
  /** The grant they come from; null for the project's own organization. */
  readonly projectGrantId: string | null;
  readonly roleKeys: readonly string[];
}

/**
 * What an organization may give of a project: all roles of its own, or those of an active grant to it; `undefined` when
 * the project is nothing of its. The project and the grant stay as they are until the change ends.
 */
export async function findGivableRoles(
  change: Change,
  at: { readonly projectId: string; readonly organizationId: string },
): Promise<GivableRoles | undefined> {
  const { instanceId } = change.scope;
  const { projectId, organizationId } = at;
  const own = await sql`select id from projects where instance_id = ${instanceId} and id = ${projectId}
    and organization_id = ${organizationId} and state <> 'removed' for share`.execute(change.trx);
  const { rows: roles } = await sql<{ key: string }>`select key from roles
    where instance_id = ${instanceId} and project_id = ${projectId}`.execute(change.trx);
  const keys = roles.map(({ key }) => key);
  if (own.rows.length > 0) return { projectGrantId: null, roleKeys: keys };
  const { rows: grants } = await sql<{
    id: string;
    roleKeys: string[];
  }>`select id, role_keys from project_grants
    where instance_id = ${instanceId} and project_id = ${projectId} and organization_id = ${organizationId}
      and state = 'active' for share`.execute(change.trx);
  const [grant] = grants;
  if (grant === undefined) return undefined;
  return { projectGrantId: grant.id, roleKeys: grant.roleKeys.filter((key) => keys.includes(key)) };
}

/** A new authorization. Resolves to `taken` when the user has one for the project in the organization's name already. */
export async function insertAuthorizationOnce(
  change: Change,
  input: Pick<
    AuthorizationRecord,
    'id' | 'userId' | 'projectId' | 'organizationId' | 'projectGrantId' | 'roleKeys'
  >,
): Promise<'inserted' | 'taken'> {
  const { instanceId } = change.scope;
  const { id, userId, projectId, organizationId, projectGrantId, roleKeys } = input;
  const { rows } = await sql`insert into authorizations
      (instance_id, id, user_id, project_id, organization_id, project_grant_id, role_keys, created_at_ms)
    values (${instanceId}, ${id}, ${userId}, ${projectId}, ${organizationId}, ${projectGrantId}, ${[...roleKeys]}::text[],
      ${change.nowMs}::bigint)
    on conflict (instance_id, user_id, project_id, organization_id) where state <> 'removed' do nothing
    returning id`.execute(change.trx);
  if (rows.length === 0) return 'taken';
  await change.record({
    type: 'authorization.created',
    objectKind: 'user',
    objectId: userId,
    organizationId,
    detail: { authorizationId: id, projectId, roleKeys },
    reach: 'waking',
  });
  return 'inserted';
}

/** Gives an authorization exactly these roles. */
export async function updateAuthorizationRoles(
  change: Change,
  before: AuthorizationRecord,
  roleKeys: readonly string[],
): Promise<void> {
  if (JSON.stringify(before.roleKeys) === JSON.stringify(roleKeys)) return;
  await change.trx
    .updateTable('authorizations')
    .set({ roleKeys: [...roleKeys] })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', before.id)
    .execute();
  await change.record({
    type: 'authorization.changed',
    objectKind: 'user',
    objectId: before.userId,
    organizationId: before.organizationId,
    detail: { authorizationId: before.id, from: { roleKeys: before.roleKeys }, to: { roleKeys } },
    reach: 'waking',
  });
}
