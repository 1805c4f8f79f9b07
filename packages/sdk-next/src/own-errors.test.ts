import { IssuerUnavailable, LoginRequired, RefreshRequired } from '@latchkey/bff';
import { expect, test } from 'vitest';
import { toOwnError } from './own-errors.ts';

test.each([
  ['login_required', LoginRequired],
  ['refresh_required', RefreshRequired],
  ['issuer_unavailable', IssuerUnavailable],
] as const)('%s of another copy of the package becomes an error of this one', (code, ownClass) => {
  const foreign = Object.assign(new Error('Sign in again.'), { code });
  const own = toOwnError(foreign);
  expect(own).toBeInstanceOf(ownClass);
  expect(own).toMatchObject({ code, message: 'Sign in again.', cause: foreign });
  expect(toOwnError(own)).toBe(own);
});

test('anything else stays as it is', () => {
  const error = new TypeError('fetch failed');
  expect([toOwnError(error), toOwnError('text')]).toEqual([error, 'text']);
});
