// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { rememberDeletion, takeDeletion } from './pending-deletion.ts';

const storage = window.sessionStorage;
const pending = { slug: 'ferry', version: 2, userId: '7', authTime: 1_000 };

beforeEach(() => {
  storage.clear();
  rememberDeletion(storage, pending);
});

test('after another sign-in the deletion goes on, once', () => {
  const now = { slug: 'ferry', userId: '7', authTime: 1_400 };
  expect(takeDeletion(storage, now)).toEqual(pending);
  expect(takeDeletion(storage, now)).toBeUndefined();
});

test.each([
  ['coming back without signing in', { slug: 'ferry', userId: '7', authTime: 1_000 }],
  ['a sign-in of unknown time', { slug: 'ferry', userId: '7', authTime: undefined }],
  ['another user', { slug: 'ferry', userId: '8', authTime: 1_400 }],
  ['another article', { slug: 'tram', userId: '7', authTime: 1_400 }],
])('%s deletes nothing, then or later', (_case, now) => {
  expect(takeDeletion(storage, now)).toBeUndefined();
  expect(takeDeletion(storage, { slug: 'ferry', userId: '7', authTime: 1_400 })).toBeUndefined();
});
