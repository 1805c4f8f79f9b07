import { expect, test } from 'vitest';
import { type LoginProgress, type LoginStep, nextStep } from './login-steps.ts';

const choose = { wish: 'choose-account' } as const;
const other = { wish: 'other-account' } as const;

test.each<[string, Partial<LoginProgress>, LoginStep]>([
  ['nothing known', {}, 'login-name'],
  ['nothing known, somebody signed in', { usableSessions: 1 }, 'login-name'],
  ['login name known', { loginName: 'alice' }, 'password'],
  ['password checked', { loginName: 'alice', verified: ['password'] }, 'done'],
  ['accounts wished for', { ...choose, usableSessions: 2 }, 'accounts'],
  ['accounts wished for, name known', { ...choose, usableSessions: 1, loginName: 'alice' }, 'accounts'],
  ['accounts wished for, none there', { ...choose, usableSessions: 0 }, 'login-name'],
  ['accounts wished for, none there, name known', { ...choose, loginName: 'alice' }, 'password'],
  ['another account wished for', { ...other, usableSessions: 2 }, 'login-name'],
  ['another account named', { ...other, usableSessions: 2, loginName: 'bob' }, 'password'],
])('a sign-in goes on with what is missing (%s)', (_, progress, step) => {
  expect(nextStep({ verified: [], usableSessions: 0, ...progress })).toBe(step);
});

test('no sign-in is done without a checked password', () => {
  for (const wish of [{}, choose, other])
    for (const name of [{}, { loginName: 'alice' }])
      for (const usableSessions of [0, 1, 5])
        expect(nextStep({ ...wish, ...name, usableSessions, verified: [] })).not.toBe('done');
});
