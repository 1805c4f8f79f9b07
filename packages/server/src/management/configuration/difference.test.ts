import { expect, test } from 'vitest';
import { differenceOf } from './difference.ts';

test('lists of texts are sets at any depth: order and repetition change nothing, another member does', () => {
  const present = { redirectUris: ['a', 'b'], policy: { grantTypes: ['x', 'y'] } };
  expect(
    differenceOf({ redirectUris: ['b', 'a', 'b'], policy: { grantTypes: ['y', 'x'] } }, present),
  ).toEqual([]);
  expect(differenceOf({ redirectUris: ['a', 'c'] }, present)).toEqual([
    { field: 'redirectUris', from: ['a', 'b'], to: ['a', 'c'] },
  ]);
  expect(differenceOf({ redirectUris: ['a'] }, present)).toHaveLength(1);
});

test('lists whose first entry counts most, and lists of objects, keep their order', () => {
  const present = { defaultAcrValues: ['a', 'b'], jwks: { keys: [{ kid: '1' }, { kid: '2' }] } };
  expect(differenceOf({ defaultAcrValues: ['b', 'a'] }, present)).toHaveLength(1);
  expect(differenceOf({ jwks: { keys: [{ kid: '2' }, { kid: '1' }] } }, present)).toHaveLength(1);
});
