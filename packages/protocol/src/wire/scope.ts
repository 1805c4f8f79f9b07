import { limits } from './limits.ts';
import { standardScopes } from './names.ts';

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const audience = /^urn:zitadel:iam:org:project:id:([0-9]{1,20}|zitadel):aud$/;
const role = /^urn:zitadel:iam:org:project:role:(.+)$/;
const organization = /^urn:zitadel:iam:org:id:([0-9]{1,20})$/;
const domainOfOrganization = /^urn:zitadel:iam:org:domain:primary:([A-Za-z0-9.-]{1,253})$/;
const identityProvider = /^urn:zitadel:iam:org:idp:id:([0-9]{1,20})$/;
const rolesOfOrganization = /^urn:zitadel:iam:org:roles:id:([0-9]{1,20})$/;

/** Scope texts of the dialect without a variable part. */
export const reservedScopes = {
  allProjectsRoles: 'urn:zitadel:iam:org:projects:roles',
  userMetadata: 'urn:zitadel:iam:user:metadata',
  resourceOwner: 'urn:zitadel:iam:user:resourceowner',
  /** Every role of the client's project, in place of a scope for each, so that no token grows with the project. */
  everyRole: 'urn:latchkey:project:roles',
  roleOf: (key: string): string => `urn:zitadel:iam:org:project:role:${key}`,
} as const;

/** What a list of scopes asks for, reserved scopes taken apart. */
export interface ScopeMeaning {
  /** The scopes this server understands, in the order given, each once. The others were dropped. */
  readonly known: readonly string[];
  /** Projects whose id shall stand in the audience. */
  readonly audienceProjectIds: readonly string[];
  /** Role keys asked for one by one. */
  readonly roleKeys: readonly string[];
  /** Roles of every project in the audience are wanted. */
  readonly wantsAllProjectsRoles: boolean;
  /** Roles granted by these organizations only; empty for all. */
  readonly roleOrganizationIds: readonly string[];
  /** Only users of this organization; of several, the first counts and the others are dropped. */
  readonly organizationId?: string;
  /** Only users of the organization with this primary domain, in lower case; of several, the first counts. */
  readonly organizationDomain?: string;
  readonly wantsUserMetadata: boolean;
  readonly wantsResourceOwner: boolean;
}

/**
 * Splits a `scope` parameter; `undefined` when it holds a character a scope must not have, or too many scopes.
 * @see RFC 6749 §3.3
 */
export function parseScope(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return [];
  const tokens = [...new Set(text.split(' ').filter((token) => token !== ''))];
  if (tokens.length > limits.scopes || !tokens.every((token) => scopeToken.test(token))) return undefined;
  return tokens;
}

const reservedPrefix = 'urn:zitadel:iam:';

const reservedShapes = [
  ['audience', audience],
  ['role', role],
  ['organization', organization],
  ['organization-domain', domainOfOrganization],
  ['identity-provider', identityProvider],
  ['roles-of-organization', rolesOfOrganization],
] as const;

/** Takes a reserved scope with a variable part apart. The shapes exclude each other, so the first that fits is it. */
function parseReserved(
  scope: string,
): { readonly kind: (typeof reservedShapes)[number][0]; readonly value: string } | undefined {
  for (const [kind, shape] of reservedShapes) {
    const value = shape.exec(scope)?.[1];
    if (value !== undefined) return { kind, value };
  }
  return undefined;
}

/**
 * Says what scopes mean. Scopes nobody defined are dropped in silence, as the dialect's scripts rely on.
 * @see OpenID Connect Core §5.4; ZITADEL dialect, reserved scopes
 */
export function interpretScopes(scopes: readonly string[]): ScopeMeaning {
  const known: string[] = [];
  const audienceProjectIds: string[] = [];
  const roleKeys: string[] = [];
  const roleOrganizationIds: string[] = [];
  let organizationId: string | undefined;
  let organizationDomain: string | undefined;
  for (const scope of new Set(scopes)) {
    const reserved = scope.startsWith(reservedPrefix) ? parseReserved(scope) : undefined;
    switch (reserved?.kind) {
      case 'audience':
        audienceProjectIds.push(reserved.value);
        break;
      case 'role':
        roleKeys.push(reserved.value);
        break;
      case 'organization':
        // A user belongs to one organization: a token must not name a second one that nobody checked.
        if (organizationId !== undefined) continue;
        organizationId = reserved.value;
        break;
      case 'organization-domain':
        if (organizationDomain !== undefined) continue;
        organizationDomain = reserved.value.toLowerCase();
        break;
      case 'roles-of-organization':
        roleOrganizationIds.push(reserved.value);
        break;
      case 'identity-provider':
        break;
      case undefined:
        if (!isPlainKnown(scope)) continue;
    }
    known.push(scope);
  }
  return {
    known,
    audienceProjectIds,
    roleKeys,
    wantsAllProjectsRoles:
      scopes.includes(reservedScopes.allProjectsRoles) || scopes.includes(reservedScopes.everyRole),
    roleOrganizationIds,
    ...(organizationId === undefined ? {} : { organizationId }),
    ...(organizationDomain === undefined ? {} : { organizationDomain }),
    wantsUserMetadata: scopes.includes(reservedScopes.userMetadata),
    wantsResourceOwner: scopes.includes(reservedScopes.resourceOwner),
  };
}

/** An organization by the two names a scope may call it. */
export interface OrganizationNames {
  readonly organizationId: string;
  /** Its primary domain. */
  readonly organizationDomain: string;
}

/**
 * Whether an organization is the one the scopes ask for; so is any when they ask for none.
 * @see ZITADEL dialect, reserved scopes
 */
export function isWantedOrganization(
  meaning: Pick<ScopeMeaning, 'organizationId' | 'organizationDomain'>,
  names: OrganizationNames,
): boolean {
  const isById = meaning.organizationId === undefined || meaning.organizationId === names.organizationId;
  const isByDomain =
    meaning.organizationDomain === undefined ||
    meaning.organizationDomain === names.organizationDomain.toLowerCase();
  return isById && isByDomain;
}

/**
 * Whether a single scope asks for no organization but this one.
 * @see ZITADEL dialect, reserved scopes
 */
export function isForOrganization(scope: string, names: OrganizationNames): boolean {
  const reserved = scope.startsWith(reservedPrefix) ? parseReserved(scope) : undefined;
  switch (reserved?.kind) {
    case 'organization':
      return reserved.value === names.organizationId;
    case 'organization-domain':
      return reserved.value.toLowerCase() === names.organizationDomain.toLowerCase();
    default:
      return true;
  }
}

function isPlainKnown(scope: string): boolean {
  return (
    standardScopes.some((standard) => standard === scope) ||
    scope === reservedScopes.allProjectsRoles ||
    scope === reservedScopes.everyRole ||
    scope === reservedScopes.userMetadata ||
    scope === reservedScopes.resourceOwner
  );
}

/**
 * The scopes a token of this client may carry: unknown ones are gone, role scopes must name a role of the project.
 * @see RFC 6749 §3.3; ZITADEL dialect, reserved scopes
 */
export function grantableScopes(
  scopes: readonly string[],
  projectRoleKeys: readonly string[],
): readonly string[] {
  return interpretScopes(scopes).known.filter((scope) => {
    const key = role.exec(scope)?.[1];
    return key === undefined || projectRoleKeys.includes(key);
  });
}

function namesOfRoles(projectRoleKeys: readonly string[]): readonly string[] {
  // A role key may hold characters that a scope must not.
  return projectRoleKeys.map(reservedScopes.roleOf).filter((scope) => scopeToken.test(scope));
}

/**
 * Scopes with `everyRole` written out as a scope for each role the project has now. Roles whose key no scope can name are
 * left out.
 * @see ZITADEL dialect, project role assertion
 */
export function nameEveryRole(
  scopes: readonly string[],
  projectRoleKeys: readonly string[],
): readonly string[] {
  if (!scopes.includes(reservedScopes.everyRole)) return scopes;
  const others = scopes.filter((scope) => scope !== reservedScopes.everyRole);
  return [...new Set([...others, ...namesOfRoles(projectRoleKeys)])];
}

/**
 * Scopes as an answer shows them: every role by name while that is a list we would accept as a `scope` parameter,
 * otherwise as they are.
 * @see RFC 6749 §5.1, RFC 7662 §2.2; ZITADEL dialect, project role assertion
 */
export function describeScopes(
  scopes: readonly string[],
  projectRoleKeys: readonly string[],
): readonly string[] {
  // Each of these costs an entry at most: a project with far more roles is not written out to be counted.
  if (projectRoleKeys.length > 2 * limits.scopes) return scopes;
  const named = nameEveryRole(scopes, projectRoleKeys);
  return named.length > limits.scopes ? scopes : named;
}

/**
 * Scopes with `everyRole` in place of the roles of a project, where they name each of those that it has now.
 * @see ZITADEL dialect, project role assertion
 */
export function foldEveryRole(
  scopes: readonly string[],
  projectRoleKeys: readonly string[],
): readonly string[] {
  const asked = new Set(scopes);
  const names = namesOfRoles(projectRoleKeys);
  if (names.length === 0 || !names.every((name) => asked.has(name))) return scopes;
  const others = scopes.filter((scope) => !role.test(scope) && scope !== reservedScopes.everyRole);
  return [...others, reservedScopes.everyRole];
}
