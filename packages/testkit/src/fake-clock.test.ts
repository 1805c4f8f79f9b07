import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

test('a fake clock runs with the machine, moves by as much as it is told, and back', () => {
  const clock = createFakeClock();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  clock.advance(60_000);
  expect(Math.abs(clock.now() - Date.now() - 60_000)).toBeLessThan(1000);
  clock.advance(-120_000);
  expect(Math.abs(clock.offsetMs() + 60_000)).toBeLessThan(1000);
});

test('a paused clock stands still, moves when told, and runs on from there', () => {
  const clock = createFakeClock();
  clock.pause();
  const stopped = clock.now();
  const until = performance.now() + 20;
  while (performance.now() < until) expect(clock.now()).toBe(stopped);
  clock.advance(5000);
  expect(clock.now()).toBe(stopped + 5000);
  clock.resume();
  expect(clock.now() - stopped - 5000).toBeLessThan(20);
});

test('a clock that is set moves the time of day alone; the monotonic one never goes back', () => {
  const clock = createFakeClock();
  clock.pause();
  const [day, run] = [clock.now(), clock.monotonicMs()];
  clock.set(172_800_000);
  expect([clock.now() - day, clock.monotonicMs() - run]).toEqual([172_800_000, 0]);
  clock.advance(1000);
  clock.set(-172_800_000);
  expect([clock.now() - day, clock.monotonicMs() - run]).toEqual([1000, 1000]);
  clock.advance(-5000);
  expect([clock.now() - day, clock.monotonicMs() - run]).toEqual([-4000, 1000]);
});
