import { z } from 'zod';
import { id, name, timestamp } from './fields.ts';
import { type ManagerRoleName, managerRoles, permissions } from './manager-roles.ts';
import type { Operation } from './operation.ts';

// cast: Object.keys of a constant object gives its keys
const roleNames = Object.keys(managerRoles) as [ManagerRoleName, ...ManagerRoleName[]];

/** The name of a manager role. */
export const managerRoleName = z.enum(roleNames);

/** What somebody manages. */
export const membership = z.object({
  objectKind: z.enum(['instance', 'organization', 'project', 'project-grant']),
  objectId: id,
  objectName: z.string().optional(),
  roles: z.array(managerRoleName),
  createdAt: timestamp,
});

const me = z.object({
  userId: id,
  organizationId: id,
  organizationName: z.string(),
  loginName: z.string(),
  displayName: z.string(),
  memberships: z.array(membership),
  /** Permissions held for the whole instance. */
  instancePermissions: z.array(z.enum(permissions)),
});

/** Operations about the caller and the model itself. */
export const commonOperations = {
  getMe: {
    tag: 'Caller',
    summary: 'Show who you are and what you manage',
    permission: 'any',
    target: { kind: 'caller' },
    response: me,
    status: 200,
    problems: [],
  },
  listManagerRoles: {
    tag: 'Caller',
    summary: 'List the manager roles and what each allows',
    permission: 'any',
    target: { kind: 'caller' },
    response: z.object({
      items: z.array(
        z.object({
          role: managerRoleName,
          level: z.enum(['instance', 'organization', 'project', 'project-grant']),
          description: name,
          permissions: z.array(z.enum(permissions)),
        }),
      ),
    }),
    status: 200,
    problems: [],
  },
} as const satisfies Readonly<Record<string, Operation>>;
