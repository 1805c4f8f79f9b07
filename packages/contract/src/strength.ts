import {
  type ManagedLevel,
  type Permission,
  permissions,
  permissionsOf,
  reachablePermissionsOf,
} from './manager-roles.ts';

/** Manager roles that a user holds for one object. */
export interface HeldRoles {
  readonly objectKind: ManagedLevel;
  readonly objectId: string;
  readonly roles: readonly string[];
}

/** Held roles with every object whose managers also manage it, itself included; empty for the instance. */
export interface PlacedRoles extends HeldRoles {
  readonly coverage: readonly { readonly kind: ManagedLevel; readonly id: string }[];
}

/** The user who acts. */
export interface ActingUser {
  readonly userId: string;
  readonly organizationId: string;
  readonly held: readonly HeldRoles[];
  /** Whether the instance allows impersonation: only then an impersonator role makes its holder stronger. */
  readonly impersonation: 'on' | 'off';
}

/** Why a user may not act on another: a permission that the other has, or can get, and the acting user cannot. */
export interface StrengthRefusal {
  readonly kind: 'stronger';
  readonly permission: Permission;
}

function reaches({ objectKind, objectId }: HeldRoles, { coverage }: Pick<PlacedRoles, 'coverage'>): boolean {
  return objectKind === 'instance' || coverage.some(({ kind, id }) => kind === objectKind && id === objectId);
}

/** What held roles give the acting user: an organization's impersonator acts only as people of their own organization. */
function usablePermissions(acting: ActingUser, held: HeldRoles): readonly Permission[] {
  const isImpersonator =
    acting.impersonation === 'on' &&
    (held.objectKind === 'instance' || held.objectId === acting.organizationId);
  return held.roles.flatMap(isImpersonator ? reachablePermissionsOf : permissionsOf);
}

/**
 * Whether the acting user can get every permission everywhere in the instance, so that nobody is stronger whatever roles
 * they hold.
 */
export function isStrongest(acting: ActingUser): boolean {
  const own = new Set(
    acting.held
      .filter(({ objectKind }) => objectKind === 'instance')
      .flatMap((held) => usablePermissions(acting, held)),
  );
  return permissions.every((permission) => own.has(permission));
}

/**
 * The first permission that roles give or lead to where the acting user cannot get it; `undefined` when the acting user is
 * at least as strong. Equal strength is enough.
 */
export function findExcess(acting: ActingUser, roles: readonly PlacedRoles[]): Permission | undefined {
  for (const each of roles) {
    const own = new Set(
      acting.held.filter((held) => reaches(held, each)).flatMap((held) => usablePermissions(acting, held)),
    );
    const excess = each.roles.flatMap(reachablePermissionsOf).find((permission) => !own.has(permission));
    if (excess !== undefined) return excess;
  }
  return undefined;
}

/**
 * Whether a user may act on another: change their account, credentials, sessions, consents or state. `undefined` means
 * yes. Everybody may act on themselves; on others only who is at least as strong, place by place.
 */
export function mayActOn(
  acting: ActingUser,
  other: { readonly userId: string; readonly held: readonly PlacedRoles[] },
): StrengthRefusal | undefined {
  if (acting.userId === other.userId) return undefined;
  const permission = findExcess(acting, other.held);
  return permission === undefined ? undefined : { kind: 'stronger', permission };
}

/** Whether roles give or lead to something outside an organization. */
export function managesOutside(organizationId: string, roles: readonly PlacedRoles[]): boolean {
  return roles.some(
    ({ roles: names, coverage }) =>
      names.length > 0 && !coverage.some(({ kind, id }) => kind === 'organization' && id === organizationId),
  );
}
