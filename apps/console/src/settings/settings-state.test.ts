import type { ProblemBody } from '@latchkey/contract/client';
import { expect, test } from 'vitest';
import { bodyOf, errorsOf } from './settings-state.ts';

const problem: ProblemBody = {
  type: 'https://id.example/api/v1/docs#problem-invalid-input',
  title: 'No',
  status: 400,
  code: 'invalid-input',
  detail: 'No',
  next: 'Mend it',
  instance: 'r1',
  errors: [
    { pointer: '/login/allowedLanguages/1', detail: 'is no language' },
    { pointer: '/lockout/freeAttempts', detail: 'is too much' },
    { pointer: '/features/registrationPolicy/projectId', detail: 'is not there' },
  ],
};

test('what the API says stands at the field it is about, entries of a list included', () => {
  expect(errorsOf(problem, 'login')).toEqual({ allowedLanguages: 'is no language' });
  expect(errorsOf(problem, 'lockout')).toEqual({ freeAttempts: 'is too much' });
  expect(errorsOf(problem, 'registration')).toEqual({ projectId: 'is not there' });
  expect(errorsOf(undefined, 'login')).toEqual({});
});

test('the policy of registration travels within the features', () => {
  expect(bodyOf('registration', { projectId: null })).toEqual({
    features: { registrationPolicy: { projectId: null } },
  });
  expect(bodyOf('password', { minimumLength: 20 })).toEqual({ password: { minimumLength: 20 } });
});
