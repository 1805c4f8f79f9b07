import type { BodyInputOf, Operations, QueryInputOf, ResponseOf } from '@latchkey/contract/client';
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useApi } from '../api/use-api.ts';
import type { ApplicationChange } from './application-draft.ts';

/** What a new application is made of. */
export type NewApplication = BodyInputOf<Operations['createApplication']>;

/** A new application with its secret. */
export type CreatedApplication = ResponseOf<Operations['createApplication']>;

/** Settings to look at before they are saved. */
export type ApplicationDraft = BodyInputOf<Operations['checkApplication']>;

/** What a look at settings found. */
export type Verdict = ResponseOf<Operations['checkApplication']>;

/** Pages of applications. */
export function useApplications(query: QueryInputOf<Operations['listApplications']>) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['applications', 'list', query],
    initialPageParam: undefined as string | undefined, // cast: the first page has no cursor, the others have
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === undefined ? {} : { cursor: pageParam };
      return (await api.call('listApplications', { query: { ...query, ...cursor }, signal })).data;
    },
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}

/** An application with its version. */
export function useApplication(applicationId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['applications', applicationId],
    queryFn: ({ signal }) => api.call('getApplication', { path: { applicationId }, signal }),
  });
}

/** Whether messages reach an application. Asked again every half minute, since they are sent in the background. */
export function useDeliveries(applicationId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['applications', applicationId, 'deliveries'],
    queryFn: async ({ signal }) =>
      (await api.call('listApplicationDeliveries', { path: { applicationId }, signal })).data.items,
    refetchInterval: 30_000,
  });
}

/** Has settings checked without saving them; what was found last stays while the next is under way. */
export function useVerdict(draft: ApplicationDraft) {
  const api = useApi();
  return useQuery({
    queryKey: ['applications', 'check', draft],
    queryFn: async ({ signal }) => (await api.call('checkApplication', { body: draft, signal })).data,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** Makes an application. */
export function useCreateApplication() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: NewApplication) => (await api.call('createApplication', { body })).data,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['applications'] }),
        client.invalidateQueries({ queryKey: ['projects'] }),
      ]),
  });
}

/** What can be done to an application; everything shown of it is read again afterwards. */
export function useApplicationActions(applicationId: string) {
  const api = useApi();
  const client = useQueryClient();
  const path = { applicationId };
  const onSuccess = () => client.invalidateQueries({ queryKey: ['applications'] });
  return {
    update: useMutation({
      mutationFn: async ({ change, ifMatch }: { change: ApplicationChange; ifMatch: string | undefined }) =>
        (
          await api.call('updateApplication', {
            path,
            body: change,
            ...(ifMatch === undefined ? {} : { ifMatch }),
          })
        ).data,
      onSuccess,
    }),
    setState: useMutation({
      mutationFn: async (state: 'active' | 'inactive') =>
        (await api.call(state === 'active' ? 'activateApplication' : 'deactivateApplication', { path })).data,
      onSuccess,
    }),
    remove: useMutation({ mutationFn: () => api.call('removeApplication', { path }), onSuccess }),
  };
}

/** Secrets and keys of an application, and what can be done to them. */
export function useCredentials(applicationId: string) {
  const api = useApi();
  const client = useQueryClient();
  const path = { applicationId };
  const onSuccess = () => client.invalidateQueries({ queryKey: ['applications', applicationId] });
  return {
    secrets: useQuery({
      queryKey: ['applications', applicationId, 'secrets'],
      queryFn: async ({ signal }) => (await api.call('listApplicationSecrets', { path, signal })).data.items,
    }),
    keys: useQuery({
      queryKey: ['applications', applicationId, 'keys'],
      queryFn: async ({ signal }) => (await api.call('listApplicationKeys', { path, signal })).data.items,
    }),
    rotate: useMutation({
      mutationFn: async (overlapSeconds: number) =>
        (await api.call('createApplicationSecret', { path, body: { overlapSeconds } })).data,
      onSuccess,
    }),
    removeSecret: useMutation({
      mutationFn: (secretId: string) => api.call('removeApplicationSecret', { path: { ...path, secretId } }),
      onSuccess,
    }),
    addKey: useMutation({
      mutationFn: async (publicKey: string | undefined) =>
        (
          await api.call('createApplicationKey', {
            path,
            body: publicKey === undefined ? {} : { publicKey },
          })
        ).data,
      onSuccess,
    }),
    removeKey: useMutation({
      mutationFn: (keyId: string) => api.call('removeApplicationKey', { path: { ...path, keyId } }),
      onSuccess,
    }),
  };
}

/** Whether whoever is signed in may administer the instance; `undefined` until that is known. */
export function useMayAdministerInstance(): boolean | undefined {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['me', 'instance.write'],
    queryFn: async ({ signal }) =>
      (await api.call('getMe', { signal })).data.instancePermissions.includes('instance.write'),
  });
  return data;
}
