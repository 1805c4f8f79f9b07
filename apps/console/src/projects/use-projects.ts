import type { BodyInputOf, Operations, QueryInputOf, ResponseOf } from '@latchkey/contract/client';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/use-api.ts';

/** A project as the API answers it. */
export type Project = ResponseOf<Operations['getProject']>;

/** A role as the API answers it. */
export type Role = ResponseOf<Operations['createRole']>;

/** A project grant as the API answers it. */
export type ProjectGrant = ResponseOf<Operations['getProjectGrant']>;

/** Pages of projects. */
export function useProjects(query: QueryInputOf<Operations['listProjects']>) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['projects', 'list', query],
    initialPageParam: undefined as string | undefined, // cast: the first page has no cursor, the others have
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === undefined ? {} : { cursor: pageParam };
      return (await api.call('listProjects', { query: { ...query, ...cursor }, signal })).data;
    },
    getNextPageParam: (page) => page.nextCursor,
  });
}

/** A project with its version. */
export function useProject(projectId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['projects', projectId],
    queryFn: ({ signal }) => api.call('getProject', { path: { projectId }, signal }),
  });
}

/** Pages of the roles of a project. */
export function useRoles(projectId: string, search: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['projects', projectId, 'roles', search],
    initialPageParam: undefined as string | undefined, // cast: the first page has no cursor, the others have
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        ...(search === '' ? {} : { search }),
        ...(pageParam === undefined ? {} : { cursor: pageParam }),
      };
      return (await api.call('listRoles', { path: { projectId }, query, signal })).data;
    },
    getNextPageParam: (page) => page.nextCursor,
  });
}

/** Pages of the grants of a project. */
export function useProjectGrants(projectId: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['projects', projectId, 'grants'],
    initialPageParam: undefined as string | undefined, // cast: the first page has no cursor, the others have
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam === undefined ? {} : { cursor: pageParam };
      return (await api.call('listProjectGrants', { path: { projectId }, query, signal })).data;
    },
    getNextPageParam: (page) => page.nextCursor,
  });
}

/** Makes a project. */
export function useCreateProject() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: BodyInputOf<Operations['createProject']>) =>
      (await api.call('createProject', { body })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
  });
}

/** What can be done to a project, its roles and grants; everything shown of it is read again afterwards. */
export function useProjectActions(projectId: string) {
  const api = useApi();
  const client = useQueryClient();
  const path = { projectId };
  const onSuccess = () => client.invalidateQueries({ queryKey: ['projects'] });
  return {
    update: useMutation({
      mutationFn: async ({
        ifMatch,
        ...body
      }: BodyInputOf<Operations['updateProject']> & { ifMatch?: string | undefined }) =>
        (await api.call('updateProject', { path, body, ...(ifMatch === undefined ? {} : { ifMatch }) })).data,
      onSuccess,
    }),
    setState: useMutation({
      mutationFn: async (state: 'active' | 'inactive') =>
        (await api.call(state === 'active' ? 'activateProject' : 'deactivateProject', { path })).data,
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: () => api.call('removeProject', { path, query: { cascade: 'true' } }),
      onSuccess,
    }),
    addRole: useMutation({
      mutationFn: async (body: BodyInputOf<Operations['createRole']>) =>
        (await api.call('createRole', { path, body })).data,
      onSuccess,
    }),
    changeRole: useMutation({
      mutationFn: async ({ key, ...body }: Role) =>
        (await api.call('updateRole', { path: { ...path, roleKey: key }, body })).data,
      onSuccess,
    }),
    removeRole: useMutation({
      mutationFn: (roleKey: string) => api.call('removeRole', { path: { ...path, roleKey } }),
      onSuccess,
    }),
    addGrant: useMutation({
      mutationFn: async (body: BodyInputOf<Operations['createProjectGrant']>) =>
        (await api.call('createProjectGrant', { path, body })).data,
      onSuccess,
    }),
    changeGrant: useMutation({
      mutationFn: async ({ grantId, roleKeys }: { grantId: string; roleKeys: string[] }) =>
        (await api.call('updateProjectGrant', { path: { ...path, grantId }, body: { roleKeys } })).data,
      onSuccess,
    }),
    setGrantState: useMutation({
      mutationFn: async ({ grantId, state }: { grantId: string; state: 'active' | 'inactive' }) =>
        (
          await api.call(state === 'active' ? 'activateProjectGrant' : 'deactivateProjectGrant', {
            path: { ...path, grantId },
          })
        ).data,
      onSuccess,
    }),
    removeGrant: useMutation({
      mutationFn: (grantId: string) =>
        api.call('removeProjectGrant', { path: { ...path, grantId }, query: { cascade: 'true' } }),
      onSuccess,
    }),
  };
}
