import { expect, test } from 'vitest';
import { watchLoopLag } from './loop-lag.ts';

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a loop that was blocked shows for how long at least', async () => {
  const lag = watchLoopLag();
  // The watcher needs a first tick to measure from.
  await new Promise((resolve) => setTimeout(resolve, 100));
  block(500);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(lag.worstMs()).toBeGreaterThan(300);
  lag.stop();
});
