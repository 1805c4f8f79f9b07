import { type ManagerRoleName, managerRoles } from '@latchkey/contract';

/** Where everything of a history stands. Written without the product's rules, so that it can contradict them. */
export interface ObjectMap {
  readonly instanceId: string;
  readonly organizationIds: readonly string[];
  /** Project to organization. */
  readonly projects: Readonly<Record<string, string>>;
  /** Grant to its project and the organization that borrows it. */
  readonly grants: Readonly<Record<string, { readonly projectId: string; readonly borrowerId: string }>>;
}

/** Manager roles somebody holds for one object. */
export interface Held {
  readonly objectKind: string;
  readonly objectId: string;
  readonly roles: readonly string[];
}

/** Every place below an object, itself included. */
function placesUnder(map: ObjectMap, { objectKind, objectId }: Held): readonly string[] {
  const projectsOf = (organizationId: string) =>
    Object.keys(map.projects).filter((id) => map.projects[id] === organizationId);
  const grantsOf = (projectIds: readonly string[], borrowerId?: string) =>
    Object.keys(map.grants).filter((id) => {
      const grant = map.grants[id];
      return grant !== undefined && (projectIds.includes(grant.projectId) || grant.borrowerId === borrowerId);
    });
  switch (objectKind) {
    case 'instance':
      return ['instance', ...map.organizationIds, ...Object.keys(map.projects), ...Object.keys(map.grants)];
    case 'organization': {
      const projects = projectsOf(objectId);
      return [objectId, ...projects, ...grantsOf(projects, objectId)];
    }
    case 'project':
      return [objectId, ...grantsOf([objectId])];
    default:
      return [objectId];
  }
}

// What somebody becomes who acts as everybody they may act as.
const becomes: Readonly<Record<string, readonly string[]>> = {
  IAM_ADMIN_IMPERSONATOR: managerRoles.IAM_OWNER.permissions,
  ORG_ADMIN_IMPERSONATOR: managerRoles.ORG_OWNER.permissions,
  IAM_END_USER_IMPERSONATOR: ['user.credential.write'],
  ORG_END_USER_IMPERSONATOR: ['user.credential.write'],
};

function permissionsOf(role: string): readonly string[] {
  const known = managerRoles[role as ManagerRoleName] as { permissions: readonly string[] } | undefined; // cast: unknown roles give nothing
  return [...(known?.permissions ?? []), ...(becomes[role] ?? [])];
}

/**
 * Everything that roles allow or lead to, a word for each permission and place. With the home of whoever uses them, an
 * organization's impersonator role counts only there.
 */
export function powersOf(map: ObjectMap, held: readonly Held[], home?: string): ReadonlySet<string> {
  return new Set(
    held.flatMap((each) => {
      const isFarAway = home !== undefined && each.objectKind === 'organization' && each.objectId !== home;
      const roles = each.roles.filter((role) => !(isFarAway && role.endsWith('_IMPERSONATOR')));
      return placesUnder(map, each).flatMap((place) =>
        roles.flatMap((role) => permissionsOf(role).map((permission) => `${permission}@${place}`)),
      );
    }),
  );
}

/** The map with something more on it that an operation made; the same map after an operation that made nothing. */
export function mapWith(
  map: ObjectMap,
  operation: string,
  made: Readonly<Record<string, unknown>>,
): ObjectMap {
  const [id, organizationId, projectId] = [made.id, made.organizationId, made.projectId].map(String);
  if (id === undefined || organizationId === undefined || projectId === undefined) return map;
  if (operation === 'createOrganization') return { ...map, organizationIds: [...map.organizationIds, id] };
  if (operation === 'createProject') return { ...map, projects: { ...map.projects, [id]: organizationId } };
  if (operation !== 'createProjectGrant') return map;
  return { ...map, grants: { ...map.grants, [id]: { projectId, borrowerId: organizationId } } };
}

/** The powers that concern an object the map had. What a history makes belongs to whoever made it. */
export function powersAtOld(map: ObjectMap, powers: ReadonlySet<string>): ReadonlySet<string> {
  const old = new Set([
    ...['instance', ...map.organizationIds],
    ...Object.keys(map.projects),
    ...Object.keys(map.grants),
  ]);
  return new Set([...powers].filter((power) => old.has(power.slice(power.indexOf('@') + 1))));
}

/** The first thing one set has and the other lacks. */
export function lackingIn(strong: ReadonlySet<string>, weak: ReadonlySet<string>): string | undefined {
  return [...weak].find((each) => !strong.has(each));
}
