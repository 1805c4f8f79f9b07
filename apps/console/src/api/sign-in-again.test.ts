import { type AuthUser, StepUpRequired } from '@latchkey/react';
import { expect, test } from 'vitest';
import { judgeSignIn, withRecentSignIn } from './sign-in-again.ts';

const stepUp = () => new StepUpRequired('more recent', { maxAge: 900 });
const stillOld = () => new Error('still old');
const person = (id: string, auth_time: number): AuthUser => ({
  ...{
    id,
    name: undefined,
    givenName: undefined,
    familyName: undefined,
    email: undefined,
    emailVerified: false,
  },
  ...{ picture: undefined, loginName: undefined, roles: [], claims: { sub: id, auth_time } },
});

test('RFC 9470 §4: an action that requires a recent sign-in is repeated after it', async () => {
  const asked: unknown[] = [];
  let calls = 0;
  const action = async () => {
    calls += 1;
    if (asked.length === 0) throw stepUp();
    return 'done';
  };
  expect(await withRecentSignIn(action, async (maxAge) => void asked.push(maxAge), stillOld)).toBe('done');
  expect([calls, asked]).toEqual([2, [900]]);
});

test('no loop: an API that still refuses after the sign-in is not asked a third time, and nobody signs in twice', async () => {
  let calls = 0;
  let signIns = 0;
  const action = async () => {
    calls += 1;
    throw stepUp();
  };
  const outcome = withRecentSignIn(
    action,
    async () => {
      signIns += 1;
    },
    stillOld,
  );
  await expect(outcome).rejects.toThrow('still old');
  expect([calls, signIns]).toEqual([2, 1]);
});

test('who cancels the sign-in, and every other refusal, ends the action without a second attempt', async () => {
  let calls = 0;
  const action = (error: Error) => async () => {
    calls += 1;
    throw error;
  };
  const cancel = async () => Promise.reject(new Error('canceled'));
  await expect(withRecentSignIn(action(stepUp()), cancel, stillOld)).rejects.toThrow('canceled');
  await expect(withRecentSignIn(action(new Error('other')), async () => undefined, stillOld)).rejects.toThrow(
    'other',
  );
  expect(calls).toBe(2);
});

test('only a newer sign-in of the same person lets the action go on', () => {
  const before = { userId: '1', signedInAt: 100 };
  expect(judgeSignIn(before, person('1', 100))).toBe('waiting');
  expect(judgeSignIn(before, person('1', 101))).toBe('signed-in');
  expect(judgeSignIn(before, person('2', 101))).toBe('other-user');
  expect(judgeSignIn(before, undefined)).toBe('waiting');
});
