import { expect, test } from 'vitest';
import { countEnding, restartDelayMs } from './restart-delay.ts';

test('a worker that ends soon again and again is replaced ever more slowly, after 30 seconds at most', () => {
  let endings = { inARow: 0 };
  const delays: number[] = [];
  for (let times = 0; times < 12; times += 1) {
    endings = countEnding(endings, 200);
    delays.push(restartDelayMs(endings));
  }
  expect(delays.slice(0, 5)).toEqual([100, 200, 400, 800, 1600]);
  expect(delays.slice(-2)).toEqual([30_000, 30_000]);
});

test('a worker that ran for a minute is replaced at once, whatever was before', () => {
  expect(restartDelayMs(countEnding({ inARow: 9 }, 60_000))).toBe(100);
});
