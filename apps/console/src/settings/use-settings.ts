import { type ApiClient, ApiProblem, type ProblemBody } from '@latchkey/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  ofInstance,
  ofOrganization,
  type SettingsBody,
  type SettingsScope,
  type SettingsState,
} from './settings-state.ts';

interface Versioned {
  readonly state: SettingsState;
  readonly etag: string | undefined;
}

/** Settings and how to change them. */
export interface Settings {
  /** `undefined` until they have been read. */
  readonly state: SettingsState | undefined;
  /** Why they could not be read. */
  readonly failure: Error | null;
  readonly retry: () => void;
  /** What the API said about the last change; `undefined` when it took it. */
  readonly problem: ProblemBody | undefined;
  readonly isSaving: boolean;
  /** Changes settings; `onSaved` is told what they were before and are now. */
  readonly save: (body: SettingsBody, onSaved: () => void) => void;
}

async function read(api: ApiClient, scope: SettingsScope, signal: AbortSignal): Promise<Versioned> {
  if (scope.kind === 'instance') {
    const { data, etag } = await api.call('getInstanceSettings', { signal });
    return { state: ofInstance(data), etag };
  }
  const path = { organizationId: scope.id };
  const { data, etag } = await api.call('getOrganizationSettings', { path, signal });
  return { state: ofOrganization(data), etag };
}

async function write(
  api: ApiClient,
  scope: SettingsScope,
  body: SettingsBody,
  etag: string | undefined,
): Promise<Versioned> {
  const ifMatch = etag === undefined ? {} : { ifMatch: etag };
  if (scope.kind === 'instance') {
    const answer = await api.call('updateInstanceSettings', { body, ...ifMatch });
    return { state: ofInstance(answer.data), etag: answer.etag };
  }
  const { lifetimes: _, features: __, security: ___, tokens: ____, ...own } = body;
  const path = { organizationId: scope.id };
  const answer = await api.call('updateOrganizationSettings', { path, body: own, ...ifMatch });
  return { state: ofOrganization(answer.data), etag: answer.etag };
}

/** The settings of the instance or of an organization. A change is refused when somebody else was faster. */
export function useSettings(api: ApiClient, scope: SettingsScope): Settings {
  const client = useQueryClient();
  const queryKey = ['settings', scope.kind === 'instance' ? 'instance' : scope.id];
  const query = useQuery({ queryKey, queryFn: ({ signal }) => read(api, scope, signal) });
  const mutation = useMutation({
    mutationFn: (body: SettingsBody) => write(api, scope, body, query.data?.etag),
    onSuccess: (written) => {
      client.setQueryData(queryKey, written);
      // What the instance says holds in organizations as well.
      if (scope.kind === 'instance') void client.invalidateQueries({ queryKey: ['settings'] });
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.problem.code === 'stale-version')
        void client.invalidateQueries({ queryKey });
    },
  });
  return {
    state: query.data?.state,
    failure: query.error,
    retry: () => void query.refetch(),
    problem: mutation.error instanceof ApiProblem ? mutation.error.problem : undefined,
    isSaving: mutation.isPending,
    save: (body, onSaved) => mutation.mutate(body, { onSuccess: onSaved }),
  };
}
