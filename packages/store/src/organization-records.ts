import { type Kysely, sql } from 'kysely';
import type { Change } from './change.ts';
import { allOf, contains, keyset, type NamedOrder, type WantedPage } from './list-page.ts';
import { removeMembership } from './memberships.ts';
import { removeOrganizationDomain } from './organization-domains.ts';
import { removeProjectGrant } from './project-grants.ts';
import type { Dependents, Sorted } from './project-records.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** An organization as those see it who manage it. */
export interface OrganizationRecord {
  readonly id: string;
  readonly name: string;
  readonly primaryDomain: string;
  readonly state: 'active' | 'inactive';
  /** At most 10,000, so that a large organization costs no more. */
  readonly userCount: number;
  readonly projectCount: number;
  readonly createdAtMs: number;
}

const columns = sql`o.id, o.name, o.primary_domain, o.state, o.created_at_ms,
  (select count(*)::int from (select from users u where u.instance_id = o.instance_id and u.organization_id = o.id
    and u.state <> 'removed' limit 10000) few) as user_count,
  (select count(*)::int from projects p where p.instance_id = o.instance_id and p.organization_id = o.id and p.state <> 'removed') as project_count`;

/** An organization that was not removed. */
export async function findOrganizationRecord(
  db: Kysely<Tables>,
  scope: Scope,
  id: string,
): Promise<OrganizationRecord | undefined> {
  const { rows } = await sql<OrganizationRecord>`select ${columns} from organizations o
    where o.instance_id = ${scope.instanceId} and o.id = ${id} and o.state <> 'removed'`.execute(db);
  return rows[0];
}

/** What a list of organizations is narrowed to. */
export interface OrganizationFilter {
  /** Only these; `undefined` for all of the instance. */
  readonly ids: readonly string[] | undefined;
  readonly state?: 'active' | 'inactive' | undefined;
  /** Part of the name or the primary domain. */
  readonly search?: string | undefined;
  readonly sort: NamedOrder;
}

/** A page of organizations. */
export async function listOrganizationRecords(
  db: Kysely<Tables>,
  scope: Scope,
  filter: OrganizationFilter,
  page: WantedPage,
): Promise<readonly (OrganizationRecord & Sorted)[]> {
  const { ids, state, search, sort } = filter;
  const key = sort.endsWith('name') ? sql`lower(o.name)` : sql`o.id`;
  const { beyond, tail } = keyset({ key, id: sql`o.id`, isDescending: sort.startsWith('-') }, page);
  const where = allOf([
    sql`o.instance_id = ${scope.instanceId} and o.state <> 'removed'`,
    ids === undefined ? undefined : sql`o.id = any(${ids}::text[])`,
    state === undefined ? undefined : sql`o.state = ${state}`,
    search === undefined || search === ''
      ? undefined
      : sql`(${contains(sql`o.name`, search)} or ${contains(sql`o.primary_domain`, search)})`,
    beyond,
  ]);
  const { rows } = await sql<
    OrganizationRecord & Sorted
  >`select ${columns}, ${key} as sort_key from organizations o where ${where} ${tail}`.execute(db);
  return rows;
}

/** Keeps other changes of an organization waiting. Resolves to it as it then is. */
export async function lockOrganization(change: Change, id: string): Promise<OrganizationRecord | undefined> {
  await sql`select id from organizations where instance_id = ${change.scope.instanceId} and id = ${id} for update`.execute(
    change.trx,
  );
  return await findOrganizationRecord(change.trx, change.scope, id);
}

/** What of a new organization another has already. Indexes decide between several at once. */
export async function findOrganizationClash(
  change: Change,
  wanted: { readonly name: string; readonly primaryDomain?: string; readonly exceptId?: string },
): Promise<'name' | 'domain' | undefined> {
  const { instanceId } = change.scope;
  const { name, primaryDomain, exceptId = '' } = wanted;
  const { rows } = await sql<{ isName: boolean }>`
    select canonical_name(o.name) = canonical_name(${name}) as is_name from organizations o
    where o.instance_id = ${instanceId} and o.state <> 'removed' and o.id <> ${exceptId}
      and (canonical_name(o.name) = canonical_name(${name}) or o.primary_domain = ${primaryDomain ?? ''}
        or exists (select from organization_domains d where d.instance_id = o.instance_id and d.organization_id = o.id
          and d.is_verified and d.domain = ${primaryDomain ?? ''}))
    order by is_name desc limit 1`.execute(change.trx);
  const [row] = rows;
  return row === undefined ? undefined : row.isName ? 'name' : 'domain';
}

/** Gives an organization another name. */
export async function renameOrganization(
  change: Change,
  before: OrganizationRecord,
  name: string,
): Promise<void> {
  if (before.name === name) return;
  await change.trx
    .updateTable('organizations')
    .set({ name })
    .where('instanceId', '=', change.scope.instanceId)
    .where('id', '=', before.id)
    .execute();
  await change.record({
    type: 'organization.changed',
    objectKind: 'organization',
    objectId: before.id,
    organizationId: before.id,
    detail: { from: { name: before.name }, to: { name } },
    reach: 'waking',
  });
}

/** What living things an organization holds. */
export async function listOrganizationDependents(change: Change, id: string): Promise<readonly Dependents[]> {
  const { instanceId } = change.scope;
  const { rows } = await sql<{ kind: string; count: number; names: string[] }>`
    select 'user' as kind, count(*)::int as count, (array_agg(login_name order by id))[1:5] as names
      from users where instance_id = ${instanceId} and organization_id = ${id} and state <> 'removed'
    union all
    select 'project', count(*)::int, (array_agg(name order by id))[1:5]
      from projects where instance_id = ${instanceId} and organization_id = ${id} and state <> 'removed'`.execute(
    change.trx,
  );
  return rows.filter(({ count }) => count > 0);
}

/** Forgets what hangs on an organization that is being removed: its domains become free, its managers none, and what was lent to it is taken back. */
export async function dropOrganizationParts(change: Change, id: string): Promise<void> {
  const { instanceId } = change.scope;
  const of = { instanceId, organizationId: id };
  const domains = await change.trx
    .selectFrom('organizationDomains')
    .select('domain')
    .where((where) => where.and(of))
    .execute();
  for (const { domain } of domains) await removeOrganizationDomain(change, { organizationId: id, domain });
  const managers = await change.trx
    .selectFrom('memberships')
    .select('userId')
    .where((where) => where.and({ instanceId, objectKind: 'organization', objectId: id }))
    .execute();
  for (const { userId } of managers)
    await removeMembership(change, { objectKind: 'organization', objectId: id, userId });
  const grants = await change.trx
    .selectFrom('projectGrants')
    .select(['id', 'projectId', 'organizationId'])
    .where((where) => where.and(of))
    .where('state', '<>', 'removed')
    .execute();
  for (const grant of grants) await removeProjectGrant(change, grant);
}
