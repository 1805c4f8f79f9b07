import { isJsonObject, type JsonObject } from './json.ts';

const OWN_PROJECT = 'urn:zitadel:iam:org:project:roles';
const NAMED_PROJECT = /^urn:zitadel:iam:org:project:([^:]+):roles$/;

/** Role keys, each with the ids of the organisations that granted it. */
export type GrantedRoles = ReadonlyMap<string, ReadonlySet<string>>;

export interface RoleSource {
  /**
   * `introspection`: the issuer answered this API, so the unnamed role claim speaks of this API's project.
   * `jwt`: the unnamed claim speaks of the *client's* project, which need not be this API's.
   */
  readonly source: 'introspection' | 'jwt';
  /** Ids that may be this API's project: the `projectId` setting, else the configured audiences. */
  readonly projectIds: readonly string[];
}

/** The roles that count here, and the other projects named by a token none of whose roles count. */
export interface RolesRead {
  readonly roles: GrantedRoles;
  readonly ignoredProjects: readonly string[];
}

/**
 * Reads the role claims `{ "<role>": { "<organisation id>": "<domain>" } }`.
 *
 * A claim that names this API's project wins. Otherwise the unnamed claim counts, unless the token is a JWT that
 * names other projects only: then the unnamed claim is one of theirs, and "admin" over there is not "admin" here.
 */
export function readRoles(claims: JsonObject, { source, projectIds }: RoleSource): RolesRead {
  const named = namedClaims(claims);
  const own = named.filter(([project]) => projectIds.includes(project));
  if (own.length > 0) return { roles: mergeRoles(own.map(([, value]) => value)), ignoredProjects: [] };
  const unnamed = claims[OWN_PROJECT];
  if (source === 'jwt' && named.length > 0) {
    return { roles: new Map(), ignoredProjects: named.map(([project]) => project) };
  }
  if (unnamed !== undefined) return { roles: mergeRoles([unnamed]), ignoredProjects: [] };
  // Introspection tells the caller's own project only, so a single named project is that one.
  if (named.length === 1) return { roles: mergeRoles(named.map(([, value]) => value)), ignoredProjects: [] };
  return { roles: new Map(), ignoredProjects: named.map(([project]) => project) };
}

function namedClaims(claims: JsonObject): [project: string, value: unknown][] {
  const found: [string, unknown][] = [];
  for (const name of Object.keys(claims)) {
    const project = NAMED_PROJECT.exec(name)?.[1];
    if (project !== undefined) found.push([project, claims[name]]);
  }
  return found;
}

function mergeRoles(values: readonly unknown[]): GrantedRoles {
  const roles = new Map<string, Set<string>>();
  // Some documentation shows the object wrapped in an array.
  for (const value of values.flat()) {
    if (!isJsonObject(value)) continue;
    for (const [role, organizations] of Object.entries(value)) {
      const granted = roles.get(role) ?? new Set<string>();
      if (isJsonObject(organizations)) for (const id of Object.keys(organizations)) granted.add(id);
      roles.set(role, granted);
    }
  }
  return roles;
}
