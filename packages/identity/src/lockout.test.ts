import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAttempt, defaultLockoutPolicy, delayAfter, judgeAttempt } from './lockout.ts';

const judge = (count: number, sinceMs: number) =>
  judgeAttempt({ count, lastAtMs: 1_000_000 }, 1_000_000 + sinceMs, defaultLockoutPolicy);

describe('lockout', () => {
  test.each([
    ...[0, 1, 2, 3, 4].map((count) => [count, 0]),
    [5, 1000],
    [6, 2000],
    [7, 4000],
    [8, 8000],
    [9, 16_000],
    [10, 900_000],
    [11, 900_000],
    [10_000, 900_000],
  ])('security.md, limits: after %i failures the next attempt waits %i ms', (count, delay) => {
    expect(delayAfter(count, defaultLockoutPolicy)).toBe(delay);
  });

  test('security.md, limits: delays double up to 60 s where the soft lock comes late', () => {
    const late = { ...defaultLockoutPolicy, softLockAttempts: 100_000 };
    expect([10, 11, 12, 60, 99_999].map((count) => delayAfter(count, late))).toEqual([
      32_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('an attempt is allowed from the end of the delay on, to the millisecond', () => {
    expect(judge(5, 999)).toEqual({ kind: 'wait', untilMs: 1_001_000 });
    expect(judge(5, 1000)).toEqual({ kind: 'allowed' });
    expect(judge(10, 899_999)).toEqual({ kind: 'wait', untilMs: 1_900_000 });
    expect(judge(10, 900_000)).toEqual({ kind: 'allowed' });
  });

  test('free attempts never wait', () => {
    expect(judge(0, 0)).toEqual({ kind: 'allowed' });
    expect(judge(4, 0)).toEqual({ kind: 'allowed' });
  });

  test('more failures never wait less, and nothing waits longer than the soft lock', () => {
    const policies = fc
      .record({
        freeAttempts: fc.nat(20),
        more: fc.nat(20),
        longestDelayMs: fc.integer({ min: 1000, max: 600_000 }),
        longer: fc.nat(600_000),
      })
      .map(({ freeAttempts, more, longestDelayMs, longer }) => ({
        freeAttempts,
        softLockAttempts: freeAttempts + more,
        longestDelayMs,
        softLockMs: longestDelayMs + longer,
      }));
    fc.assert(
      fc.property(policies, fc.nat(2000), fc.nat(2000), (policy, a, b) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)];
        expect(delayAfter(many, policy)).toBeGreaterThanOrEqual(delayAfter(few, policy));
        expect(delayAfter(many, policy)).toBeLessThanOrEqual(policy.softLockMs);
      }),
    );
  });

  test('a day of guessing at one account gets fewer than 120 guesses', () => {
    const record = { count: 0, lastAtMs: 0 };
    for (let now = 0; now < 86_400_000; now += 500) {
      if (judgeAttempt(record, now, defaultLockoutPolicy).kind === 'wait') continue;
      record.count += 1;
      record.lastAtMs = now;
    }
    expect(record.count).toBeGreaterThan(10);
    expect(record.count).toBeLessThan(120);
  });

  test('a last failure in the future holds an account for one attempt, not for as long as a clock was ahead', () => {
    const ahead = { count: 9, lastAtMs: 2 * 86_400_000 };
    expect(judgeAttempt(ahead, 0, defaultLockoutPolicy)).toEqual({ kind: 'allowed' });
    const next = countAttempt(ahead, 0);
    expect(next).toEqual({ count: 10, lastAtMs: 0 });
    expect(judgeAttempt(next, 1, defaultLockoutPolicy)).toEqual({ kind: 'wait', untilMs: 900_000 });
    // Nodes whose clocks differ a little give no attempts away.
    const close = { count: 9, lastAtMs: 60_000 };
    expect(judgeAttempt(close, 0, defaultLockoutPolicy)).toEqual({ kind: 'wait', untilMs: 76_000 });
  });
});
