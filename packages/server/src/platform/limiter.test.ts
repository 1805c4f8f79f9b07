import { expect, test } from 'vitest';
import { allOf, createLimiter } from './limiter.ts';

test('a burst passes at once, then one per interval, each key by itself', () => {
  const limiter = createLimiter({ perMinute: 60, burst: 3 });
  for (let index = 0; index < 3; index += 1) {
    expect(limiter.waitMs('a', 0)).toBe(0);
    limiter.count('a', 0);
  }
  expect(limiter.waitMs('a', 0)).toBe(1000);
  expect(limiter.waitMs('a', 999)).toBe(1);
  expect(limiter.waitMs('a', 1000)).toBe(0);
  expect(limiter.waitMs('b', 0)).toBe(0);
});

test('what is refunded was never counted', () => {
  const limiter = createLimiter({ perMinute: 60, burst: 1 });
  for (let index = 0; index < 100; index += 1) {
    expect(limiter.waitMs('a', 0)).toBe(0);
    limiter.count('a', 0);
    limiter.refund('a');
  }
});

test('several limits are kept together: each counts, the strictest decides, and a refund is one of each', () => {
  const both = allOf([createLimiter({ perMinute: 60, burst: 2 }), createLimiter({ perMinute: 1, burst: 3 })]);
  const take = (nowMs: number) => {
    const waitMs = both.waitMs('a', nowMs);
    if (waitMs === 0) both.count('a', nowMs);
    return waitMs;
  };
  const start = 1_000_000;
  expect([take(start), take(start), take(start)]).toEqual([0, 0, 1000]);
  expect([take(start + 1000), take(start + 1000)]).toEqual([0, 59_000]);
  both.refund('a');
  expect(take(start + 1000)).toBe(0);
  expect(allOf([]).waitMs('a', start)).toBe(0);
});
