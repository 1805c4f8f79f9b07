import { type ManagedLevel, type Permission, permissionsOf } from '@latchkey/contract';
import type { Membership, Place } from '@latchkey/store';

/** What a caller may see of a list: everything of the instance, or what belongs to some objects. */
export type Reach =
  | { readonly kind: 'instance' }
  | {
      readonly kind: 'some';
      readonly organizationIds: readonly string[];
      readonly projectIds: readonly string[];
      readonly projectGrantIds: readonly string[];
    };

function allows(membership: Membership, permission: Permission): boolean {
  return membership.roles.some((role) => permissionsOf(role).includes(permission));
}

function covers(membership: Membership, place: Place | 'instance'): boolean {
  if (membership.objectKind === 'instance') return true;
  if (place === 'instance') return false;
  return place.coverage.some(({ kind, id }) => kind === membership.objectKind && id === membership.objectId);
}

/** Whether somebody's manager roles allow something at a place. */
export function isAllowed(
  memberships: readonly Membership[],
  place: Place | 'instance',
  permission: Permission,
): boolean {
  return memberships.some((each) => covers(each, place) && allows(each, permission));
}

/** Whether somebody's manager roles let them know of a place at all: a refusal is then told as one. */
export function isVisible(memberships: readonly Membership[], place: Place | 'instance'): boolean {
  return memberships.some(
    (each) => covers(each, place) && each.roles.some((role) => permissionsOf(role).length > 0),
  );
}

/** How far a permission reaches. */
export function reachOf(memberships: readonly Membership[], permission: Permission): Reach {
  const allowing = memberships.filter((each) => allows(each, permission));
  if (allowing.some(({ objectKind }) => objectKind === 'instance')) return { kind: 'instance' };
  const ids = (level: ManagedLevel): readonly string[] =>
    allowing.filter(({ objectKind }) => objectKind === level).map(({ objectId }) => objectId);
  return {
    kind: 'some',
    organizationIds: ids('organization'),
    projectIds: ids('project'),
    projectGrantIds: ids('project-grant'),
  };
}

/** Everything somebody may do in the whole instance. */
export function instancePermissions(memberships: readonly Membership[]): readonly Permission[] {
  const held = memberships.filter(({ objectKind }) => objectKind === 'instance');
  return [...new Set(held.flatMap(({ roles }) => roles.flatMap(permissionsOf)))];
}
