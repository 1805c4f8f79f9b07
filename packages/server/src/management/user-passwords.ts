import { isCommonPassword, judgePassword, type PasswordProblem } from '@latchkey/identity';
import { findPasswordState, findUserRecord, updatePasswordHash } from '@latchkey/store';
import { attemptKeyOf } from '../platform/attempt-keys.ts';
import { ApiError } from '../platform/errors.ts';
import { keyedCounter, takeAttempt } from '../platform/take-attempt.ts';
import { notFound } from './admit.ts';
import type { Call, CallOf } from './call.ts';
import { refuseField } from './user-representation.ts';

function tell(problem: PasswordProblem): string {
  switch (problem.kind) {
    case 'too-short':
      return `must have ${problem.minimumLength} characters or more`;
    case 'too-long':
      return `must have ${problem.maximumBytes} bytes or fewer`;
    case 'common':
      return 'is one that many people use; choose another';
    case 'contains-context':
      return `is little more than ${problem.word}; choose another`;
  }
}

/** Whose password it shall be. */
export interface PasswordOwner {
  readonly organizationId: string;
  readonly loginName: string;
  readonly givenName?: string | null | undefined;
  readonly familyName?: string | null | undefined;
}

/** What is wrong with a new password by the policy of the person's organization; `undefined` when nothing is. */
export async function passwordProblemOf(
  { deps, instance }: Pick<Call<unknown, unknown, unknown>, 'deps' | 'instance'>,
  owner: PasswordOwner,
  password: string,
): Promise<string | undefined> {
  const settings = await deps.settings.of(instance.scope, owner.organizationId);
  const { loginName, givenName, familyName } = owner;
  const words = [loginName, loginName.split('@')[0], givenName, familyName, settings.organizationName]
    .filter((word) => word !== undefined && word !== null)
    .sort((a, b) => b.length - a.length);
  const problem = judgePassword(password, settings.passwordPolicy, words, isCommonPassword);
  return problem === undefined ? undefined : tell(problem);
}

/** The hash of a new password. Throws `password-refused`, and `PasswordPoolBusy` when too many are being hashed. */
export async function hashNewPassword(
  call: Pick<Call<unknown, unknown, unknown>, 'deps' | 'instance'>,
  owner: PasswordOwner,
  password: string,
): Promise<string> {
  const problem = await passwordProblemOf(call, owner, password);
  if (problem !== undefined)
    throw new ApiError('password-refused', `The password ${problem}.`, {
      errors: [{ pointer: '/password', detail: problem }],
    });
  const { passwords } = call.deps;
  return await passwords.admitTokenHolder(() => passwords.hash(password));
}

/** Looks at the password of an attempt that was counted; what could not be looked at, or was right, does not stay counted. */
async function isCurrentPassword(
  { deps }: CallOf<'setUserPassword'>,
  giveBack: () => Promise<void>,
  password: string,
  hash: string,
): Promise<boolean> {
  const { passwords } = deps;
  try {
    const isMatch = await passwords.admitTokenHolder(() => passwords.verify(password, hash));
    if (isMatch) await giveBack();
    return isMatch;
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** A token alone changes nobody's own password: whoever holds it may not know the present one. */
async function checkCurrentPassword(call: CallOf<'setUserPassword'>): Promise<void> {
  const { deps, instance, path, body, context } = call;
  const state = await findPasswordState(deps.store.db, instance.scope, path.userId);
  if (state === undefined) throw notFound('user', path.userId);
  if (state.passwordHash === null) return;
  if (body.currentPassword === undefined)
    refuseField('currentPassword', 'is missing; you change your own password');
  const { lockoutPolicy } = await deps.settings.of(instance.scope, state.organizationId);
  // Who holds a token of the account has a counter of its own: the guesses of others do not keep it from a new password.
  const key = attemptKeyOf(instance, 'own-password', path.userId);
  const logged = { userId: path.userId, organizationId: state.organizationId, ip: context.ip };
  const counter = keyedCounter(context, key, logged);
  const taken = await takeAttempt(context, counter, lockoutPolicy);
  if (taken.kind === 'wait')
    throw new ApiError('conflict', 'Too many attempts at the current password; try again in a while.');
  if (!(await isCurrentPassword(call, taken.giveBack, body.currentPassword, state.passwordHash)))
    refuseField('currentPassword', 'is not the current password');
}

/** Sets the password of a person; their sessions end. */
export async function setUserPassword(call: CallOf<'setUserPassword'>): Promise<undefined> {
  const { deps, instance, caller, path, body } = call;
  const user = await findUserRecord(deps.store.db, instance.scope, path.userId);
  if (user === undefined) throw notFound('user', path.userId);
  if (user.kind === 'machine')
    throw new ApiError('conflict', 'A machine has no password; give it a secret or a key.');
  if (path.userId === caller.subject.user.id) await checkCurrentPassword(call);
  const hash = await hashNewPassword(call, user, body.password);
  const next = body.isPasswordChangeRequired === true ? 'must-be-changed' : 'is-their-own';
  await call.change(async (change) => {
    if ((await updatePasswordHash(change, user.id, hash, next)) === 'not-found')
      throw notFound('user', user.id);
  });
  return undefined;
}
