import { expect, test } from 'vitest';
import { createFailureBrake } from './failure-brake.ts';

const limits = { ofCaller: { perMinute: 10, burst: 5 }, ofPlace: { perMinute: 60, burst: 60 } };

test('security.md, limits: a caller has an allowance of failures for each place', () => {
  const brake = createFailureBrake(limits);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    expect(brake.waitMs('a', 'me', 0)).toBe(0);
    expect(brake.count('a', 'me', 0)).toBe('counted');
  }
  expect(brake.waitMs('a', 'me', 0)).toBe(6000);
  expect(brake.waitMs('a', 'other', 0)).toBe(0);
  expect(brake.waitMs('b', 'me', 0)).toBe(0);
  expect(brake.waitMs('a', 'me', 6000)).toBe(0);
});

test('security.md, limits: failures of many callers raise an alarm and leave each caller one a minute', () => {
  const brake = createFailureBrake(limits);
  const outcomes = Array.from({ length: 80 }, (_, index) => brake.count('a', `caller ${index}`, 0));
  expect(outcomes.indexOf('alarm')).toBe(59);
  expect(brake.waitMs('a', 'caller 3', 1000)).toBe(59_000);
  // Who comes for the first time is still heard once.
  expect(brake.waitMs('a', 'newcomer', 1000)).toBe(0);
  brake.count('a', 'newcomer', 1000);
  expect(brake.waitMs('a', 'newcomer', 1000)).toBe(60_000);
  expect(brake.waitMs('b', 'caller 3', 1000)).toBe(0);
});

test('an attack is forgotten two minutes after it ends, however large it was', () => {
  const brake = createFailureBrake(limits);
  for (let index = 0; index < 100_000; index += 1) brake.count('a', `caller ${index % 1000}`, 0);
  expect(brake.waitMs('a', 'caller 1', 50_000)).toBeGreaterThan(0);
  expect(brake.waitMs('a', 'fresh', 121_000)).toBe(0);
  expect(brake.count('a', 'fresh', 121_000)).toBe('counted');
});

test('what is taken back counts for nobody', () => {
  const brake = createFailureBrake({ ...limits, ofPlace: { perMinute: 1, burst: 2 } });
  for (let attempt = 0; attempt < 20; attempt += 1) {
    expect(brake.count('a', 'me', 0)).toBe('counted');
    brake.refund('a', 'me');
  }
  expect(brake.waitMs('a', 'me', 0)).toBe(0);
});
