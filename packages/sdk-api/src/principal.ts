import { freezeJson, type JsonObject, stringOf, stringsOf } from './json.ts';
import type { GrantedRoles } from './roles.ts';

/** Narrows a role question to one organisation. */
export interface RoleQuery {
  /** Id of the organisation that must have granted the role. */
  readonly organization?: string;
}

/** Who calls, as the access token says. Frozen, and shared by requests that bring the same token. */
export interface Principal {
  readonly kind: 'principal';
  /** The user's id (`sub`). */
  readonly subject: string;
  /** The application that got the token, where the issuer says it. */
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  /** Role keys in this API's project, whichever organisation granted them. */
  readonly roles: readonly string[];
  /** Organisation id → the role keys it granted. */
  readonly rolesByOrganization: Readonly<Record<string, readonly string[]>>;
  /** The `permissions` claim, when there is one (ZITADEL has none by itself; an action can add it). */
  readonly permissions: readonly string[];
  /** Id of the user's organisation, when the token was asked for with an organisation scope. */
  readonly organization: string | undefined;
  /** The access token itself, to call further APIs with. Never log it. */
  readonly token: string;
  /** All claims of the token or members of the introspection response. */
  readonly claims: JsonObject;
  /** Whether a role was granted, by the named organisation if one is given, else by any. */
  hasRole(role: string, query?: RoleQuery): boolean;
  /** A person; the opposite of `isService`. */
  readonly isUser: boolean;
  /**
   * A machine user. No standard claim says so: it is read off `client_id`, `sub`, `aud` and the user name.
   * Good for logs and wording; decide access by roles and scopes.
   */
  readonly isService: boolean;
}

/** Builds the principal from checked claims. `claims.sub` must already be known to be a string. */
export function buildPrincipal(
  input: { subject: string; token: string; claims: JsonObject },
  roles: GrantedRoles,
): Principal {
  const { subject, token, claims } = input;
  const isService = isServiceToken(subject, claims);
  const principal: Principal = {
    kind: 'principal',
    subject,
    clientId: stringOf(claims.client_id),
    scopes: readScopes(claims),
    roles: [...roles.keys()],
    rolesByOrganization: groupByOrganization(roles),
    permissions: stringsOf(claims.permissions),
    organization:
      stringOf(claims['urn:zitadel:iam:org:id']) ?? stringOf(claims['urn:zitadel:iam:user:resourceowner:id']),
    token,
    claims,
    hasRole(role, query = {}) {
      const organizations = roles.get(role);
      if (organizations === undefined) return false;
      return query.organization === undefined || organizations.has(query.organization);
    },
    isUser: !isService,
    isService,
  };
  return freezeJson(principal);
}

function readScopes(claims: JsonObject): string[] {
  const scope = claims.scope ?? claims.scopes;
  return typeof scope === 'string' ? scope.split(' ').filter((item) => item !== '') : stringsOf(scope);
}

function groupByOrganization(roles: GrantedRoles): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [role, organizations] of roles) {
    for (const id of organizations) groups.set(id, [...(groups.get(id) ?? []), role]);
  }
  // Defines own properties, so an organisation named __proto__ stays a name.
  return Object.fromEntries(groups);
}

// A machine user gets its token under its user name (client credentials) or under no client at all (JWT profile,
// personal access token); an application's client id is a number and, for a person's token, always in the audience.
function isServiceToken(subject: string, claims: JsonObject): boolean {
  const clientId = stringOf(claims.client_id);
  if (clientId === undefined || clientId === subject) return true;
  for (const name of [stringOf(claims.username), stringOf(claims.preferred_username)]) {
    if (name === clientId || name?.startsWith(`${clientId}@`)) return true;
  }
  const audience = typeof claims.aud === 'string' ? [claims.aud] : stringsOf(claims.aud);
  return !/^\d+(@.+)?$/.test(clientId) && !audience.includes(clientId);
}
