import type { Subject } from '@latchkey/identity';
import {
  type ClientFacts,
  interpretScopes,
  mayObtain,
  type ObtainQuestion,
  type PersonalTokenUse,
  type Requester,
  type ResourceFacts,
  type ScopeMeaning,
  type TargetFacts,
} from '@latchkey/protocol';
import type { RequestContext } from './http.ts';
import { standingOf } from './subject-standing.ts';

/** Who asks, with the subject token of an exchange. */
export type Obtaining = Omit<ObtainQuestion, 'target'>;

type Home = Pick<RequestContext, 'deps' | 'instance'>;

/** An application as the one who asks for audiences. */
export function applicationRequester(client: ClientFacts): { readonly requester: Requester } {
  return { requester: { kind: 'application', client } };
}

/** A personal access token shown to an API: its owner, and the project of the API from memory. */
export async function personalUse(
  { deps, instance }: Home,
  api: ClientFacts,
  owner: Subject,
): Promise<PersonalTokenUse> {
  return {
    owner: standingOf(owner),
    target: await deps.facts.projects.load(instance.scope, api.project.id),
  };
}

/** Scopes with those audience scopes left out that may not be obtained, and the projects the others stand for. */
export interface ObtainedScopes {
  readonly scopes: readonly string[];
  readonly projects: readonly TargetFacts[];
  readonly projectIds: readonly string[];
}

/**
 * The project of a name, by ID or as `zitadel`, if it may be obtained. A project that does not exist and one that is not
 * allowed look the same. From memory while that is fresh.
 */
export async function obtainProject(
  { deps, instance }: Home,
  obtaining: Obtaining,
  name: string,
): Promise<TargetFacts | undefined> {
  return allowed(obtaining, await deps.facts.projects.load(instance.scope, name));
}

function allowed(
  { requester, subjectToken }: Obtaining,
  target: TargetFacts | undefined,
): TargetFacts | undefined {
  if (target === undefined) return undefined;
  const question = subjectToken === undefined ? { requester, target } : { requester, subjectToken, target };
  return mayObtain(question).kind === 'allowed' ? target : undefined;
}

/**
 * Drops the audience scopes that may not be obtained, like scopes nobody defined, so that `scope` in the answer shows
 * what was granted (RFC 6749 §3.3). `meaning` is what `interpretScopes` says of the scopes, for callers who know it.
 */
export async function obtainScopes(
  home: Home,
  obtaining: Obtaining,
  scopes: readonly string[],
  meaning: Pick<ScopeMeaning, 'audienceProjectIds'> = interpretScopes(scopes),
): Promise<ObtainedScopes> {
  const { audienceProjectIds } = meaning;
  if (audienceProjectIds.length === 0) return { scopes, projects: [], projectIds: [] };
  const [first = ''] = audienceProjectIds;
  if (audienceProjectIds.length === 1) {
    // Nearly always one, from memory, and allowed.
    const target = allowed(obtaining, await home.deps.facts.projects.load(home.instance.scope, first));
    if (target !== undefined) return { scopes, projects: [target], projectIds: [target.id] };
  }
  const found = await Promise.all(audienceProjectIds.map((id) => obtainProject(home, obtaining, id)));
  const dropped = audienceProjectIds.filter((_, index) => found[index] === undefined);
  const projects = found.filter((project) => project !== undefined);
  return {
    scopes:
      dropped.length === 0
        ? scopes
        : scopes.filter(
            (scope) => !interpretScopes([scope]).audienceProjectIds.some((id) => dropped.includes(id)),
          ),
    projects,
    projectIds: [...new Set(projects.map(({ id }) => id))],
  };
}

/** The projects a request may obtain tokens for, by audience scope or resource: what a user is asked about. */
export async function obtainTargets(
  home: Home,
  obtaining: Obtaining,
  request: { readonly scopes: readonly string[]; readonly resources?: readonly string[] },
): Promise<readonly TargetFacts[]> {
  const { projects } = await obtainScopes(home, obtaining, request.scopes);
  const resources = await obtainResources(home, obtaining, request.resources ?? []);
  const behind = await Promise.all(
    resources.map(({ projectId }) => home.deps.facts.projects.load(home.instance.scope, projectId)),
  );
  return [...projects, ...behind.filter((project) => project !== undefined)];
}

/**
 * Those of some resource indicators that are registered and may be obtained: the door is that of the project of the API.
 * An application may always name itself.
 */
export async function obtainResources(
  home: Home,
  obtaining: Obtaining,
  uris: readonly string[],
): Promise<readonly ResourceFacts[]> {
  if (uris.length === 0) return [];
  const { deps, instance } = home;
  const { requester } = obtaining;
  const own = requester.kind === 'application' ? requester.client.application.clientId : undefined;
  const found = await Promise.all(
    uris.map(async (uri) => {
      const resource = await deps.facts.resources.load(instance.scope, uri);
      if (resource === undefined || resource.clientId === own) return resource;
      // A resource the subject token of an exchange is for already is not one more audience.
      if (obtaining.subjectToken?.audience.includes(uri) === true) return resource;
      const project = await obtainProject(home, obtaining, resource.projectId);
      return project === undefined ? undefined : resource;
    }),
  );
  return found.filter((resource) => resource !== undefined);
}
