import { expect, test } from 'vitest';
import { factsOf, told } from './event-facts.ts';

test('what a field was before stands beside what it is since', () => {
  expect(factsOf({ from: { name: 'A', email: null }, to: { name: 'B' }, endsTokens: true })).toEqual({
    changes: [
      { field: 'name', before: 'A', after: 'B' },
      { field: 'email', before: null, after: undefined },
    ],
    facts: [['endsTokens', true]],
  });
});

test('one value that changed has no field', () => {
  expect(factsOf({ from: ['admin'], to: ['admin', 'reader'] }).changes).toEqual([
    { field: '', before: ['admin'], after: ['admin', 'reader'] },
  ]);
});

test('nothing is told as a dash, structures as JSON', () => {
  expect([told(null), told('x'), told([1])]).toEqual(['–', 'x', '[1]']);
});
