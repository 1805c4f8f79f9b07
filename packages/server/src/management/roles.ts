import { insertRole, listRoles, lockProject, removeRole, updateRole } from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { notFound } from './admit.ts';
import type { Handlers } from './call.ts';
import { pageAnswer } from './list-answer.ts';
import { refuseSystemProject } from './system-project.ts';

/** Carries the operations about roles out. */
export const roleHandlers: Handlers<'listRoles' | 'createRole' | 'updateRole' | 'removeRole'> = {
  listRoles: async (call) => {
    const { deps, instance, path, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listRoles(deps.store.db, instance.scope, path.projectId, query, page);
    return pageAnswer(rows, query.limit, {
      item: (row) => row,
      position: (row) => [row.key, row.key],
      cursorAfter: call.cursorAfter,
    });
  },
  createRole: async ({ instance, path, body, change }) => {
    refuseSystemProject(instance, path.projectId);
    const { key, displayName = key, group = null } = body;
    const role = { key, displayName, group };
    await change(async (under) => {
      if ((await lockProject(under, path.projectId)) === undefined) throw notFound('project', path.projectId);
      if ((await insertRole(under, path.projectId, role)) === 'taken')
        throw new ApiError('already-exists', `The project has a role ${key} already.`, {
          errors: [{ pointer: '/key', detail: 'is taken; choose another key' }],
        });
    });
    return role;
  },
  updateRole: async ({ path, body, change }) => {
    const role = await change((under) => updateRole(under, path.projectId, path.roleKey, body));
    if (role === undefined) throw notFound('role', path.roleKey);
    return role;
  },
  removeRole: async ({ path, change }) => {
    await change(async (under) => {
      await lockProject(under, path.projectId);
      if ((await removeRole(under, path.projectId, path.roleKey)) === 'not-found')
        throw notFound('role', path.roleKey);
    });
    return undefined;
  },
};
