/** What somebody may be allowed to do. `read` of a kind lets them see it, `write` change it. */
export const permissions = [
  'instance.read',
  'instance.write',
  'instance.manager.read',
  'instance.manager.write',
  'event.read',
  'organization.read',
  'organization.write',
  'organization.create',
  'organization.remove',
  'organization.manager.read',
  'organization.manager.write',
  'settings.read',
  'settings.write',
  'project.read',
  'project.write',
  'project.create',
  'project.remove',
  'project.manager.read',
  'project.manager.write',
  'project.grant.read',
  'project.grant.write',
  'application.read',
  'application.write',
  'user.read',
  'user.write',
  'user.remove',
  'user.credential.write',
  'session.read',
  'session.end',
  'authorization.read',
  'authorization.write',
] as const;

/** A permission. */
export type Permission = (typeof permissions)[number];

/** What a manager role is held for. */
export type ManagedLevel = 'instance' | 'organization' | 'project' | 'project-grant';

/** A manager role: what it is held for, and what it allows there and below. */
export interface ManagerRole {
  readonly level: ManagedLevel;
  readonly description: string;
  readonly permissions: readonly Permission[];
  /** What the role leads to besides, by acting as others; it counts wherever strength is compared. */
  readonly leadsTo?: readonly Permission[];
}

const all = permissions;
const reading = permissions.filter((permission) => permission.endsWith('.read'));
const isOfInstance = (permission: Permission): boolean => permission.startsWith('instance.');
const organizationAll = all.filter((each) => !isOfInstance(each) && each !== 'organization.create');
const organizationReading = reading.filter((each) => !isOfInstance(each));
const users = [
  'user.read',
  'user.write',
  'user.remove',
  'user.credential.write',
  'session.read',
  'session.end',
] as const;
const projectAll = [
  'project.read',
  'project.write',
  'project.remove',
  'project.manager.read',
  'project.manager.write',
  'project.grant.read',
  'project.grant.write',
  'application.read',
  'application.write',
  'authorization.read',
  'authorization.write',
] as const satisfies readonly Permission[];
const projectReading = projectAll.filter((each) => each.endsWith('.read'));

/**
 * The dialect's manager roles and what each allows. A role held for an object counts for everything below it: instance >
 * organization > project; users and settings belong to their organization.
 */
export const managerRoles = {
  IAM_OWNER: { level: 'instance', description: 'Everything in the instance', permissions: all },
  IAM_OWNER_VIEWER: {
    level: 'instance',
    description: 'Sees everything in the instance',
    permissions: reading,
  },
  IAM_ORG_MANAGER: {
    level: 'instance',
    description: 'Makes and manages organizations with all they hold',
    permissions: [...organizationAll, 'organization.create', 'instance.read'],
  },
  IAM_USER_MANAGER: {
    level: 'instance',
    description: 'Manages the users of all organizations and their authorizations',
    permissions: [
      ...users,
      'organization.read',
      'project.read',
      'authorization.read',
      'authorization.write',
      'instance.read',
    ],
  },
  IAM_ADMIN_IMPERSONATOR: {
    level: 'instance',
    description: 'May act as anybody',
    permissions: [],
    leadsTo: all,
  },
  IAM_END_USER_IMPERSONATOR: {
    level: 'instance',
    description: 'May act as people who manage nothing',
    permissions: [],
    leadsTo: ['user.credential.write'],
  },
  IAM_LOGIN_CLIENT: {
    level: 'instance',
    description: 'A sign-in page of one’s own: reads users and settings, ends sessions',
    permissions: [
      'user.read',
      'session.read',
      'session.end',
      'settings.read',
      'organization.read',
      'instance.read',
    ],
  },
  ORG_OWNER: {
    level: 'organization',
    description: 'Everything in the organization',
    permissions: organizationAll,
  },
  ORG_OWNER_VIEWER: {
    level: 'organization',
    description: 'Sees everything in the organization',
    permissions: organizationReading,
  },
  ORG_USER_MANAGER: {
    level: 'organization',
    description: 'Manages the people and machines of the organization and their authorizations',
    permissions: [...users, 'organization.read', 'project.read', 'authorization.read', 'authorization.write'],
  },
  ORG_SETTINGS_MANAGER: {
    level: 'organization',
    description: 'Changes the settings of the organization',
    permissions: ['organization.read', 'organization.write', 'settings.read', 'settings.write'],
  },
  ORG_USER_PERMISSION_EDITOR: {
    level: 'organization',
    description: 'Gives and takes authorizations',
    permissions: [
      'organization.read',
      'user.read',
      'project.read',
      'authorization.read',
      'authorization.write',
    ],
  },
  ORG_PROJECT_PERMISSION_EDITOR: {
    level: 'organization',
    description: 'Grants projects to other organizations',
    permissions: [
      'organization.read',
      'project.read',
      'project.grant.read',
      'project.grant.write',
      'authorization.read',
      'authorization.write',
    ],
  },
  ORG_PROJECT_CREATOR: {
    level: 'organization',
    description: 'Makes projects, and owns those they made',
    permissions: ['organization.read', 'project.create'],
  },
  ORG_ADMIN_IMPERSONATOR: {
    level: 'organization',
    description: 'May act as people of the organization who manage nothing outside it',
    permissions: [],
    leadsTo: organizationAll,
  },
  ORG_END_USER_IMPERSONATOR: {
    level: 'organization',
    description: 'May act as people of the organization who manage nothing',
    permissions: [],
    leadsTo: ['user.credential.write'],
  },
  PROJECT_OWNER: { level: 'project', description: 'Everything in the project', permissions: projectAll },
  PROJECT_OWNER_VIEWER: {
    level: 'project',
    description: 'Sees everything in the project',
    permissions: projectReading,
  },
  PROJECT_GRANT_OWNER: {
    level: 'project-grant',
    description: 'Gives roles of a granted project to people of the own organization',
    permissions: ['project.read', 'project.grant.read', 'authorization.read', 'authorization.write'],
  },
  PROJECT_GRANT_OWNER_VIEWER: {
    level: 'project-grant',
    description: 'Sees a granted project and who has roles in it',
    permissions: ['project.read', 'project.grant.read', 'authorization.read'],
  },
} as const satisfies Readonly<Record<string, ManagerRole>>;

/** The name of a manager role. */
export type ManagerRoleName = keyof typeof managerRoles;

/** The roles that own what they are held for; the last of them cannot be taken away. */
export const ownerRoles = { instance: 'IAM_OWNER', organization: 'ORG_OWNER' } as const;

/** What a role allows; nothing for a name that is none. */
export function permissionsOf(role: string): readonly Permission[] {
  return Object.hasOwn(managerRoles, role) ? managerRoles[role as ManagerRoleName].permissions : []; // cast: hasOwn has just shown that it is one of the names
}

/** What a role allows and what it leads to by acting as others; nothing for a name that is none. */
export function reachablePermissionsOf(role: string): readonly Permission[] {
  if (!Object.hasOwn(managerRoles, role)) return [];
  const { permissions, leadsTo = [] }: ManagerRole = managerRoles[role as ManagerRoleName]; // cast: hasOwn has just shown that it is one of the names
  return [...permissions, ...leadsTo];
}
