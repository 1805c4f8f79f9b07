import { projectGrant as grantSchema, type Operations, type ResponseOf } from '@latchkey/contract';
import {
  type Change,
  findPlace,
  findProjectGrant,
  findUnknownRoles,
  insertProjectGrant,
  listGrantDependents,
  listGrantedProjects,
  listProjectGrants,
  lockProject,
  lockProjectGrant,
  type ProjectGrant,
  removeProjectGrant,
  setProjectGrantState,
  updateProjectGrantRoles,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { pageAnswer } from './list-answer.ts';
import { refuseSystemProject } from './system-project.ts';

type Grant = ResponseOf<Operations['getProjectGrant']>;

function toGrant({ createdAtMs, roleKeys, ...rest }: ProjectGrant): Grant {
  return { ...rest, roleKeys: [...roleKeys], createdAt: new Date(createdAtMs).toISOString() };
}

async function refuseUnknownRoles(change: Change, projectId: string, keys: readonly string[]): Promise<void> {
  const [unknown] = await findUnknownRoles(change.trx, change.scope, projectId, keys);
  if (unknown !== undefined)
    throw new ApiError('invalid-input', `The project has no role ${unknown}.`, {
      errors: [{ pointer: `/roleKeys/${keys.indexOf(unknown)}`, detail: 'is no role of the project' }],
    });
}

async function lockedGrant(
  change: Change,
  path: { readonly projectId: string; readonly grantId: string },
): Promise<ProjectGrant> {
  const grant = await lockProjectGrant(change, path.projectId, path.grantId);
  if (grant === undefined) throw notFound('project-grant', path.grantId);
  return grant;
}

async function presentGrant(
  change: Change,
  path: { readonly projectId: string; readonly grantId: string },
): Promise<Grant> {
  const grant = await findProjectGrant(change.trx, change.scope, path.projectId, path.grantId);
  if (grant === undefined) throw notFound('project-grant', path.grantId);
  return toGrant(grant);
}

async function createProjectGrant(call: CallOf<'createProjectGrant'>): Promise<Grant> {
  const { instance, deps, path, body } = call;
  const { projectId } = path;
  refuseSystemProject(instance, projectId);
  const { organizationId } = body;
  if (organizationId === call.place.organizationId)
    throw new ApiError('conflict', 'The organization owns the project; its users need no grant.');
  if ((await findPlace(deps.store.db, instance.scope, 'organization', organizationId)) === undefined)
    throw notFound('organization', organizationId);
  const roleKeys = [...new Set(body.roleKeys)];
  const { id, claim } = chosenId(call, body.id);
  return await call.change(async (change) => {
    await claim(change);
    if ((await lockProject(change, projectId)) === undefined) throw notFound('project', projectId);
    await refuseUnknownRoles(change, projectId, roleKeys);
    if ((await insertProjectGrant(change, { id, projectId, organizationId, roleKeys })) === 'taken')
      throw new ApiError(
        'already-exists',
        'The project is granted to the organization already; change that grant.',
        { errors: [{ pointer: '/organizationId', detail: 'has a grant already' }] },
      );
    return await presentGrant(change, { projectId, grantId: id });
  });
}

async function changeProjectGrant(call: CallOf<'updateProjectGrant'>): Promise<Grant> {
  const { path } = call;
  const roleKeys = [...new Set(call.body.roleKeys)];
  return await call.change(async (change) => {
    const grant = await lockedGrant(change, path);
    call.checkVersion(grantSchema, toGrant(grant));
    await refuseUnknownRoles(change, path.projectId, roleKeys);
    await updateProjectGrantRoles(change, grant, roleKeys);
    return await presentGrant(change, path);
  });
}

async function setState(
  call: CallOf<'activateProjectGrant'> | CallOf<'deactivateProjectGrant'>,
  state: 'active' | 'inactive',
): Promise<Grant> {
  return await call.change(async (change) => {
    await setProjectGrantState(change, await lockedGrant(change, call.path), state);
    return await presentGrant(change, call.path);
  });
}

async function dropProjectGrant({ path, query, change }: CallOf<'removeProjectGrant'>): Promise<undefined> {
  await change(async (under) => {
    const grant = await lockedGrant(under, path);
    const { count, names } = await listGrantDependents(under, grant.id);
    if (count > 0 && !query.cascade)
      throw new ApiError('has-dependents', `Through the grant there are ${count} authorizations.`, {
        dependents: [{ kind: 'authorization', count, names }],
      });
    await removeProjectGrant(under, grant);
  });
  return undefined;
}

/** Carries the operations about project grants out. */
export const projectGrantHandlers: Handlers<
  | 'listProjectGrants'
  | 'createProjectGrant'
  | 'getProjectGrant'
  | 'updateProjectGrant'
  | 'activateProjectGrant'
  | 'deactivateProjectGrant'
  | 'removeProjectGrant'
  | 'listGrantedProjects'
> = {
  listProjectGrants: async (call) => {
    const { deps, instance, path, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listProjectGrants(deps.store.db, instance.scope, path.projectId, query, page);
    return pageAnswer(rows, query.limit, {
      item: toGrant,
      position: (row) => [row.id, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  createProjectGrant,
  getProjectGrant: async ({ deps, instance, path }) => {
    const grant = await findProjectGrant(deps.store.db, instance.scope, path.projectId, path.grantId);
    if (grant === undefined) throw notFound('project-grant', path.grantId);
    return toGrant(grant);
  },
  updateProjectGrant: changeProjectGrant,
  activateProjectGrant: (call) => setState(call, 'active'),
  deactivateProjectGrant: (call) => setState(call, 'inactive'),
  removeProjectGrant: dropProjectGrant,
  listGrantedProjects: async (call) => {
    const { deps, instance, path, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listGrantedProjects(deps.store.db, instance.scope, path.organizationId, query, page);
    return pageAnswer(rows, query.limit, {
      item: ({ createdAtMs, roles, ...rest }) => ({
        ...rest,
        roles: [...roles],
        createdAt: new Date(createdAtMs).toISOString(),
      }),
      position: (row) => [row.grantId, row.grantId],
      cursorAfter: call.cursorAfter,
    });
  },
};
