import { z } from 'zod';
import { flag, givenId, id, name, pageOf, pageQuery, state } from './fields.ts';
import type { Operation } from './operation.ts';
import {
  grantedProject,
  newRole,
  project,
  projectAudience,
  projectGrant,
  projectSettings,
  role,
  roleChange,
  roleKey,
  roleKeys,
} from './project-schema.ts';

const tag = 'Projects';
const path = z.strictObject({ projectId: id });
const target = { kind: 'object', object: 'project', name: 'projectId' } as const;
const writing = { tag, permission: 'project.write', target } as const;
const search = z.string().trim().max(200).optional();
const sort = z.enum(['createdAt', '-createdAt', 'name', '-name']).default('createdAt').meta({
  description: 'A minus turns the order around',
});
const cascade = z.strictObject({
  cascade: flag.default(false).meta({ description: 'Remove what depends on it as well' }),
});

const main = {
  listProjects: {
    tag,
    summary: 'List projects',
    permission: 'project.read',
    target: { kind: 'reachable' },
    query: z.strictObject({
      ...pageQuery,
      organizationId: id.optional(),
      state: state.optional(),
      search: search.meta({ description: 'Part of the name' }),
      sort,
    }),
    response: pageOf(project),
    status: 200,
    problems: ['cursor-invalid'],
  },
  createProject: {
    tag,
    summary: 'Create a project',
    description:
      'Whoever may create projects but not manage those of the organization becomes PROJECT_OWNER of it.',
    permission: 'project.create',
    target: {
      kind: 'parent',
      object: 'organization',
      name: 'organizationId',
      otherwise: 'own-organization',
    },
    body: z.strictObject({
      id: givenId,
      organizationId: id.optional().meta({ description: 'Your own when left out' }),
      name,
      ...z.object({ ...projectSettings, ...projectAudience }).partial().shape,
      roles: z.array(newRole).max(500).optional(),
    }),
    example: { name: 'Shop', roles: [{ key: 'editor', displayName: 'Editor' }] },
    response: project,
    status: 201,
    problems: ['not-found', 'invalid-input', 'already-exists'],
  },
  getProject: {
    tag,
    summary: 'Show a project',
    permission: 'project.read',
    target,
    path,
    response: project,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateProject: {
    ...writing,
    freshness: { recentExceptFor: ['name', 'roleAssertion'] },
    summary: 'Change a project',
    path,
    body: z.strictObject({ name, ...projectSettings, ...projectAudience }).partial(),
    example: { name: 'Shop' },
    response: project,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict', 'stale-version'],
  },
  activateProject: {
    ...writing,
    summary: 'Activate a project',
    path,
    response: project,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  deactivateProject: {
    ...writing,
    summary: 'Deactivate a project',
    description: 'Nobody signs in to its applications any more and their tokens end at once.',
    path,
    response: project,
    status: 200,
    problems: ['not-found', 'conflict'],
  },
  removeProject: {
    tag,
    freshness: 'recent',
    summary: 'Remove a project',
    description:
      'For good. While it has applications, grants or authorizations they are listed as `dependents`; `cascade` removes them too.',
    permission: 'project.remove',
    target,
    path,
    query: cascade,
    status: 204,
    problems: ['not-found', 'has-dependents', 'conflict'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const roles = {
  listRoles: {
    tag,
    summary: 'List the roles of a project',
    permission: 'project.read',
    target,
    path,
    query: z.strictObject({
      ...pageQuery,
      search: search.meta({ description: 'Part of the key, display name or group' }),
    }),
    response: pageOf(role),
    status: 200,
    problems: ['not-found', 'cursor-invalid'],
  },
  createRole: {
    ...writing,
    summary: 'Add a role to a project',
    path,
    body: newRole,
    example: { key: 'editor', displayName: 'Editor' },
    response: role,
    status: 201,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict'],
  },
  updateRole: {
    ...writing,
    summary: 'Rename a role or move it to another group',
    path: path.extend({ roleKey }),
    body: roleChange,
    example: { displayName: 'Editor' },
    response: role,
    status: 200,
    problems: ['not-found', 'invalid-input'],
  },
  removeRole: {
    ...writing,
    freshness: 'recent',
    summary: 'Remove a role',
    description: 'Everybody who has it loses it at once, and so does every organization it was granted to.',
    path: path.extend({ roleKey }),
    status: 204,
    problems: ['not-found'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

const grantPath = path.extend({ grantId: id });
const grantTarget = { kind: 'object', object: 'project-grant', name: 'grantId' } as const;
const granting = { tag, permission: 'project.grant.write', target: grantTarget } as const;

const grants = {
  listProjectGrants: {
    tag,
    summary: 'List the organizations a project is granted to',
    permission: 'project.grant.read',
    target,
    path,
    query: z.strictObject({
      ...pageQuery,
      state: state.optional(),
      organizationId: id.optional().meta({ description: 'Granted to this organization' }),
    }),
    response: pageOf(projectGrant),
    status: 200,
    problems: ['not-found', 'cursor-invalid'],
  },
  createProjectGrant: {
    tag,
    freshness: 'recent',
    summary: 'Grant a project to another organization',
    description: 'Its managers may then give these roles to their own users.',
    permission: 'project.grant.write',
    target,
    path,
    body: z.strictObject({ id: givenId, organizationId: id, roleKeys: roleKeys.default([]) }),
    example: { organizationId: '1', roleKeys: [] },
    response: projectGrant,
    status: 201,
    problems: ['not-found', 'invalid-input', 'already-exists', 'conflict'],
  },
  getProjectGrant: {
    tag,
    summary: 'Show a project grant',
    permission: 'project.grant.read',
    target: grantTarget,
    path: grantPath,
    response: projectGrant,
    status: 200,
    versioned: true,
    problems: ['not-found'],
  },
  updateProjectGrant: {
    ...granting,
    freshness: 'recent',
    summary: 'Change the roles of a project grant',
    description: 'Roles taken out are taken from everybody who has them through the grant.',
    path: grantPath,
    body: z.strictObject({ roleKeys }),
    example: { roleKeys: [] },
    response: projectGrant,
    status: 200,
    versioned: true,
    problems: ['not-found', 'invalid-input', 'stale-version'],
  },
  activateProjectGrant: {
    ...granting,
    summary: 'Activate a project grant',
    path: grantPath,
    response: projectGrant,
    status: 200,
    problems: ['not-found'],
  },
  deactivateProjectGrant: {
    ...granting,
    summary: 'Deactivate a project grant',
    description: 'Nobody has roles through it until it is activated again.',
    path: grantPath,
    response: projectGrant,
    status: 200,
    problems: ['not-found'],
  },
  removeProjectGrant: {
    ...granting,
    freshness: 'recent',
    summary: 'Take a project grant back',
    description:
      'While users have authorizations through it they are counted as `dependents`; `cascade` removes them too.',
    path: grantPath,
    query: cascade,
    status: 204,
    problems: ['not-found', 'has-dependents'],
  },
  listGrantedProjects: {
    tag,
    summary: 'List the projects granted to an organization',
    permission: 'project.grant.read',
    target: { kind: 'object', object: 'organization', name: 'organizationId' },
    path: z.strictObject({ organizationId: id }),
    query: z.strictObject({ ...pageQuery, state: state.optional() }),
    response: pageOf(grantedProject),
    status: 200,
    problems: ['not-found', 'cursor-invalid'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** Operations about projects, their roles and whom they are granted to. */
export const projectOperations = { ...main, ...roles, ...grants } as const;
