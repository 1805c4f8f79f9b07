import type { Authorization, Subject, User } from './user.ts';

/** Claims of a token or answer, by name. */
export type Claims = Readonly<Record<string, unknown>>;

function profileClaims(user: User): Claims {
  const updated = { updated_at: Math.floor(user.updatedAtMs / 1000) };
  const common = {
    ...(user.displayName ? { name: user.displayName } : {}),
    preferred_username: user.loginName,
    ...updated,
  };
  if (user.kind === 'machine') return common;
  return {
    ...common,
    ...(user.givenName ? { given_name: user.givenName } : {}),
    ...(user.familyName ? { family_name: user.familyName } : {}),
    ...(user.middleName ? { middle_name: user.middleName } : {}),
    ...(user.nickname ? { nickname: user.nickname } : {}),
    ...(user.profileUrl ? { profile: user.profileUrl } : {}),
    ...(user.pictureUrl ? { picture: user.pictureUrl } : {}),
    ...(user.website ? { website: user.website } : {}),
    ...(user.birthdate ? { birthdate: user.birthdate } : {}),
    ...(user.zoneinfo ? { zoneinfo: user.zoneinfo } : {}),
    ...(user.gender ? { gender: user.gender } : {}),
    ...(user.preferredLanguage ? { locale: user.preferredLanguage } : {}),
  };
}

const standardClaimScopes = ['profile', 'email', 'phone', 'address'];

/** Standard claims asked for one by one (OpenID Connect Core §5.5), whatever the scopes; unknown names give nothing. */
export function namedUserClaims(user: User, names: readonly string[]): Claims {
  if (names.length === 0) return {};
  const all = Object.entries(userClaims(user, standardClaimScopes));
  return Object.fromEntries(all.filter(([name]) => names.includes(name)));
}

/**
 * What the standard scopes tell of a user. Values that are not known are left out, never null or empty.
 * Source: OpenID Connect Core §5.1, §5.4.
 */
export function userClaims(user: User, scopes: readonly string[]): Claims {
  return {
    ...(scopes.includes('profile') ? profileClaims(user) : {}),
    ...(scopes.includes('email') && user.email
      ? { email: user.email, email_verified: user.isEmailVerified }
      : {}),
    ...(scopes.includes('phone') && user.phone
      ? { phone_number: user.phone, phone_number_verified: user.isPhoneVerified }
      : {}),
    ...(scopes.includes('address') && user.address !== null && Object.keys(user.address).length > 0
      ? { address: user.address }
      : {}),
  };
}

/** Which reserved claims a token's scopes ask for. */
export interface ReservedWishes {
  readonly wantsUserMetadata: boolean;
  readonly wantsResourceOwner: boolean;
  readonly organizationId?: string;
  /** In lower case. */
  readonly organizationDomain?: string;
}

/** The claims the reserved scopes ask for (ZITADEL dialect, reserved claims). Absent where there is nothing to tell. */
export function reservedUserClaims(subject: Subject, wishes: ReservedWishes): Claims {
  const { organization, metadata } = subject;
  const hasMetadata = Object.keys(metadata).length > 0;
  const isOwnOrganization = wishes.organizationId === organization.id;
  const isOwnDomain = wishes.organizationDomain === organization.primaryDomain.toLowerCase();
  return {
    ...(wishes.wantsUserMetadata && hasMetadata ? { 'urn:zitadel:iam:user:metadata': metadata } : {}),
    ...(wishes.wantsResourceOwner || isOwnOrganization || isOwnDomain
      ? {
          'urn:zitadel:iam:user:resourceowner:id': organization.id,
          'urn:zitadel:iam:user:resourceowner:name': organization.name,
          'urn:zitadel:iam:user:resourceowner:primary_domain': organization.primaryDomain,
        }
      : {}),
    ...(isOwnOrganization ? { 'urn:zitadel:iam:org:id': organization.id } : {}),
    ...(isOwnDomain ? { 'urn:zitadel:iam:org:domain:primary': organization.primaryDomain } : {}),
  };
}

/** Roles by key, each with the granting organizations and their primary domains. */
export type RoleMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The roles of one project, optionally those of some granting organizations only; `undefined` where there are none. */
export function rolesOf(
  projectId: string,
  authorizations: readonly Authorization[],
  organizationIds: readonly string[],
): RoleMap | undefined {
  // A map, since a role key may be any text, `__proto__` too.
  const roles = new Map<string, Readonly<Record<string, string>>>();
  for (const grant of authorizations) {
    if (grant.projectId !== projectId) continue;
    if (organizationIds.length > 0 && !organizationIds.includes(grant.organizationId)) continue;
    for (const key of grant.roleKeys) {
      roles.set(key, { ...roles.get(key), [grant.organizationId]: grant.organizationDomain });
    }
  }
  return roles.size > 0 ? Object.fromEntries(roles) : undefined;
}

/**
 * Role claims for a token: one claim per project that has roles to tell, and the plain one for the own project.
 * Source: ZITADEL dialect, reserved claims.
 */
export function roleClaims(
  authorizations: readonly Authorization[],
  question: {
    readonly ownProjectId: string | undefined;
    readonly projectIds: readonly string[];
    readonly organizationIds: readonly string[];
  },
): Claims {
  const claims: Record<string, unknown> = {};
  for (const projectId of question.projectIds) {
    const roles = rolesOf(projectId, authorizations, question.organizationIds);
    if (roles === undefined) continue;
    claims[`urn:zitadel:iam:org:project:${projectId}:roles`] = roles;
    if (projectId === question.ownProjectId) claims['urn:zitadel:iam:org:project:roles'] = roles;
  }
  return claims;
}
