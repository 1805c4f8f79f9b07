import { type Kysely, sql } from 'kysely';
import type { ManagedKind } from './memberships.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Kinds of objects that can be named by id alone. */
export type PlaceKind =
  | 'organization'
  | 'project'
  | 'project-grant'
  | 'application'
  | 'user'
  | 'session'
  | 'authorization';

/** Where an object stands: whose it is, and whose managers reach it. */
export interface Place {
  readonly kind: PlaceKind;
  readonly id: string;
  /** The organization it belongs to. */
  readonly organizationId: string;
  /** The project it belongs to, where it does. */
  readonly projectId: string | null;
  /** Whom it is about: a user themselves, or the user of a session or authorization. */
  readonly userId: string | null;
  /** Whether the user of a user or session holds manager roles; others are not asked. */
  readonly userHoldsRoles: boolean;
  /** What somebody may manage to reach it, besides the instance. */
  readonly coverage: readonly { readonly kind: ManagedKind; readonly id: string }[];
}

interface PlaceRow {
  organizationId: string;
  projectId: string | null;
  userId: string | null;
  projectOrganizationId: string | null;
  grantId: string | null;
  userHoldsRoles?: boolean;
}

const holdsRoles = sql`exists (select from memberships m where m.instance_id = u.instance_id and m.user_id = u.id)
  as user_holds_roles`;

// One row each, or none: what was removed is nowhere. Every look-up carries the instance.
const statements = {
  organization: (instanceId: string, id: string) => sql<PlaceRow>`
    select id as organization_id, null as project_id, null as user_id, null as project_organization_id, null as grant_id
    from organizations where instance_id = ${instanceId} and id = ${id} and state <> 'removed'`,
  project: (instanceId: string, id: string) => sql<PlaceRow>`
    select organization_id, id as project_id, null as user_id, null as project_organization_id, null as grant_id
    from projects where instance_id = ${instanceId} and id = ${id} and state <> 'removed'`,
  'project-grant': (instanceId: string, id: string) => sql<PlaceRow>`
    select p.organization_id, p.id as project_id, null as user_id, null as project_organization_id, g.id as grant_id
    from project_grants g join projects p on p.instance_id = g.instance_id and p.id = g.project_id
    where g.instance_id = ${instanceId} and g.id = ${id} and g.state <> 'removed' and p.state <> 'removed'`,
  application: (instanceId: string, id: string) => sql<PlaceRow>`
    select organization_id, project_id, null as user_id, null as project_organization_id, null as grant_id
    from applications where instance_id = ${instanceId} and id = ${id} and state <> 'removed'`,
  user: (instanceId: string, id: string) => sql<PlaceRow>`
    select u.organization_id, null as project_id, u.id as user_id, null as project_organization_id, null as grant_id,
      ${holdsRoles}
    from users u where u.instance_id = ${instanceId} and u.id = ${id} and u.state <> 'removed'`,
  session: (instanceId: string, id: string) => sql<PlaceRow>`
    select u.organization_id, null as project_id, u.id as user_id, null as project_organization_id, null as grant_id,
      ${holdsRoles}
    from sessions s join users u on u.instance_id = s.instance_id and u.id = s.user_id
    where s.instance_id = ${instanceId} and s.id = ${id}`,
  authorization: (instanceId: string, id: string) => sql<PlaceRow>`
    select a.organization_id, a.project_id, a.user_id, p.organization_id as project_organization_id, a.project_grant_id as grant_id
    from authorizations a join projects p on p.instance_id = a.instance_id and p.id = a.project_id
    where a.instance_id = ${instanceId} and a.id = ${id} and a.state <> 'removed'`,
} as const satisfies Record<PlaceKind, unknown>;

function coverageOf(row: PlaceRow): Place['coverage'] {
  const of = (kind: ManagedKind, id: string | null) => (id === null ? [] : [{ kind, id }]);
  return [
    ...of('organization', row.organizationId),
    ...of('organization', row.projectOrganizationId),
    ...of('project', row.projectId),
    ...of('project-grant', row.grantId),
  ];
}

/** Where an object of the instance stands; `undefined` when there is none, or it was removed. */
export async function findPlace(
  db: Kysely<Tables>,
  scope: Scope,
  kind: PlaceKind,
  id: string,
): Promise<Place | undefined> {
  const { rows } = await statements[kind](scope.instanceId, id).execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { organizationId, projectId, userId, userHoldsRoles = false } = row;
  return { kind, id, organizationId, projectId, userId, userHoldsRoles, coverage: coverageOf(row) };
}
