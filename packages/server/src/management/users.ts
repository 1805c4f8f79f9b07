import { user as userSchema } from '@latchkey/contract';
import {
  countOtherMetadata,
  findUserRecord,
  insertUserOnce,
  listConsents,
  listUserMetadata,
  listUserRecords,
  removeConsent,
  removeUserMetadata,
  updateUser,
  upsertUserMetadata,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { chosenId } from './given-id.ts';
import { pageAnswer } from './list-answer.ts';
import { userCredentialHandlers } from './user-credentials.ts';
import { importUsers } from './user-import.ts';
import { hashNewPassword } from './user-passwords.ts';
import {
  present,
  refuseField,
  refuseForeignDomain,
  refuseTaken,
  toUser,
  toUserFields,
  type UserAnswer,
  usualDisplayName,
} from './user-representation.ts';
import { userStateHandlers } from './user-states.ts';

const maximumMetadata = 200;

async function createUser(call: CallOf<'createUser'>): Promise<UserAnswer> {
  const { body, place } = call;
  const { id: given, organizationId: _, kind, password, isPasswordChangeRequired = false, ...sent } = body;
  if (kind === 'machine' && password !== undefined)
    refuseField('password', 'is nothing a machine has; give it a secret or a key');
  if (sent.isEmailVerified === true && typeof sent.email !== 'string')
    refuseField('isEmailVerified', 'needs an email');
  const { loginName } = sent;
  const { address, ...fields } = toUserFields(kind, sent);
  const owner = { ...sent, organizationId: place.id };
  const hash = password === undefined ? undefined : await hashNewPassword(call, owner, password);
  const { id, claim } = chosenId(call, given);
  const record = await call.change(async (change) => {
    await claim(change);
    const verifiedEmail = sent.isEmailVerified === true ? sent.email : undefined;
    await refuseForeignDomain(change, place.id, { loginName, verifiedEmail });
    const outcome = await insertUserOnce(change, {
      ...fields,
      ...(address === undefined || address === null ? {} : { address: JSON.stringify(address) }),
      id,
      organizationId: place.id,
      kind,
      loginName,
      loginNameCanonical: fields.loginNameCanonical ?? loginName,
      displayName: sent.displayName ?? usualDisplayName(sent, loginName),
      ...(hash === undefined ? {} : { passwordHash: hash, isPasswordChangeRequired }),
    });
    if (outcome !== 'inserted') refuseTaken(outcome, sent);
    return await findUserRecord(change.trx, change.scope, id);
  });
  if (record === undefined) throw notFound('user', id);
  return toUser(record);
}

async function changeUser(call: CallOf<'updateUser'>): Promise<UserAnswer> {
  const { path, body } = call;
  const record = await call.change(async (change, before) => {
    if (before === undefined) throw notFound('user', path.userId);
    call.checkVersion(userSchema, toUser(before));
    const fields = toUserFields(before.kind, body);
    const email = body.email === undefined ? before.email : body.email;
    const isVerified = fields.isEmailVerified ?? before.isEmailVerified;
    if (isVerified && email === null) refuseField('isEmailVerified', 'needs an email');
    const isAddressNew = email !== before.email || !before.isEmailVerified;
    await refuseForeignDomain(change, before.organizationId, {
      loginName: body.loginName === before.loginName ? undefined : body.loginName,
      verifiedEmail: isVerified && isAddressNew ? email : undefined,
    });
    const update = await updateUser(change, before, fields);
    return update.kind === 'saved'
      ? update.user
      : refuseTaken(update.part, { email: before.email, ...present(body) });
  });
  return toUser(record);
}

async function setUserMetadata(call: CallOf<'setUserMetadata'>) {
  const { userId, key } = call.path;
  const { value } = call.body;
  await call.change(async (change, user) => {
    if (user === undefined) throw notFound('user', userId);
    if ((await countOtherMetadata(change, userId, key)) >= maximumMetadata)
      throw new ApiError('conflict', `The user has ${maximumMetadata} metadata values; remove some first.`);
    await upsertUserMetadata(change, userId, key, Buffer.from(value, 'base64'));
  });
  return { key, value };
}

/** Carries the operations about users out. */
export const userHandlers: Handlers<
  | 'listUsers'
  | 'createUser'
  | 'importUsers'
  | 'getUser'
  | 'updateUser'
  | 'listUserMetadata'
  | 'setUserMetadata'
  | 'removeUserMetadata'
  | 'listConsents'
  | 'removeConsent'
  | keyof typeof userStateHandlers
  | keyof typeof userCredentialHandlers
> = {
  listUsers: async (call) => {
    const { deps, instance, reach, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listUserRecords(deps.store.db, instance.scope, { ...query, reach }, page);
    return pageAnswer(rows, query.limit, {
      item: toUser,
      position: (row) => [row.sortKey, row.id],
      cursorAfter: call.cursorAfter,
    });
  },
  createUser,
  importUsers,
  getUser: async ({ deps, instance, path }) => {
    const record = await findUserRecord(deps.store.db, instance.scope, path.userId);
    if (record === undefined) throw notFound('user', path.userId);
    return toUser(record);
  },
  updateUser: changeUser,
  ...userStateHandlers,
  ...userCredentialHandlers,
  listUserMetadata: async (call) => {
    const { deps, instance, path, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listUserMetadata(deps.store.db, instance.scope, path.userId, page);
    return pageAnswer(rows, query.limit, {
      item: ({ key, value }) => ({ key, value: value.toString('base64') }),
      position: ({ key }) => [key],
      cursorAfter: call.cursorAfter,
    });
  },
  setUserMetadata,
  removeUserMetadata: async ({ change, path: { userId, key } }) => {
    await change(async (under) => {
      if ((await removeUserMetadata(under, userId, key)) === 'not-found')
        throw notFound('metadata value', key);
    });
    return undefined;
  },
  listConsents: async (call) => {
    const { deps, instance, path, query, position: after } = call;
    const page = { limit: query.limit + 1, after };
    const rows = await listConsents(deps.store.db, instance.scope, path.userId, page);
    return pageAnswer(rows, query.limit, {
      item: ({ createdAtMs, updatedAtMs, scopes, ...rest }) => ({
        ...rest,
        scopes: [...scopes],
        createdAt: new Date(createdAtMs).toISOString(),
        updatedAt: new Date(updatedAtMs).toISOString(),
      }),
      position: ({ applicationId }) => [applicationId, applicationId],
      cursorAfter: call.cursorAfter,
    });
  },
  removeConsent: async ({ change, path }) => {
    await change(async (under) => {
      if ((await removeConsent(under, path)) === 'not-found') throw notFound('consent', path.applicationId);
    });
    return undefined;
  },
};
