import { z } from 'zod';
import { managerRoleName, membership } from './common-operations.ts';
import { id, pageOf, pageQuery, timestamp } from './fields.ts';
import type { Permission } from './manager-roles.ts';
import type { Operation, Target } from './operation.ts';
import { knownLoginName } from './user-schema.ts';

const tag = 'Managers';

/** Somebody who manages an object. */
export const manager = z.object({
  userId: id,
  loginName: z.string(),
  displayName: z.string(),
  userState: z.enum(['active', 'inactive', 'locked']),
  roles: z.array(managerRoleName),
  createdAt: timestamp,
});

const body = z.strictObject({
  roles: z
    .array(managerRoleName)
    .min(1, 'must hold a role; remove the manager to take all away')
    .max(20)
    .meta({ description: 'Exactly the roles the user has afterwards' }),
  loginName: knownLoginName,
});

function managing<
  const P extends { readonly read: Permission; readonly write: Permission },
  const T extends Target,
  S extends z.ZodRawShape,
  const R extends string,
  const O extends readonly 'last-owner'[],
>(of: {
  readonly what: string;
  readonly permissions: P;
  readonly target: T;
  readonly shape: S;
  readonly role: R;
  /** Where the last owner must stay. */
  readonly owner: O;
}) {
  const shared = { tag, target: of.target };
  const path = z.strictObject({ ...of.shape, userId: id });
  return {
    list: {
      ...shared,
      summary: `List the managers of ${of.what}`,
      permission: of.permissions.read,
      path: z.strictObject(of.shape),
      query: z.strictObject(pageQuery),
      response: pageOf(manager),
      status: 200,
      problems: ['not-found', 'cursor-invalid'],
    },
    set: {
      ...shared,
      freshness: 'recent',
      summary: `Give somebody manager roles for ${of.what}`,
      description:
        'In place of those they had there. You can give only what you can get yourself. A user you cannot read needs their exact `loginName`.',
      permission: of.permissions.write,
      actsOn: 'manager-roles',
      path,
      body,
      example: { roles: [of.role] },
      response: manager,
      status: 200,
      problems: ['not-found', 'invalid-input', 'forbidden', ...of.owner],
    },
    remove: {
      ...shared,
      freshness: 'recent',
      summary: `Take all manager roles for ${of.what} away`,
      permission: of.permissions.write,
      actsOn: 'manager-roles',
      path,
      status: 204,
      problems: ['not-found', 'forbidden', ...of.owner],
    },
  } as const;
}

const instance = managing({
  what: 'the instance',
  permissions: { read: 'instance.manager.read', write: 'instance.manager.write' },
  target: { kind: 'instance' },
  shape: {},
  role: 'IAM_OWNER_VIEWER',
  owner: ['last-owner'],
});
const organization = managing({
  what: 'an organization',
  permissions: { read: 'organization.manager.read', write: 'organization.manager.write' },
  target: { kind: 'object', object: 'organization', name: 'organizationId' },
  shape: { organizationId: id },
  role: 'ORG_OWNER_VIEWER',
  owner: ['last-owner'],
});
const project = managing({
  what: 'a project',
  permissions: { read: 'project.manager.read', write: 'project.manager.write' },
  target: { kind: 'object', object: 'project', name: 'projectId' },
  shape: { projectId: id },
  role: 'PROJECT_OWNER_VIEWER',
  owner: [],
});
const projectGrant = managing({
  what: 'a granted project',
  permissions: { read: 'project.grant.read', write: 'project.grant.write' },
  target: { kind: 'object', object: 'project-grant', name: 'grantId' },
  shape: { grantId: id },
  role: 'PROJECT_GRANT_OWNER_VIEWER',
  owner: [],
});

/** Operations about who manages what. */
export const managerOperations = {
  // The instance is always there.
  listInstanceManagers: { ...instance.list, problems: ['cursor-invalid'] },
  setInstanceManager: instance.set,
  removeInstanceManager: instance.remove,
  listOrganizationManagers: organization.list,
  setOrganizationManager: organization.set,
  removeOrganizationManager: organization.remove,
  listProjectManagers: project.list,
  setProjectManager: project.set,
  removeProjectManager: project.remove,
  listProjectGrantManagers: projectGrant.list,
  setProjectGrantManager: projectGrant.set,
  removeProjectGrantManager: projectGrant.remove,
  listMemberships: {
    tag,
    summary: 'List what a user manages',
    permission: 'user.read',
    self: 'allowed',
    target: { kind: 'object', object: 'user', name: 'userId' },
    path: z.strictObject({ userId: id }),
    response: z.object({ items: z.array(membership) }),
    status: 200,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
