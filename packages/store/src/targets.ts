import type { TargetFacts } from '@latchkey/protocol';
import { type Kysely, sql } from 'kysely';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/**
 * An active project of an active organization as the target of a token, by ID; `zitadel` names the project of the
 * management API.
 */
export async function findTarget(
  db: Kysely<Tables>,
  scope: Scope,
  name: string,
): Promise<TargetFacts | undefined> {
  const { rows } = await sql<TargetFacts>`
    select p.id, p.name, p.organization_id, o.name as organization_name, p.allowed_client_ids, p.allowed_organization_ids,
      p.is_open_to_third_parties, coalesce(p.id = i.management_project_id, false) as is_management,
      array(select g.organization_id from project_grants g where g.instance_id = p.instance_id and g.project_id = p.id
        and g.state = 'active') as granted_organization_ids
    from projects p
    join instances i on i.id = p.instance_id
    join organizations o on o.instance_id = p.instance_id and o.id = p.organization_id and o.state = 'active'
    where p.instance_id = ${scope.instanceId} and p.state = 'active'
      and p.id = case when ${name} = 'zitadel' then i.management_project_id else ${name} end`.execute(db);
  return rows[0];
}

/** Names in the lists of a project that nothing has. */
export interface UnknownAllowed {
  readonly clientIds: readonly string[];
  readonly organizationIds: readonly string[];
}

/** Which client IDs and organizations to be listed by a project do not exist. */
export async function findUnknownAllowed(
  db: Kysely<Tables>,
  scope: Scope,
  wanted: UnknownAllowed,
): Promise<UnknownAllowed> {
  const { rows } = await sql<UnknownAllowed>`select
    array(select c from unnest(${[...wanted.clientIds]}::text[]) as c where not exists (select from applications a
      where a.instance_id = ${scope.instanceId} and a.client_id = c and a.state <> 'removed')) as client_ids,
    array(select w from unnest(${[...wanted.organizationIds]}::text[]) as w where not exists (select from organizations o
      where o.instance_id = ${scope.instanceId} and o.id = w and o.state <> 'removed')) as organization_ids`.execute(
    db,
  );
  return rows[0] ?? wanted;
}
