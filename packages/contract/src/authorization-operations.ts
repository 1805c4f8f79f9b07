import { z } from 'zod';
import { givenId, id, pageOf, pageQuery, state, timestamp } from './fields.ts';
import type { Operation } from './operation.ts';
import { knownLoginName } from './user-schema.ts';

const tag = 'Authorizations';
const path = z.strictObject({ authorizationId: id });
const target = { kind: 'object', object: 'authorization', name: 'authorizationId' } as const;
const reading = { tag, permission: 'authorization.read', target } as const;
const writing = {
  tag,
  permission: 'authorization.write',
  target,
  actsOn: 'application-roles',
} as const;
const roleKeys = z
  .array(z.string().min(1).max(200))
  .max(100)
  .meta({ description: 'Keys of roles of the project, or of those it was granted with' });

/** A user's roles in a project. */
export const authorization = z.object({
  id,
  userId: id,
  userLoginName: z.string(),
  userDisplayName: z.string(),
  userOrganizationId: id,
  projectId: id,
  projectName: z.string(),
  organizationId: id.meta({ description: 'In whose name the roles are held' }),
  organizationName: z.string(),
  projectGrantId: id
    .nullable()
    .meta({ description: 'The grant it comes from, where the project is another organization’s' }),
  roleKeys: z.array(z.string()),
  state,
  createdAt: timestamp,
});

/** Operations about users' roles in projects. */
export const authorizationOperations = {
  listAuthorizations: {
    tag,
    summary: 'List authorizations',
    permission: 'authorization.read',
    target: { kind: 'reachable' },
    query: z.strictObject({
      ...pageQuery,
      userId: id.optional(),
      projectId: id.optional(),
      organizationId: id.optional(),
      roleKey: z.string().min(1).max(200).optional(),
      state: state.optional(),
      sort: z
        .enum(['createdAt', '-createdAt'])
        .default('createdAt')
        .meta({ description: 'A minus turns the order around' }),
    }),
    response: pageOf(authorization),
    status: 200,
    problems: ['cursor-invalid'],
  },
  createAuthorization: {
    tag,
    summary: 'Give a user roles in a project',
    description:
      'You need authorization.write for the project; or for the organization it was granted to, or for that grant, to give its roles to people of that organization. A user you cannot read needs their exact `loginName`.',
    permission: 'authorization.write',
    actsOn: 'application-roles',
    target: { kind: 'caller' },
    body: z.strictObject({
      id: givenId,
      userId: id,
      projectId: id,
      organizationId: id.optional().meta({
        description:
          'In whose name: the project’s organization, or one it was granted to; when left out the user’s',
      }),
      roleKeys: roleKeys.default([]),
      loginName: knownLoginName,
    }),
    example: { userId: '1', projectId: '1', roleKeys: [] },
    response: authorization,
    status: 201,
    problems: ['not-found', 'invalid-input', 'already-exists'],
  },
  getAuthorization: {
    ...reading,
    self: 'allowed',
    summary: 'Show an authorization',
    path,
    response: authorization,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateAuthorization: {
    ...writing,
    summary: 'Change the roles of an authorization',
    path,
    body: z.strictObject({ roleKeys: roleKeys.optional() }),
    example: { roleKeys: [] },
    response: authorization,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'stale-version'],
  },
  activateAuthorization: {
    ...writing,
    summary: 'Activate an authorization',
    path,
    response: authorization,
    status: 200,
    problems: ['not-found'],
  },
  deactivateAuthorization: {
    ...writing,
    summary: 'Deactivate an authorization',
    description: 'The roles do not count until it is activated again.',
    path,
    response: authorization,
    status: 200,
    problems: ['not-found'],
  },
  removeAuthorization: {
    ...writing,
    summary: 'Take the roles of an authorization away',
    path,
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;
