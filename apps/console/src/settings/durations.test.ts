import { expect, test } from 'vitest';
import { fittingUnit, inUnit, toSeconds } from './durations.ts';

test.each([
  [0, 'seconds', 0],
  [10, 'seconds', 10],
  [90, 'seconds', 90],
  [900, 'minutes', 15],
  [43_200, 'hours', 12],
  [2_592_000, 'days', 30],
] as const)('%d seconds are written in %s: %d', (seconds, unit, amount) => {
  expect(fittingUnit(seconds)).toBe(unit);
  expect(inUnit(seconds, unit)).toBe(amount);
  expect(toSeconds(amount, unit)).toBe(seconds);
});

test('an amount with a fraction becomes whole seconds', () => {
  expect(toSeconds(1.5, 'hours')).toBe(5400);
  expect(toSeconds(0.333, 'minutes')).toBe(20);
});
