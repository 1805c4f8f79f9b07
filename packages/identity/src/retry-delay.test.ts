import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

const hourMs = 3_600_000;

test('the wait doubles from one second', () => {
  expect([1, 2, 3, 4, 5, 6].map((attempts) => retryDelayMs(attempts, 0))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000,
  ]);
});

test('in the first hour a message waits at most 45 seconds, later at most five minutes', () => {
  expect(retryDelayMs(7, 60_000)).toBe(45_000);
  expect(retryDelayMs(1000, hourMs - 1)).toBe(45_000);
  expect(retryDelayMs(1000, hourMs)).toBe(300_000);
});

test('after a day a message is given up', () => {
  expect(retryDelayMs(400, 24 * hourMs - 1)).toBe(300_000);
  expect(retryDelayMs(400, 24 * hourMs)).toBeUndefined();
});
