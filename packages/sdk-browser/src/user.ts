import { isRecord, textOf } from './json.ts';

/**
 * The claims of the signed-in user as the issuer sent them. Add your own by module augmentation:
 * `declare module '@latchkey/browser' { interface UserClaims { department?: string } }`.
 */
export interface UserClaims {
  sub: string;
  [claim: string]: unknown;
}

/** The signed-in user: a plain object, safe to serialise. `roles` are those of the app's own project. */
export type AuthUser = {
  readonly id: string;
  readonly name: string | undefined;
  readonly givenName: string | undefined;
  readonly familyName: string | undefined;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly picture: string | undefined;
  readonly loginName: string | undefined;
  readonly roles: readonly string[];
  /** The organization signed in to, where the scope asked for it. */
  readonly organization?: AuthOrganization | undefined;
  readonly claims: UserClaims;
};

/** An organization at the issuer. */
export type AuthOrganization = {
  readonly id: string;
  readonly name: string | undefined;
  readonly domain: string | undefined;
};

/** Builds the user from checked claims. `projectId` adds the roles of that project to those of the app's own. */
export function buildUser(claims: UserClaims, projectId: string | undefined): AuthUser {
  const givenName = textOf(claims.given_name);
  const familyName = textOf(claims.family_name);
  const joined = [givenName, familyName].filter((part) => part !== undefined).join(' ');
  return {
    id: claims.sub,
    name: textOf(claims.name) ?? textOf(joined),
    givenName,
    familyName,
    email: textOf(claims.email),
    emailVerified: claims.email_verified === true,
    picture: textOf(claims.picture),
    loginName: textOf(claims.preferred_username),
    roles: rolesIn(claims, projectId),
    organization: organizationIn(claims),
    claims,
  };
}

// Told with the scopes `urn:zitadel:iam:org:id:<id>` and `urn:zitadel:iam:user:resourceowner`.
function organizationIn(claims: UserClaims): AuthOrganization | undefined {
  const owner = 'urn:zitadel:iam:user:resourceowner';
  const ownerId = textOf(claims[`${owner}:id`]);
  const id = textOf(claims['urn:zitadel:iam:org:id']) ?? ownerId;
  if (id === undefined) return undefined;
  const isOwner = id === ownerId;
  return {
    id,
    name: isOwner ? textOf(claims[`${owner}:name`]) : undefined,
    domain: isOwner ? textOf(claims[`${owner}:primary_domain`]) : undefined,
  };
}

// Roles come as { role: { organisationId: domain } }. Claims of further projects are left out on purpose: a role
// called "admin" there says nothing about this app.
function rolesIn(claims: UserClaims, projectId: string | undefined): readonly string[] {
  const names = ['urn:zitadel:iam:org:project:roles'];
  if (projectId !== undefined) names.push(`urn:zitadel:iam:org:project:${projectId}:roles`);
  const roles = new Set<string>();
  for (const name of names) {
    const claim = claims[name];
    if (isRecord(claim)) for (const role of Object.keys(claim)) roles.add(role);
  }
  return [...roles].sort();
}
