import { describe, expect, test } from 'vitest';
import { slopeOf } from './slope.ts';

describe('the slope of a soak test', () => {
  test('a value that grows by four a minute has slope four, noise or not', () => {
    const noise = [1, -1, -1, 1];
    const samples = Array.from({ length: 40 }, (_, at) => ({
      at,
      value: 100 + 4 * at + (noise[at % 4] ?? 0),
    }));
    expect(slopeOf(samples)).toBeCloseTo(4, 1);
  });

  test('a value that stays has slope zero, and so has a single sample', () => {
    expect(slopeOf([0, 1, 2].map((at) => ({ at, value: 7 })))).toBe(0);
    expect(slopeOf([{ at: 3, value: 9 }])).toBe(0);
  });
});
