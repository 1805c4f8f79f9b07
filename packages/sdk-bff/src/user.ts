import { isRecord, type JsonObject, textOf } from './json.ts';

/** The signed-in user, of the same shape as in `@latchkey/browser`. `roles` are those of the app's own project. */
export interface BffUser {
  readonly id: string;
  readonly name: string | undefined;
  readonly givenName: string | undefined;
  readonly familyName: string | undefined;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly picture: string | undefined;
  readonly loginName: string | undefined;
  readonly roles: readonly string[];
  readonly claims: UserClaims;
}

/** The claims of the user as the issuer sent them. */
export type UserClaims = { sub: string; [claim: string]: unknown };

/** What says something about the token and nothing about the user. */
const TOKEN_CLAIMS = new Set([
  'aud',
  'azp',
  'iat',
  'exp',
  'nbf',
  'jti',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
]);

/** The claims worth keeping of an ID token: those that say something about the user. Undefined without a subject. */
export function userClaimsOf(claims: JsonObject | undefined): UserClaims | undefined {
  const sub = textOf(claims?.sub);
  if (claims === undefined || sub === undefined) return undefined;
  const kept = Object.entries(claims).filter(([name]) => !TOKEN_CLAIMS.has(name));
  return { ...Object.fromEntries(kept), sub };
}

/** Builds the user from checked claims. `projectId` adds the roles of that project to those of the app's own. */
export function buildUser(claims: UserClaims, projectId: string | undefined): BffUser {
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
    claims,
  };
}

// Roles come as { role: { organizationId: domain } }. A role of another project says nothing about this app.
function rolesIn(claims: UserClaims, projectId: string | undefined): readonly string[] {
  const names = ['urn:zitadel:iam:org:project:roles'];
  if (projectId !== undefined) names.push(`urn:zitadel:iam:org:project:${projectId}:roles`);
  const roles = names.map((name) => claims[name]).filter(isRecord);
  return [...new Set(roles.flatMap((claim) => Object.keys(claim)))].sort();
}
