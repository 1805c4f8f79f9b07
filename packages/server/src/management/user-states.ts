import {
  type Change,
  findUserRecord,
  forgetFailedAttempts,
  removeUser,
  type UserRecord,
  updateState,
} from '@latchkey/store';
import { ApiError } from '../platform/errors.ts';
import { notFound } from './admit.ts';
import type { CallOf, Handlers } from './call.ts';
import { refuseLastOwner } from './owners.ts';
import { toUser, type UserAnswer } from './user-representation.ts';

type StateCall =
  | CallOf<'activateUser'>
  | CallOf<'deactivateUser'>
  | CallOf<'lockUser'>
  | CallOf<'unlockUser'>;

async function putInState(
  call: StateCall,
  state: UserRecord['state'],
  check: (change: Change, user: UserRecord) => Promise<void>,
): Promise<UserAnswer> {
  const { userId } = call.path;
  const record = await call.change(async (change, user) => {
    if (user === undefined) throw notFound('user', userId);
    await check(change, user);
    await updateState(change, 'user', userId, state);
    return await findUserRecord(change.trx, change.scope, userId);
  });
  if (record === undefined) throw notFound('user', userId);
  return toUser(record);
}

/** Carries the operations that turn users on and off out. */
export const userStateHandlers: Handlers<
  'activateUser' | 'deactivateUser' | 'lockUser' | 'unlockUser' | 'removeUser'
> = {
  activateUser: (call) => putInState(call, 'active', (change, user) => forgetFailedAttempts(change, user.id)),
  deactivateUser: (call) => putInState(call, 'inactive', (change, user) => refuseLastOwner(change, user.id)),
  lockUser: (call) => putInState(call, 'locked', (change, user) => refuseLastOwner(change, user.id)),
  unlockUser: (call) =>
    putInState(call, 'active', async (change, user) => {
      if (user.state === 'inactive')
        throw new ApiError('conflict', 'The user is deactivated, not locked; activate them.');
      await forgetFailedAttempts(change, user.id);
    }),
  removeUser: async (call) => {
    const { userId } = call.path;
    await call.change(async (change, user) => {
      if (user === undefined) throw notFound('user', userId);
      await refuseLastOwner(change, userId);
      await removeUser(change, user);
    });
    return undefined;
  },
};
