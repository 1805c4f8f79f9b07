import type { ManagerRoleName } from '@latchkey/contract/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/use-api.ts';

/** What can have managers of its own. */
export type ManagerLevel = 'instance' | 'organization' | 'project' | 'project-grant';

/** The manager roles that fit a level, with what each allows. */
export function useManagerRoles(level: ManagerLevel) {
  const api = useApi();
  const { data = [] } = useQuery({
    queryKey: ['manager-roles'],
    queryFn: async ({ signal }) => (await api.call('listManagerRoles', { signal })).data.items,
  });
  return data.filter((each) => each.level === level);
}

/** What can be done to the managers of an object. */
export function useManagers(level: ManagerLevel, objectId: string) {
  const api = useApi();
  const held = async (userId: string): Promise<readonly ManagerRoleName[]> => {
    const { items } = (await api.call('listMemberships', { path: { userId } })).data;
    return items
      .filter((each) => each.objectKind === level && (level === 'instance' || each.objectId === objectId))
      .flatMap(({ roles }) => roles);
  };
  const organization = { organizationId: objectId };
  const project = { projectId: objectId };
  const grant = { grantId: objectId };
  switch (level) {
    case 'instance':
      return {
        held,
        list: (query: { cursor?: string }, signal: AbortSignal) =>
          api.call('listInstanceManagers', { query, signal }),
        set: (userId: string, roles: ManagerRoleName[]) =>
          api.call('setInstanceManager', { path: { userId }, body: { roles } }),
        remove: (userId: string) => api.call('removeInstanceManager', { path: { userId } }),
      };
    case 'organization':
      return {
        held,
        list: (query: { cursor?: string }, signal: AbortSignal) =>
          api.call('listOrganizationManagers', { path: organization, query, signal }),
        set: (userId: string, roles: ManagerRoleName[]) =>
          api.call('setOrganizationManager', { path: { ...organization, userId }, body: { roles } }),
        remove: (userId: string) =>
          api.call('removeOrganizationManager', { path: { ...organization, userId } }),
      };
    case 'project':
      return {
        held,
        list: (query: { cursor?: string }, signal: AbortSignal) =>
          api.call('listProjectManagers', { path: project, query, signal }),
        set: (userId: string, roles: ManagerRoleName[]) =>
          api.call('setProjectManager', { path: { ...project, userId }, body: { roles } }),
        remove: (userId: string) => api.call('removeProjectManager', { path: { ...project, userId } }),
      };
    case 'project-grant':
      return {
        held,
        list: (query: { cursor?: string }, signal: AbortSignal) =>
          api.call('listProjectGrantManagers', { path: grant, query, signal }),
        set: (userId: string, roles: ManagerRoleName[]) =>
          api.call('setProjectGrantManager', { path: { ...grant, userId }, body: { roles } }),
        remove: (userId: string) => api.call('removeProjectGrantManager', { path: { ...grant, userId } }),
      };
  }
}
