/** Manager roles of the dialect that let somebody act as somebody else. */
const roles = {
  anyone: 'IAM_ADMIN_IMPERSONATOR',
  endUsers: 'IAM_END_USER_IMPERSONATOR',
  anyoneOfOrganization: 'ORG_ADMIN_IMPERSONATOR',
  endUsersOfOrganization: 'ORG_END_USER_IMPERSONATOR',
} as const;

/** One of the two sides: who acts, or whom they act as. */
export interface ImpersonationParty {
  readonly organizationId: string;
  /** Empty for end users. */
  readonly managerRoles: readonly string[];
}

/** What `mayImpersonate` looks at. */
export interface ImpersonationQuestion {
  /** The setting of the instance. */
  readonly setting: 'on' | 'off';
  readonly actor: ImpersonationParty;
  readonly subject: ImpersonationParty;
}

/** Why somebody may not act as somebody else. */
export type ImpersonationRefusal =
  | { readonly kind: 'switched-off' }
  | { readonly kind: 'not-an-impersonator' }
  | { readonly kind: 'subject-is-manager' };

/**
 * Whether a user may act as another. `undefined` means yes. Nobody gets rights by it that their role does not already imply:
 * end-user impersonators act as people without manager roles, those of an organization as its own people, and only an
 * administrator impersonator of the instance as a manager of the instance. Source: ZITADEL dialect, token exchange.
 */
export function mayImpersonate({
  setting,
  actor,
  subject,
}: ImpersonationQuestion): ImpersonationRefusal | undefined {
  if (setting === 'off') return { kind: 'switched-off' };
  const holds = (role: string): boolean => actor.managerRoles.includes(role);
  const isOfOwnOrganization = actor.organizationId === subject.organizationId;
  const isManager = subject.managerRoles.length > 0;
  const isInstanceManager = subject.managerRoles.some((role) => role.startsWith('IAM_'));
  if (holds(roles.anyone)) return undefined;
  const reachesOrganization = isOfOwnOrganization && holds(roles.anyoneOfOrganization);
  if (reachesOrganization && !isInstanceManager) return undefined;
  const reachesEndUsers =
    holds(roles.endUsers) || (isOfOwnOrganization && holds(roles.endUsersOfOrganization));
  if (reachesEndUsers && !isManager) return undefined;
  return { kind: reachesEndUsers || reachesOrganization ? 'subject-is-manager' : 'not-an-impersonator' };
}
