import { type Kysely, sql } from 'kysely';
import { type Change, revocationOf } from './change.ts';
import { allOf, contains, keyset, type ListReach, type NamedOrder, type WantedPage } from './list-page.ts';
import { updateState } from './object-state.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A project as those see it who manage it. */
export interface ProjectRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly name: string;
  readonly state: 'active' | 'inactive';
  readonly roleAssertion: boolean;
  readonly roleCheck: boolean;
  readonly hasProjectCheck: boolean;
  readonly allowedClientIds: readonly string[];
  readonly allowedOrganizationIds: readonly string[];
  readonly isOpenToThirdParties: boolean;
  readonly applicationCount: number;
  readonly roleCount: number;
  readonly grantCount: number;
  readonly createdAtMs: number;
}

const columns = sql`p.id, p.organization_id, o.name as organization_name, p.name, p.state, p.role_assertion, p.role_check,
  p.has_project_check, p.allowed_client_ids, p.allowed_organization_ids, p.is_open_to_third_parties, p.created_at_ms,
  (select count(*)::int from applications a where a.instance_id = p.instance_id and a.project_id = p.id and a.state <> 'removed') as application_count,
  (select count(*)::int from roles r where r.instance_id = p.instance_id and r.project_id = p.id) as role_count,
  (select count(*)::int from project_grants g where g.instance_id = p.instance_id and g.project_id = p.id and g.state <> 'removed') as grant_count`;
const from = sql`projects p join organizations o on o.instance_id = p.instance_id and o.id = p.organization_id`;

/** A project that was not removed. */
export async function findProjectRecord(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<ProjectRecord | undefined> {
  const { rows } = await sql<ProjectRecord>`select ${columns} from ${from}
    where p.instance_id = ${scope.instanceId} and p.id = ${id} and p.state <> 'removed'`.execute(db);
  return rows[0];
}

/** What a list of projects is narrowed to. */
export interface ProjectFilter {
  readonly reach: ListReach;
  readonly organizationId?: string | undefined;
  readonly state?: 'active' | 'inactive' | undefined;
  /** Part of the name. */
  readonly search?: string | undefined;
  readonly sort: NamedOrder;
}

/** Where the row of a page ends, for the cursor. */
export interface Sorted {
  readonly sortKey: string;
}

/** A page of projects. */
export async function listProjectRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: ProjectFilter,
  page: WantedPage,
): Promise<readonly (ProjectRecord & Sorted)[]> {
  const { reach, organizationId, state, search, sort } = filter;
  const key = sort.endsWith('name') ? sql`lower(p.name)` : sql`p.id`;
  const { beyond, tail } = keyset({ key, id: sql`p.id`, isDescending: sort.startsWith('-') }, page);
  const where = allOf([
    sql`p.instance_id = ${scope.instanceId} and p.state <> 'removed'`,
    reach.kind === 'instance'
      ? undefined
      : sql`(p.organization_id = any(${reach.organizationIds}::text[]) or p.id = any(${reach.projectIds}::text[]))`,
    organizationId === undefined ? undefined : sql`p.organization_id = ${organizationId}`,
    state === undefined ? undefined : sql`p.state = ${state}`,
    search === undefined || search === '' ? undefined : contains(sql`p.name`, search),
    beyond,
  ]);
  const { rows } = await sql<ProjectRecord & Sorted>`select ${columns}, ${key} as sort_key from ${from}
    where ${where} ${tail}`.execute(db);
  return rows;
}

/**
 * Keeps other changes of a project, its roles, grants and applications waiting until this one ends. Resolves to the
 * project as it then is, `undefined` when there is none.
 */
export async function lockProject(change: Change, id: string): Promise<ProjectRecord | undefined> {
  const { instanceId } = change.scope;
  await sql`select id from projects where instance_id = ${instanceId} and id = ${id} for no key update`.execute(
    change.trx,
  );
  return await findProjectRecord(change.trx, change.scope, id);
}

/**
 * Keeps a project, its roles and grants as they are until this change ends, beside others that do the same: what is given
 * by a role cannot outlive the role.
 */
export async function holdProject(change: Change, id: string): Promise<void> {
  const { instanceId } = change.scope;
  await sql`select id from projects where instance_id = ${instanceId} and id = ${id} for share`.execute(
    change.trx,
  );
}

/**
 * Whether an organization has a project of a name, another than the one that may have it. No other project of the
 * organization is named before this change ends.
 */
export async function isProjectNameTaken(
  change: Change,
  wanted: { readonly organizationId: string; readonly name: string; readonly exceptId?: string },
): Promise<boolean> {
  const { instanceId } = change.scope;
  const { organizationId, name, exceptId } = wanted;
  await sql`select id from organizations where instance_id = ${instanceId} and id = ${organizationId} for no key update`.execute(
    change.trx,
  );
  const { rows } = await sql`select id from projects where instance_id = ${instanceId}
    and organization_id = ${organizationId} and name = ${name} and state <> 'removed' and id <> ${exceptId ?? ''} limit 1`.execute(
    change.trx,
  );
  return rows.length > 0;
}

/** Settings of a project that may change. */
export type ProjectChange = Partial<
  Pick<
    ProjectRecord,
    | 'name'
    | 'roleAssertion'
    | 'roleCheck'
    | 'hasProjectCheck'
    | 'allowedClientIds'
    | 'allowedOrganizationIds'
    | 'isOpenToThirdParties'
  >
>;

/** Changes settings of a project; the event tells old and new values. */
export async function updateProject(
  change: Change,
  before: ProjectRecord,
  settings: ProjectChange,
): Promise<void> {
  const present: Readonly<Record<string, unknown>> = { ...before };
  const changed = Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => JSON.stringify(present[name]) !== JSON.stringify(value),
    ),
  );
  if (Object.keys(changed).length === 0) return;
  await change.trx
    .updateTable('projects')
    .set(changed)
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', before.id)
    .execute();
  // cast: the same keys as those of `changed`
  const from = Object.fromEntries(
    Object.keys(changed).map((name) => [name, before[name as keyof ProjectChange]]),
  );
  await change.record({
    type: 'project.changed',
    objectKind: 'project',
    objectId: before.id,
    organizationId: before.organizationId,
    detail: { from, to: changed },
    // Stricter checks count for what was issued before as well.
    revokes:
      changed.roleCheck === true || changed.hasProjectCheck === true
        ? [revocationOf('project', before.id, change.nowMs, 'so-far')]
        : [],
    reach: 'waking',
  });
}

/** Things of a kind that depend on another, with the names of some. */
export interface Dependents {
  readonly kind: string;
  readonly count: number;
  readonly names?: readonly string[];
}

/** What living things depend on a project. */
export async function listProjectDependents(change: Change, id: string): Promise<readonly Dependents[]> {
  const { instanceId } = change.scope;
  const { rows } = await sql<{ kind: string; count: number; names: string[] }>`
    select 'application' as kind, count(*)::int as count, (array_agg(name order by id))[1:5] as names
      from applications where instance_id = ${instanceId} and project_id = ${id} and state <> 'removed'
    union all
    select 'project grant', count(*)::int, (array_agg(o.name order by g.id))[1:5]
      from project_grants g join organizations o on o.instance_id = g.instance_id and o.id = g.organization_id
      where g.instance_id = ${instanceId} and g.project_id = ${id} and g.state <> 'removed'
    union all
    select 'authorization', count(*)::int, (array_agg(u.display_name order by z.id))[1:5]
      from authorizations z join users u on u.instance_id = z.instance_id and u.id = z.user_id
      where z.instance_id = ${instanceId} and z.project_id = ${id} and z.state <> 'removed'`.execute(
    change.trx,
  );
  return rows.filter(({ count }) => count > 0);
}

/** Removes a project with its applications, grants, authorizations and managers. */
export async function removeProject(change: Change, project: ProjectRecord): Promise<void> {
  const { instanceId } = change.scope;
  const { id, organizationId } = project;
  const applications = await change.trx
    .selectFrom('applications')
    .select('id')
    .where('instanceId', '=', instanceId)
    .where('projectId', '=', id)
    .where('state', '<>', 'removed')
    .execute();
  for (const application of applications) await updateState(change, 'application', application.id, 'removed');
  const authorizations = await sql`update authorizations set state = 'removed'
    where instance_id = ${instanceId} and project_id = ${id} and state <> 'removed'`.execute(change.trx);
  const grants = await sql<{ id: string }>`update project_grants set state = 'removed'
    where instance_id = ${instanceId} and project_id = ${id} and state <> 'removed' returning id`.execute(
    change.trx,
  );
  const grantIds = grants.rows.map((grant) => grant.id);
  await sql`delete from memberships where instance_id = ${instanceId} and ((object_kind = 'project' and object_id = ${id})
    or (object_kind = 'project-grant' and object_id = any(${grantIds}::text[])))`.execute(change.trx);
  await updateState(change, 'project', id, 'removed');
  await change.record({
    type: 'project.removed',
    objectKind: 'project',
    objectId: id,
    organizationId,
    detail: {
      name: project.name,
      applications: applications.length,
      grants: grantIds.length,
      authorizations: Number(authorizations.numAffectedRows ?? 0n),
    },
    reach: 'waking',
  });
}
