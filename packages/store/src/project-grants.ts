import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { allOf, keyset, type WantedPage } from './list-page.ts';
import type { Role } from './roles.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A project lent to another organization, as its owner sees it. */
export interface ProjectGrant {
  readonly id: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly roleKeys: readonly string[];
  readonly state: 'active' | 'inactive';
  readonly createdAtMs: number;
}

const columns = sql`g.id, g.project_id, p.name as project_name, g.organization_id, o.name as organization_name,
  g.role_keys, g.state, g.created_at_ms`;
const from = sql`project_grants g
  join projects p on p.instance_id = g.instance_id and p.id = g.project_id and p.state <> 'removed'
  join organizations o on o.instance_id = g.instance_id and o.id = g.organization_id and o.state <> 'removed'`;

/** A grant of a project. */
export async function findProjectGrant(
  db: Kysely<Tables>,
  scope: Scope,
  projectId: string,
  id: string,
): Promise<ProjectGrant | undefined> {
  const { rows } =
    await sql<ProjectGrant>`select ${columns} from ${from} where g.instance_id = ${scope.instanceId}
    and g.project_id = ${projectId} and g.id = ${id} and g.state <> 'removed'`.execute(db);
  return rows[0];
}

/** A page of the grants of a project. */
export async function listProjectGrants(
  db: Kysely<Tables>,
  scope: Scope,
  projectId: string,
  filter: {
    readonly state?: 'active' | 'inactive' | undefined;
    readonly organizationId?: string | undefined;
  },
  page: WantedPage,
): Promise<readonly ProjectGrant[]> {
  const { state, organizationId } = filter;
  const { beyond, tail } = keyset({ key: sql`g.id`, id: sql`g.id`, isDescending: false }, page);
  const where = allOf([
    sql`g.instance_id = ${scope.instanceId} and g.project_id = ${projectId} and g.state <> 'removed'`,
    state === undefined ? undefined : sql`g.state = ${state}`,
    organizationId === undefined ? undefined : sql`g.organization_id = ${organizationId}`,
    beyond,
  ]);
  const { rows } = await sql<ProjectGrant>`select ${columns} from ${from} where ${where} ${tail}`.execute(db);
  return rows;
}

/** A project as an organization sees it that was granted it. */
export interface GrantedProject {
  readonly grantId: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly ownerOrganizationId: string;
  readonly ownerOrganizationName: string;
  readonly roles: readonly Role[];
  readonly state: 'active' | 'inactive';
  readonly createdAtMs: number;
}

/** A page of the projects granted to an organization. */
export async function listGrantedProjects(
  db: Kysely<Tables>,
  scope: Scope,
  organizationId: string,
  filter: { readonly state?: 'active' | 'inactive' | undefined },
  page: WantedPage,
): Promise<readonly GrantedProject[]> {
  const { state } = filter;
  const { beyond, tail } = keyset({ key: sql`g.id`, id: sql`g.id`, isDescending: false }, page);
  const where = allOf([
    sql`g.instance_id = ${scope.instanceId} and g.organization_id = ${organizationId} and g.state <> 'removed'`,
    state === undefined ? undefined : sql`g.state = ${state}`,
    beyond,
  ]);
  const { rows } = await sql<GrantedProject>`
    select g.id as grant_id, p.id as project_id, p.name as project_name, o.id as owner_organization_id,
      o.name as owner_organization_name, g.state, g.created_at_ms,
      coalesce((select jsonb_agg(jsonb_build_object('key', r.key, 'displayName', r.display_name, 'group', r.group_name) order by r.key)
        from roles r where r.instance_id = g.instance_id and r.project_id = g.project_id and r.key = any(g.role_keys)), '[]') as roles
    from project_grants g
    join projects p on p.instance_id = g.instance_id and p.id = g.project_id and p.state <> 'removed'
    join organizations o on o.instance_id = p.instance_id and o.id = p.organization_id
    where ${where} ${tail}`.execute(db);
  return rows;
}

/** Grants a project to an organization; once only. Lock the project first, so that its roles stay. */
export async function insertProjectGrant(
  change: Change,
  input: Pick<ProjectGrant, 'id' | 'projectId' | 'organizationId' | 'roleKeys'>,
): Promise<'inserted' | 'taken'> {
  const { instanceId } = change.scope;
  const roleKeys = [...input.roleKeys];
  const { rows } =
    await sql`insert into project_grants (instance_id, id, project_id, organization_id, role_keys, created_at_ms)
    values (${instanceId}, ${input.id}, ${input.projectId}, ${input.organizationId}, ${roleKeys}::text[], ${change.nowMs})
    on conflict (instance_id, project_id, organization_id) where state <> 'removed' do nothing returning id`.execute(
      change.trx,
    );
  if (rows.length === 0) return 'taken';
  await change.record({
    type: 'project.grant.created',
    objectKind: 'project-grant',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { projectId: input.projectId, roleKeys },
    reach: 'waking',
  });
  return 'inserted';
}

/** Reads a grant and keeps other changes of it and its project waiting. */
export async function lockProjectGrant(
  change: Change,
  projectId: string,
  id: string,
): Promise<ProjectGrant | undefined> {
  const { instanceId } = change.scope;
  await sql`select id from projects where instance_id = ${instanceId} and id = ${projectId} for no key update`.execute(
    change.trx,
  );
  return await findProjectGrant(change.trx, change.scope, projectId, id);
}

/** Changes the roles of a grant; those taken out are taken from everybody who has them through it. */
export async function updateProjectGrantRoles(
  change: Change,
  grant: ProjectGrant,
  roleKeys: readonly string[],
): Promise<void> {
  const { instanceId } = change.scope;
  const to = [...roleKeys];
  if (to.join(' ') === grant.roleKeys.join(' ')) return;
  await sql`update project_grants set role_keys = ${to}::text[]
    where instance_id = ${instanceId} and id = ${grant.id}`.execute(change.trx);
  const narrowed = await sql`update authorizations
    set role_keys = array(select k from unnest(role_keys) with ordinality as u(k, at) where k = any(${to}::text[]) order by at)
    where instance_id = ${instanceId} and project_grant_id = ${grant.id} and state <> 'removed'
      and not role_keys <@ ${to}::text[]`.execute(change.trx);
  await change.record({
    type: 'project.grant.changed',
    objectKind: 'project-grant',
    objectId: grant.id,
    organizationId: grant.organizationId,
    detail: { from: grant.roleKeys, to, authorizations: Number(narrowed.numAffectedRows ?? 0n) },
    reach: 'waking',
  });
}

/** Puts a grant into a state; its authorizations count while it is active. */
export async function setProjectGrantState(
  change: Change,
  grant: ProjectGrant,
  state: 'active' | 'inactive',
): Promise<void> {
  if (grant.state === state) return;
  await sql`update project_grants set state = ${state}
    where instance_id = ${change.scope.instanceId} and id = ${grant.id}`.execute(change.trx);
  await change.record({
    type: 'project.grant.state.changed',
    objectKind: 'project-grant',
    objectId: grant.id,
    organizationId: grant.organizationId,
    detail: { from: grant.state, to: state },
    reach: 'waking',
  });
}

/** How many authorizations users have through a grant, with the names of some. */
export async function listGrantDependents(
  change: Change,
  id: string,
): Promise<{ readonly count: number; readonly names: readonly string[] }> {
  const { rows } = await sql<{ count: number; names: string[] | null }>`
    select count(*)::int as count, (array_agg(u.display_name order by z.id))[1:5] as names
    from authorizations z join users u on u.instance_id = z.instance_id and u.id = z.user_id
    where z.instance_id = ${change.scope.instanceId} and z.project_grant_id = ${id} and z.state <> 'removed'`.execute(
    change.trx,
  );
  return { count: rows[0]?.count ?? 0, names: rows[0]?.names ?? [] };
}

/** Takes a grant back, with its managers and the authorizations given through it. */
export async function removeProjectGrant(
  change: Change,
  grant: Pick<ProjectGrant, 'id' | 'projectId' | 'organizationId'>,
): Promise<void> {
  const { instanceId } = change.scope;
  await sql`update project_grants set state = 'removed' where instance_id = ${instanceId} and id = ${grant.id}`.execute(
    change.trx,
  );
  const authorizations = await sql`update authorizations set state = 'removed'
    where instance_id = ${instanceId} and project_grant_id = ${grant.id} and state <> 'removed'`.execute(
    change.trx,
  );
  await sql`delete from memberships where instance_id = ${instanceId} and object_kind = 'project-grant'
    and object_id = ${grant.id}`.execute(change.trx);
  await change.record({
    type: 'project.grant.removed',
    objectKind: 'project-grant',
    objectId: grant.id,
    organizationId: grant.organizationId,
    detail: { projectId: grant.projectId, authorizations: Number(authorizations.numAffectedRows ?? 0n) },
    reach: 'waking',
  });
}
