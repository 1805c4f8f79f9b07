import { type Kysely, sql } from 'kysely';
import type { Membership } from './memberships.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A user's manager roles for an object, with every object whose managers also manage it. */
export interface PlacedMembership extends Pick<Membership, 'objectKind' | 'objectId' | 'userId' | 'roles'> {
  readonly coverage: readonly { readonly kind: Membership['objectKind']; readonly id: string }[];
}

interface PlacedRow extends Pick<Membership, 'objectKind' | 'objectId' | 'userId' | 'roles'> {
  readonly organizationId: string | null;
  readonly projectId: string | null;
  readonly borrowerId: string | null;
}

function coverageOf(row: PlacedRow): PlacedMembership['coverage'] {
  const of = (kind: Membership['objectKind'], id: string | null) => (id === null ? [] : [{ kind, id }]);
  return [
    ...of('organization', row.organizationId),
    // Managers of the organization that borrows a project give the roles of the grant too.
    ...of('organization', row.borrowerId),
    ...of('project', row.projectId),
    ...of('project-grant', row.objectKind === 'project-grant' ? row.objectId : null),
  ];
}

/**
 * The manager roles of a user, or of every user of an organization, each with what covers it. Roles for removed objects
 * are left out.
 */
export async function listPlacedMemberships(
  db: Kysely<Tables>,
  scope: Scope,
  of: { readonly userId: string } | { readonly organizationId: string },
): Promise<readonly PlacedMembership[]> {
  const { instanceId } = scope;
  const whose =
    'userId' in of
      ? sql`m.user_id = ${of.userId}`
      : sql`m.user_id in (select id from users where instance_id = ${instanceId}
          and organization_id = ${of.organizationId} and state <> 'removed')`;
  // One row a membership whose object is still there.
  const { rows } = await sql<PlacedRow>`
    select m.user_id, m.object_kind, m.object_id, m.roles, coalesce(o.id, p.organization_id) as organization_id,
      p.id as project_id, g.organization_id as borrower_id
    from memberships m
    left join organizations o on m.object_kind = 'organization' and o.instance_id = m.instance_id
      and o.id = m.object_id and o.state <> 'removed'
    left join project_grants g on m.object_kind = 'project-grant' and g.instance_id = m.instance_id
      and g.id = m.object_id and g.state <> 'removed'
    left join projects p on m.object_kind in ('project', 'project-grant') and p.instance_id = m.instance_id
      and p.id = case when m.object_kind = 'project' then m.object_id else g.project_id end and p.state <> 'removed'
    where m.instance_id = ${instanceId} and ${whose}
      and (m.object_kind = 'instance' or o.id is not null or p.id is not null)`.execute(db);
  return rows.map((row) => {
    const { userId, objectKind, objectId, roles } = row;
    return { userId, objectKind, objectId, roles, coverage: coverageOf(row) };
  });
}
