import { expect, test } from 'vitest';
import { createOffsetEstimate, steadied } from './database-clock.ts';

test('the difference to the database is that of the quickest answer, and never more than the true one', () => {
  const offset = createOffsetEstimate();
  // True difference 1000; the database looks in the middle of each round trip.
  offset.note(1_000 + 100, 50, 150);
  expect(offset.ms()).toBe(950);
  offset.note(1_000 + 201, 200, 202);
  expect(offset.ms()).toBe(999);
  offset.note(1_000 + 600, 300, 900);
  expect(offset.ms()).toBe(999);
});

test('old answers are forgotten, so that clocks which drift apart are followed', () => {
  const offset = createOffsetEstimate();
  offset.note(1_000, 0, 0);
  offset.note(30_900, 30_000, 30_001);
  expect(offset.ms()).toBe(899);
});

test("a database whose clock is set back is believed at its next answer, as is one that's set forward", () => {
  const offset = createOffsetEstimate();
  offset.note(100_000, 0, 2);
  offset.note(41_000, 1_000, 1_002);
  expect(offset.ms()).toBe(39_998);
  offset.note(500_000, 2_000, 2_002);
  expect(offset.ms()).toBe(497_998);
});

test('a time set back a little runs on at half speed until the true one has caught up; a larger step counts', () => {
  const at = { time: 100_000, run: 0 };
  const now = steadied(
    () => at.time,
    () => at.run,
  );
  expect(now()).toBe(100_000);
  at.time -= 10_000;
  const told: number[] = [];
  for (let second = 0; second < 22; second += 1) {
    at.time += 1000;
    at.run += 1000;
    told.push(now());
  }
  expect(told.slice(0, 3)).toEqual([100_500, 101_000, 101_500]);
  expect(told.every((time, index) => index === 0 || time > (told[index - 1] ?? 0))).toBe(true);
  expect(told.at(-1)).toBe(at.time);
  at.time -= 172_800_000;
  expect(now()).toBe(at.time);
});
