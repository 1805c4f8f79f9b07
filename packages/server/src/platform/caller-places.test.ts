import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCallerPlaces } from './caller-places.ts';

test('a caller has as many places as the limit says, and one at least; others have theirs', () => {
  let limit = 2;
  const places = createCallerPlaces(() => limit);
  const give = places.take('a');
  expect([places.take('a') === undefined, places.take('a')]).toEqual([false, undefined]);
  expect(places.take('b')).toBeDefined();
  give?.();
  give?.();
  expect(places.take('a')).toBeDefined();
  expect(places.take('a')).toBeUndefined();
  limit = 0;
  expect([places.take('c') === undefined, places.take('c')]).toEqual([false, undefined]);
});

test('whatever is taken and given back, in whatever order, each caller has no more than the limit and loses none', () => {
  const moves = fc.array(fc.record({ caller: fc.constantFrom('a', 'b', 'c'), takes: fc.boolean() }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), moves, (limit, all) => {
      const places = createCallerPlaces(() => limit);
      const held = new Map<string, (() => void)[]>();
      for (const { caller, takes } of all) {
        const mine = held.get(caller) ?? [];
        held.set(caller, mine);
        if (!takes) mine.shift()?.();
        else {
          const give = places.take(caller);
          expect(give === undefined).toBe(mine.length >= limit);
          if (give !== undefined) mine.push(give);
        }
      }
    }),
  );
});
