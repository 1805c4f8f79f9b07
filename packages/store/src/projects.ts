import type { Kysely } from 'kysely';
import type { Change } from './change.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** What a new project is made of. */
export interface NewProject {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly roleAssertion?: boolean;
  readonly roleCheck?: boolean;
  readonly hasProjectCheck?: boolean;
  readonly roles?: readonly {
    readonly key: string;
    readonly displayName: string;
    readonly groupName?: string;
  }[];
}

/** A new project with its roles. */
export async function insertProject(change: Change, input: NewProject): Promise<void> {
  const { instanceId } = change.scope;
  const { roles = [], ...project } = input;
  await change.trx
    .insertInto('projects')
    .values({ instanceId, ...project, createdAtMs: change.nowMs })
    .execute();
  if (roles.length > 0) {
    await change.trx
      .insertInto('roles')
      .values(
        roles.map((role) => ({
          instanceId,
          projectId: input.id,
          key: role.key,
          displayName: role.displayName,
          groupName: role.groupName ?? null,
        })),
      )
      .execute();
  }
  await change.record({
    type: 'project.created',
    objectKind: 'project',
    objectId: input.id,
    organizationId: input.organizationId,
    detail: { name: input.name, roles: roles.map((role) => role.key) },
    reach: 'waking',
  });
}

/** Which of some project ids exist in the instance and are active. */
export async function listExistingProjectIds(
  db: Kysely<Tables>,
  scope: Scope,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('projects')
    .select('id')
    .where('instanceId', '=', scope.instanceId)
    .where('id', 'in', [...ids])
    .where('state', '=', 'active')
    .execute();
  return rows.map((row) => row.id);
}
