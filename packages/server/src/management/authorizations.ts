import { type Operations, type ResponseOf, authorization as schema } from '@latchkey/contract';
import {
  type AuthorizationRecord,
  findAuthorizationRecord,
  findGivableRoles,
  findPlace,
  type GivableRoles,
  holdProject,
  insertAuthorizationOnce,
  listAuthorizationRecords,
  listProjectGrants,
  lockAuthorization,
  type Place,
  updateAuthorizationRoles,
  updateState,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { isAllowed, isVisible } from './access.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { pageAnswer } from './list-answer.ts';
import { findReachableUser } from './reachable-user.ts';
import { refuseField } from './user-representation.ts';

type Authorization = ResponseOf<Operations['getAuthorization']>;

function toAuthorization({ createdAtMs, roleKeys, ...rest }: AuthorizationRecord): Authorization {
  return { ...rest, roleKeys: [...roleKeys], createdAt: new Date(createdAtMs).toISOString() };
}

function checkRoles(roleKeys: readonly string[], givable: GivableRoles): readonly string[] {
  const wrong = roleKeys.findIndex((key) => !givable.roleKeys.includes(key));
  if (wrong >= 0) {
    const where = givable.projectGrantId === null ? 'the project has' : 'the organization was granted';
    refuseField(
      `roleKeys/${wrong}`,
      `is no role ${where}; there are: ${givable.roleKeys.slice(0, 20).join(', ') || 'none'}`,
    );
  }
  return [...new Set(roleKeys)];
}

const firstOnly = { limit: 1, after: undefined } as const;

interface Giver {
  readonly projectId: string;
  readonly organizationId: string;
}

/** The grant by which an organization gives roles of a project; `undefined` when there is none. */
async function grantPlace(call: CallOf<'createAuthorization'>, giver: Giver): Promise<Place | undefined> {
  const { db } = call.deps.store;
  const { scope } = call.instance;
  const { organizationId } = giver;
  const [grant] = await listProjectGrants(db, scope, giver.projectId, { organizationId }, firstOnly);
  const place = grant && (await findPlace(db, scope, 'project-grant', grant.id));
  // Managers of the project are no borrowers: only roles held for the grant itself count.
  return place && { ...place, coverage: [{ kind: 'project-grant', id: place.id }] };
}

/**
 * In whose name the roles are given. Whoever may give them at the project gives them to every user they can name. Whoever
 * may do so at the organization or grant the project was lent to gives them in the name of that organization only, and to
 * its own people only. Throws `not-found` for what the caller cannot see.
 */
async function admitGiver(call: CallOf<'createAuthorization'>): Promise<Giver> {
  const { deps, instance, caller, body } = call;
  const { db } = deps.store;
  const { userId, projectId } = body;
  const { memberships } = caller;
  const project = await findPlace(db, instance.scope, 'project', projectId);
  if (project === undefined) throw notFound('project', projectId);
  const user = await findPlace(db, instance.scope, 'user', userId);
  const organizationId = body.organizationId ?? user?.organizationId ?? project.organizationId;
  const giver = { projectId, organizationId };
  const isOwn = project.organizationId === organizationId;
  const grant = isOwn ? undefined : await grantPlace(call, giver);
  const organization = await findPlace(db, instance.scope, 'organization', organizationId);
  const isAllowedAt = (place: Place | undefined): boolean =>
    place !== undefined && isAllowed(memberships, place, 'authorization.write');
  const isBorrower = !isOwn && grant !== undefined && (isAllowedAt(organization) || isAllowedAt(grant));
  const isOwner = isAllowedAt(project);
  if (!isOwner && !isBorrower) {
    const places = [project, ...(grant === undefined ? [] : [grant])];
    if (!places.some((place) => isVisible(memberships, place))) throw notFound('project', projectId);
    throw new ApiError('forbidden', 'It needs the permission authorization.write for the project.', {
      permission: 'authorization.write',
    });
  }
  if (!isOwn && grant === undefined && (organization === undefined || !isVisible(memberships, organization)))
    throw notFound('organization', organizationId);
  // The people of an organization are within reach of whoever gives roles in its name.
  if (user?.organizationId === organizationId && (isOwn || isBorrower)) return giver;
  if (!isOwner) throw notFound('user', userId);
  await findReachableUser(call, db, { userId, loginName: body.loginName, organizationIds: [] });
  return giver;
}

async function createAuthorization(call: CallOf<'createAuthorization'>): Promise<Authorization> {
  const { body } = call;
  const giver = await admitGiver(call);
  const { id, claim } = chosenId(call, body.id);
  const record = await call.change(async (change) => {
    await claim(change);
    await holdProject(change, giver.projectId);
    const givable = await findGivableRoles(change, giver);
    if (givable === undefined)
      refuseField('organizationId', 'is none the project belongs or was granted to; grant it first');
    const roleKeys = checkRoles(body.roleKeys, givable);
    const { projectGrantId } = givable;
    const row = { id, userId: body.userId, ...giver, projectGrantId, roleKeys };
    if ((await insertAuthorizationOnce(change, row)) === 'taken')
      throw new ApiError(
        'already-exists',
        'The user has an authorization for this project already; change its roles.',
        { errors: [{ pointer: '/projectId', detail: 'is authorized already' }] },
      );
    return await findAuthorizationRecord(change.trx, change.scope, id);
  });
  if (record === undefined) throw notFound('authorization', id);
  return toAuthorization(record);
}

async function changeAuthorization(call: CallOf<'updateAuthorization'>): Promise<Authorization> {
  const { authorizationId } = call.path;
  const { roleKeys } = call.body;
  const record = await call.change(async (change) => {
    const known = await findAuthorizationRecord(change.trx, change.scope, authorizationId);
    // Roles are locked project first everywhere, so that two changes never wait for each other.
    if (known !== undefined) await holdProject(change, known.projectId);
    const before = await lockAuthorization(change, authorizationId);
    if (before === undefined) throw notFound('authorization', authorizationId);
    call.checkVersion(schema, toAuthorization(before));
    if (roleKeys !== undefined) {
      const givable = (await findGivableRoles(change, before)) ?? {
        projectGrantId: before.projectGrantId,
        roleKeys: [],
      };
      await updateAuthorizationRoles(change, before, checkRoles(roleKeys, givable));
    }
    return await findAuthorizationRecord(change.trx, change.scope, authorizationId);
  });
  if (record === undefined) throw notFound('authorization', authorizationId);
  return toAuthorization(record);
}

async function putInState(
  call: CallOf<'activateAuthorization'> | CallOf<'deactivateAuthorization'>,
  state: 'active' | 'inactive',
): Promise<Authorization> {
  const { authorizationId } = call.path;
  const record = await call.change(async (change) => {
    await updateState(change, 'authorization', authorizationId, state);
    return await findAuthorizationRecord(change.trx, change.scope, authorizationId);
  });
  if (record === undefined) throw notFound('authorization', authorizationId);
  return toAuthorization(record);
}

/** Carries the operations about users' roles in projects out. */
export const authorizationHandlers: Handlers<
  | 'listAuthorizations'
  | 'createAuthorization'
  | 'getAuthorization'
  | 'updateAuthorization'
  | 'activateAuthorization'
  | 'deactivateAuthorization'
  | 'removeAuthorization'
> = {
  listAuthorizations: async (call) => {
    const { deps, instance, reach, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listAuthorizationRecords(deps.store.db, instance.scope, { ...query, reach }, page);
    return pageAnswer(rows, query.limit, {
      item: toAuthorization,
      position: (row) => [row.id, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  createAuthorization,
  getAuthorization: async ({ deps, instance, path }) => {
    const record = await findAuthorizationRecord(deps.store.db, instance.scope, path.authorizationId);
    if (record === undefined) throw notFound('authorization', path.authorizationId);
    return toAuthorization(record);
  },
  updateAuthorization: changeAuthorization,
  activateAuthorization: (call) => putInState(call, 'active'),
  deactivateAuthorization: (call) => putInState(call, 'inactive'),
  removeAuthorization: async ({ change, path }) => {
    await change(async (under) => {
      if ((await updateState(under, 'authorization', path.authorizationId, 'removed')) === 'not-found')
        throw notFound('authorization', path.authorizationId);
    });
    return undefined;
  },
};
