import { expect, test } from 'vitest';
import { createFailureBrake } from './failure-brake.ts';
import type { Limiter } from './limiter.ts';
import { type Siblings, sharedLimiters, type Word } from './siblings.ts';
import { createUsedProofs } from './used-proofs.ts';

/** So many processes that hear one another at once. */
function processes(count: number): readonly Siblings[] {
  const listeners = Array.from({ length: count }, () => new Map<string, (words: readonly Word[]) => void>());
  return listeners.map((own) => ({
    tell: (topic, words) => {
      for (const each of listeners) if (each !== own) each.get(topic)?.(words);
    },
    hear: (topic, listener) => void own.set(topic, listener),
  }));
}

/** One event, if the limiter lets it happen. */
function pass(limiter: Limiter, nowMs: number): boolean {
  if (limiter.waitMs('caller', nowMs) > 0) return false;
  limiter.count('caller', nowMs);
  return true;
}

test('security.md, limits: what one process counts is counted in all, so that a limit holds for the node', () => {
  const limit = { perMinute: 20, burst: 20 };
  const limiters = processes(4).map((siblings) => sharedLimiters(siblings)('sign-ins', limit));
  const passed = Array.from({ length: 80 }, (_, index) => limiters[index % 4]).filter(
    (limiter) => limiter !== undefined && pass(limiter, 0),
  );
  expect(passed).toHaveLength(20);
  expect(limiters.map((limiter) => limiter.waitMs('caller', 0))).toEqual([3000, 3000, 3000, 3000]);
});

test('what one process takes back is taken back in all', () => {
  const [first, second] = processes(2).map((siblings) =>
    sharedLimiters(siblings)('sign-ins', { perMinute: 1, burst: 1 }),
  );
  first?.count('caller', 0);
  expect(second?.waitMs('caller', 0)).toBe(60_000);
  second?.refund('caller');
  expect(first?.waitMs('caller', 0)).toBe(0);
});

test('limiters of one process do not hear one another', () => {
  const limiter = sharedLimiters(processes(2)[0] ?? { tell: () => undefined, hear: () => undefined });
  const devices = limiter('devices', { perMinute: 1, burst: 1 });
  const signIns = limiter('sign-ins', { perMinute: 1, burst: 1 });
  devices.count('caller', 0);
  expect(signIns.waitMs('caller', 0)).toBe(0);
});

test('security.md, limits: failures spread over processes raise the alarm of their place', () => {
  const limits = { ofCaller: { perMinute: 10, burst: 5 }, ofPlace: { perMinute: 60, burst: 60 } };
  const brakes = processes(3).map((siblings) =>
    createFailureBrake(limits, (part, limit) => sharedLimiters(siblings)(`brake:${part}`, limit)),
  );
  const outcomes = Array.from({ length: 80 }, (_, index) =>
    brakes[index % 3]?.count('a', `caller ${index}`, 0),
  );
  expect(outcomes.indexOf('alarm')).toBe(59);
  expect(brakes.map((brake) => brake.waitMs('a', 'caller 3', 1000))).toEqual([59_000, 59_000, 59_000]);
});

test("RFC 9449 §11.1: a stranger's proof is taken once by all processes of a node", () => {
  const [first, second] = processes(2).map(createUsedProofs);
  expect(first?.take('proof', 'stranger')).toBe(true);
  expect(second?.take('proof', 'stranger')).toBe(false);
  expect(first?.take('proof', 'stranger')).toBe(false);
});
