import { expect, test } from 'vitest';
import { createLimiter } from './limiter.ts';

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
