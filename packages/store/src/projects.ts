import type { Change } from './change.ts';

/** What a new project is made of. */
export interface NewProject {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly roleAssertion?: boolean;
  readonly roleCheck?: boolean;
  readonly hasProjectCheck?: boolean;
  readonly allowedClientIds?: readonly string[];
  readonly allowedOrganizationIds?: readonly string[];
  readonly isOpenToThirdParties?: boolean;
  readonly roles?: readonly {
    readonly key: string;
    readonly displayName: string;
    readonly groupName?: string;
  }[];
}

/** A new project with its roles. */
export async function insertProject(change: Change, input: NewProject): Promise<void> {
  const { instanceId } = change.scope;
  const { roles = [], allowedClientIds = [], allowedOrganizationIds = [], ...project } = input;
  await change.trx
    .insertInto('projects')
    .values({
      instanceId,
      ...project,
      allowedClientIds: [...allowedClientIds],
      allowedOrganizationIds: [...allowedOrganizationIds],
      createdAtMs: change.nowMs,
    })
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
    detail: {
      name: input.name,
      roles: roles.map((role) => role.key),
      ...(allowedClientIds.length === 0 ? {} : { allowedClientIds }),
      ...(allowedOrganizationIds.length === 0 ? {} : { allowedOrganizationIds }),
      ...(input.isOpenToThirdParties === true ? { isOpenToThirdParties: true } : {}),
    },
    reach: 'waking',
  });
}
