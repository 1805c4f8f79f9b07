import { type Operations, project as projectSchema, type ResponseOf } from '@latchkey/contract';
import {
  findProjectRecord,
  insertProject,
  isProjectNameTaken,
  listProjectDependents,
  listProjectRecords,
  lockProject,
  type ProjectRecord,
  removeProject,
  setMembership,
  updateProject,
  updateState,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { isAllowed } from './access.ts';
import { notFound } from './admit.ts';
import { refuseUnknownAllowed, uniqueAllowed } from './allowed-requesters.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { pageAnswer } from './list-answer.ts';
import { projectGrantHandlers } from './project-grants.ts';
import { roleHandlers } from './roles.ts';
import { isSystemProject, refuseSystemProject } from './system-project.ts';

type Project = ResponseOf<Operations['getProject']>;

function toProject(instance: InstanceContext, record: ProjectRecord): Project {
  const { createdAtMs, allowedClientIds, allowedOrganizationIds, ...rest } = record;
  return {
    ...rest,
    allowedClientIds: [...allowedClientIds],
    allowedOrganizationIds: [...allowedOrganizationIds],
    isSystem: isSystemProject(instance, record.id),
    createdAt: new Date(createdAtMs).toISOString(),
  };
}

function refuseTakenName(name: string): never {
  throw new ApiError('already-exists', `The organization has a project named ${name} already.`, {
    errors: [{ pointer: '/name', detail: 'is taken; choose another name' }],
  });
}

async function createProject(call: CallOf<'createProject'>): Promise<Project> {
  const { instance, caller, place } = call;
  const { organizationId: _, name, roles = [], roleAssertion, roleCheck, hasProjectCheck } = call.body;
  const { isOpenToThirdParties } = call.body;
  const keys = roles.map(({ key }) => key);
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  if (twice >= 0)
    throw new ApiError('invalid-input', `The role ${keys[twice] ?? ''} is there twice.`, {
      errors: [{ pointer: `/roles/${twice}/key`, detail: 'is there already' }],
    });
  const { id, claim } = chosenId(call, call.body.id);
  const record = await call.change(async (change) => {
    await claim(change);
    const organizationId = place.id;
    if (await isProjectNameTaken(change, { organizationId, name })) refuseTakenName(name);
    await refuseUnknownAllowed(change, call.body);
    await insertProject(change, {
      id,
      organizationId,
      name,
      ...(roleAssertion === undefined ? {} : { roleAssertion }),
      ...(roleCheck === undefined ? {} : { roleCheck }),
      ...(hasProjectCheck === undefined ? {} : { hasProjectCheck }),
      ...(isOpenToThirdParties === undefined ? {} : { isOpenToThirdParties }),
      ...uniqueAllowed(call.body),
      roles: roles.map(({ key, displayName = key, group }) => ({
        key,
        displayName,
        ...(group === undefined || group === null ? {} : { groupName: group }),
      })),
    });
    if (!isAllowed(caller.memberships, place, 'project.write'))
      await setMembership(change, { objectKind: 'project', objectId: id, userId: caller.subject.user.id }, [
        'PROJECT_OWNER',
      ]);
    return await lockProject(change, id);
  });
  if (record === undefined) throw notFound('project', id);
  return toProject(instance, record);
}

async function changeProject(call: CallOf<'updateProject'>): Promise<Project> {
  const { instance, path, body } = call;
  const settings = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const record = await call.change(async (change) => {
    const before = await lockProject(change, path.projectId);
    if (before === undefined) throw notFound('project', path.projectId);
    refuseSystemProject(instance, before.id);
    call.checkVersion(projectSchema, toProject(instance, before));
    const { organizationId, id: exceptId } = before;
    if (
      body.name !== undefined &&
      (await isProjectNameTaken(change, { organizationId, name: body.name, exceptId }))
    )
      refuseTakenName(body.name);
    await refuseUnknownAllowed(change, body, before);
    await updateProject(change, before, { ...settings, ...uniqueAllowed(body) });
    return await findProjectRecord(change.trx, change.scope, before.id);
  });
  if (record === undefined) throw notFound('project', path.projectId);
  return toProject(instance, record);
}

async function setProjectState(
  call: CallOf<'activateProject'> | CallOf<'deactivateProject'>,
  state: 'active' | 'inactive',
): Promise<Project> {
  const { instance, path } = call;
  refuseSystemProject(instance, path.projectId);
  const record = await call.change(async (change) => {
    await updateState(change, 'project', path.projectId, state);
    return await findProjectRecord(change.trx, change.scope, path.projectId);
  });
  if (record === undefined) throw notFound('project', path.projectId);
  return toProject(instance, record);
}

async function dropProject(call: CallOf<'removeProject'>): Promise<undefined> {
  const { instance, path, query } = call;
  refuseSystemProject(instance, path.projectId);
  await call.change(async (change) => {
    const record = await lockProject(change, path.projectId);
    if (record === undefined) throw notFound('project', path.projectId);
    const dependents = query.cascade ? [] : await listProjectDependents(change, record.id);
    if (dependents.length > 0) {
      const what = dependents
        .map(({ kind, count }) => `${count} ${kind}${count === 1 ? '' : 's'}`)
        .join(', ');
      throw new ApiError('has-dependents', `The project ${record.name} has ${what}.`, { dependents });
    }
    await removeProject(change, record);
  });
  return undefined;
}

/** Carries the operations about projects out. */
export const projectHandlers: Handlers<
  | 'listProjects'
  | 'createProject'
  | 'getProject'
  | 'updateProject'
  | 'activateProject'
  | 'deactivateProject'
  | 'removeProject'
  | keyof typeof roleHandlers
  | keyof typeof projectGrantHandlers
> = {
  listProjects: async (call) => {
    const { deps, instance, reach, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listProjectRecords(deps.store.db, instance.scope, { ...query, reach }, page);
    return pageAnswer(rows, query.limit, {
      item: (row) => toProject(instance, row),
      position: (row) => [row.sortKey, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  createProject,
  getProject: async ({ deps, instance, path }) => {
    const record = await findProjectRecord(deps.store.db, instance.scope, path.projectId);
    if (record === undefined) throw notFound('project', path.projectId);
    return toProject(instance, record);
  },
  updateProject: changeProject,
  activateProject: (call) => setProjectState(call, 'active'),
  deactivateProject: (call) => setProjectState(call, 'inactive'),
  removeProject: dropProject,
  ...roleHandlers,
  ...projectGrantHandlers,
};
