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
  /** The `aud` claim. */
  readonly audience: readonly string[];
  /** Projects whose roles are told. */
  readonly roleProjectIds: readonly string[];
}

/**
 * The audience of a token. A person's token names every application of the client's project, the project and the
 * projects asked for by scope; a machine's names only those asked for. `asked` are those of them that `mayObtain` granted.
 * With `resources` it names those instead of the client's own project. `own: 'client-alone'` leaves the project out.
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
          : [client.clientId, ...project.clientIds, project.id];
  const audience = [...new Set([...own, ...asked])];
  const wantsAsked = meaning.wantsAllProjectsRoles || meaning.roleKeys.length > 0;
  const roleProjectIds = [
    ...new Set([...(project === undefined ? [] : [project.id]), ...(wantsAsked ? asked : [])]),
  ];
  return { audience, roleProjectIds };
}

/**
 * Whether role claims were asked for at all.
 * @see ZITADEL dialect, where claims appear
 */
export function wantsRoles(scopes: readonly string[]): boolean {
  const meaning = interpretScopes(scopes);
  return meaning.wantsAllProjectsRoles || meaning.roleKeys.length > 0;
}
