import { interpretScopes } from '../wire/scope.ts';
import type { ProjectFacts } from './facts.ts';

/** A resource indicator somebody registered, and the application it belongs to (RFC 8707 §2). */
export interface ResourceFacts {
  readonly uri: string;
  readonly clientId: string;
  readonly projectId: string;
}

/** Whose roles a token may tell, and who may accept it. */
export interface Audience {
  /** The `aud` claim, but for the other applications of the project. */
  readonly audience: readonly string[];
  /** Whether every application of the client's project stands in the audience, too (ZITADEL dialect). */
  readonly isForWholeProject: boolean;
  /** Projects whose roles are told. */
  readonly roleProjectIds: readonly string[];
}

/**
 * The audience of a token. A person's token names every application of the client's project, the project and the
 * projects asked for by scope; a machine's names only those asked for. `asked` are those of them that `mayObtain` granted.
 * With `resources` it names those instead of the client's own project. `own: 'client-alone'` leaves the project out.
 * The other applications are named where the audience is told (`nameApplications`), so that no token grows with them.
 * @see RFC 7519 §4.1.3; ZITADEL dialect, default audience
 */
export function audienceOf(
  scopes: readonly string[],
  client: {
    readonly clientId: string;
    readonly project?: ProjectFacts;
    readonly own?: 'project' | 'client-alone';
  },
  asked: readonly string[],
  resources: readonly ResourceFacts[] = [],
): Audience {
  const meaning = interpretScopes(scopes);
  const { project } = client;
  // RFC 8707 §2: a token asked for by resource is for those resources, not for all the project has.
  const own =
    resources.length > 0
      ? resources.flatMap((resource) => [resource.uri, resource.clientId])
      : project === undefined
        ? []
        : client.own === 'client-alone'
          ? [client.clientId]
          : [client.clientId, project.id];
  const isForWholeProject = resources.length === 0 && project !== undefined && client.own !== 'client-alone';
  const audience = [...new Set([...own, ...asked])];
  const wantsAsked = meaning.wantsAllProjectsRoles || meaning.roleKeys.length > 0;
  const roleProjectIds = [
    ...new Set([...(project === undefined ? [] : [project.id]), ...(wantsAsked ? asked : [])]),
  ];
  return { audience, isForWholeProject, roleProjectIds };
}

/** How many other applications of the project the `aud` of a signed token names. */
const maximumNamed = 20;

/**
 * The audience of a token that is for its whole project, the other applications by name: all of them where an answer
 * tells it, in a JWT as many as `most` says. `projectClientIds` begins with those that stay in.
 * @see ZITADEL dialect, default audience; decision 0030
 */
export function nameApplications(
  token: { readonly audience: readonly string[]; readonly isForWholeProject?: true },
  projectClientIds: readonly string[],
  most: 'all' | 'some',
): readonly string[] {
  if (token.isForWholeProject !== true) return token.audience;
  const [own = '', ...rest] = token.audience;
  const named = most === 'all' ? projectClientIds : projectClientIds.slice(0, maximumNamed);
  return [...new Set([own, ...named, ...rest])];
}

/**
 * Whether role claims were asked for at all.
 * @see ZITADEL dialect, where claims appear
 */
export function wantsRoles(scopes: readonly string[]): boolean {
  const meaning = interpretScopes(scopes);
  return meaning.wantsAllProjectsRoles || meaning.roleKeys.length > 0;
}
