import { type ManagerRoleName, managerRoles } from '@latchkey/contract';
import { instancePermissions } from './access.ts';
import type { Handlers } from './call.ts';

/** Operations about the caller and the model. */
export const commonHandlers: Handlers<'getMe' | 'listManagerRoles'> = {
  getMe: async ({ caller }) => {
    const { user, organization } = caller.subject;
    return {
      userId: user.id,
      organizationId: organization.id,
      organizationName: organization.name,
      loginName: user.loginName,
      displayName: user.displayName,
      memberships: caller.memberships.map(({ objectKind, objectId, roles, createdAtMs }) => ({
        objectKind,
        objectId,
        // cast: roles this version does not know are left out
        roles: roles.filter((role): role is ManagerRoleName => Object.hasOwn(managerRoles, role)),
        createdAt: new Date(createdAtMs).toISOString(),
      })),
      instancePermissions: [...instancePermissions(caller.memberships)],
    };
  },
  listManagerRoles: async () => ({
    items: Object.entries(managerRoles).map(([role, { level, description, permissions }]) => ({
      role: role as ManagerRoleName, // cast: an entry of a constant object has one of its keys
      level,
      description,
      permissions: [...permissions],
    })),
  }),
};
