import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useAction } from '../kit/use-action.ts';

/** A front end or API of the first run. */
export interface StepApplication {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly redirectUri: string;
  readonly redirectUris: readonly string[];
}

/** What an application of a project was refused last. */
export type Refusal = NonNullable<ResponseOf<Operations['getFirstRun']>['lastRefusal']>;

/** The projects somebody may choose from, and how to make another. */
export function useProjectChoice() {
  const api = useApi();
  const client = useQueryClient();
  const within = useOrganizationFilter();
  return {
    projects: useQuery({
      queryKey: ['projects', 'choice', within],
      queryFn: async ({ signal }) =>
        (
          await api.call('listProjects', { query: { sort: '-createdAt', limit: 50, ...within }, signal })
        ).data.items.filter(({ isSystem }) => !isSystem),
    }),
    create: useMutation({
      mutationFn: async (name: string) =>
        (await api.call('createProject', { body: { name, ...within } })).data,
      onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
    }),
  };
}

/** How far a project has come, asked again every second and a half until both marks are there. */
export function useFirstRun(projectId: string) {
  const api = useApi();
  const client = useQueryClient();
  const path = { projectId };
  const refresh = () => client.invalidateQueries({ queryKey: ['first-run', projectId] });
  return {
    progress: useQuery({
      queryKey: ['first-run', projectId],
      queryFn: async ({ signal }) => (await api.call('getFirstRun', { path, signal })).data,
      refetchInterval: ({ state: { data } }) =>
        data?.firstSignInAt != null && data.firstIntrospectionAt != null ? false : 1500,
    }),
    frontEnd: useQuery({
      queryKey: ['first-run', projectId, 'front-end'],
      queryFn: async ({ signal }): Promise<StepApplication | null> => {
        const { data } = await api.call('listApplications', { query: { projectId }, signal });
        const found = data.items.find(({ type }) => type !== 'api');
        if (found === undefined) return null;
        const application = (await api.call('getApplication', { path: { applicationId: found.id }, signal }))
          .data;
        const { id, clientId, redirectUris } = application;
        return { id, clientId, clientSecret: null, redirectUri: redirectUris[0] ?? '', redirectUris };
      },
    }),
    api: useQuery({
      queryKey: ['first-run', projectId, 'api'],
      queryFn: async ({ signal }): Promise<StepApplication | null> => {
        const { data } = await api.call('listApplications', { query: { projectId, type: 'api' }, signal });
        const [found] = data.items;
        if (found === undefined) return null;
        const { id, clientId } = found;
        return { id, clientId, clientSecret: null, redirectUri: '', redirectUris: [] };
      },
    }),
    addFrontEnd: useMutation({
      mutationFn: async (redirectUri: string) => {
        const isLocal = redirectUri.startsWith('http:');
        const body = {
          ...{ projectId, name: 'Front end', type: 'user_agent' as const, redirectUris: [redirectUri] },
          postLogoutRedirectUris: [`${new URL(redirectUri).origin}/`],
          idTokenUserinfoAssertion: true,
          developmentMode: isLocal,
        };
        return (await api.call('createApplication', { body })).data;
      },
      onSuccess: refresh,
    }),
    addApi: useMutation({
      mutationFn: async () =>
        (await api.call('createApplication', { body: { projectId, name: 'API', type: 'api' } })).data,
      onSuccess: refresh,
    }),
  };
}

/** Lets people come back to one address more. */
export function useAllowRedirect() {
  const api = useApi();
  return useAction(
    async ({
      applicationId,
      redirectUri,
    }: {
      readonly applicationId: string;
      readonly redirectUri: string;
    }) => {
      const path = { applicationId };
      const { data, etag } = await api.call('getApplication', { path });
      const { redirectUris, developmentMode } = data;
      await api.call('updateApplication', {
        path,
        body: {
          redirectUris: [...redirectUris, redirectUri],
          developmentMode: developmentMode || redirectUri.startsWith('http:'),
        },
        ...(etag === undefined ? {} : { ifMatch: etag }),
      });
    },
    ['first-run', 'applications'],
  );
}
