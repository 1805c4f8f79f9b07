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
  /** Of the actor: those for the instance and the own organization. Of the subject: all of them; empty for end users. */
  readonly managerRoles: readonly string[];
}

/** The user an actor acts as. */
export interface ImpersonationSubject extends ImpersonationParty {
  /** Whether a role of theirs is for something outside their own organization, such as another one's project. */
  readonly manages: 'own-organization' | 'more';
}

/** What `mayImpersonate` looks at. */
export interface ImpersonationQuestion {
  /** The setting of the instance. */
  readonly setting: 'on' | 'off';
  readonly actor: ImpersonationParty;
  readonly subject: ImpersonationSubject;
}

/** Why somebody may not act as somebody else. */
export type ImpersonationRefusal =
  | { readonly kind: 'switched-off' }
  | { readonly kind: 'not-an-impersonator' }
  | { readonly kind: 'subject-is-manager' };

/**
 * Whether a user may act as another. `undefined` means yes. Nobody gets rights by it that their role does not already imply:
 * end-user impersonators act as people without manager roles, those of an organization as its own people who manage nothing
 * outside it, and only an administrator impersonator of the instance as everybody. Source: ZITADEL dialect, token exchange.
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
  if (holds(roles.anyone)) return undefined;
  const reachesOrganization = isOfOwnOrganization && holds(roles.anyoneOfOrganization);
  if (reachesOrganization && subject.manages === 'own-organization') return undefined;
  const reachesEndUsers =
    holds(roles.endUsers) || (isOfOwnOrganization && holds(roles.endUsersOfOrganization));
  if (reachesEndUsers && !isManager) return undefined;
  return { kind: reachesEndUsers || reachesOrganization ? 'subject-is-manager' : 'not-an-impersonator' };
}
