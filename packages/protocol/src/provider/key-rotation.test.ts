import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import type { SigningAlgorithm } from '../wire/names.ts';
import { dueRotationSteps, type KeyFacts, type RotationPolicy, type RotationStep } from './key-rotation.ts';

const hour = 3_600_000;
const day = 24 * hour;
const policy: RotationPolicy = { activeMs: 90 * day, publishAheadMs: day, retireMs: 2 * day };
const algorithms: readonly SigningAlgorithm[] = ['RS256', 'ES256'];

interface History {
  publishedAt: number;
  signsFrom?: number;
  signsUntil?: number;
  removedAt?: number;
}

/** Takes the due steps at each tick, as one transaction a step would, and writes down what became of each key. */
function simulate(ticks: readonly number[], given: RotationPolicy) {
  let keys: KeyFacts[] = [];
  const histories = new Map<string, History>();
  const move = (keyId: string, state: KeyFacts['state'], at: number, note: Partial<History>) => {
    keys = keys.map((key) => (key.keyId === keyId ? { ...key, state, since: epochMs(at) } : key));
    const history = histories.get(keyId);
    if (history !== undefined) Object.assign(history, note);
  };
  const take = (step: RotationStep, at: number) => {
    switch (step.kind) {
      case 'create-active':
      case 'create-next': {
        const state = step.kind === 'create-active' ? 'active' : 'next';
        const keyId = `k${histories.size}`;
        keys.push({ keyId, algorithm: step.algorithm, state, since: epochMs(at) });
        histories.set(keyId, { publishedAt: at, ...(state === 'active' ? { signsFrom: at } : {}) });
        return;
      }
      case 'activate':
        for (const key of keys)
          if (key.algorithm === step.algorithm && key.state === 'active')
            move(key.keyId, 'retiring', at, { signsUntil: at });
        move(step.keyId, 'active', at, { signsFrom: at });
        return;
      case 'remove':
        keys = keys.filter((key) => key.keyId !== step.keyId);
        Object.assign(histories.get(step.keyId) ?? {}, { removedAt: at });
    }
  };
  for (const at of ticks) {
    const due = dueRotationSteps(algorithms, keys, given, epochMs(at));
    for (const step of due) take(step, at);
    for (const algorithm of algorithms) {
      const active = keys.filter((key) => key.algorithm === algorithm && key.state === 'active');
      expect(active).toHaveLength(1);
    }
    for (const step of dueRotationSteps(algorithms, keys, given, epochMs(at)))
      expect(due).not.toContainEqual(step);
  }
  return histories;
}

/** The first key of an algorithm signs at once, since there is nothing else to sign with. */
function expectSafe(histories: ReadonlyMap<string, History>, given: RotationPolicy) {
  for (const [keyId, { publishedAt, signsFrom, signsUntil, removedAt }] of histories) {
    const isFirst = keyId === 'k0' || keyId === 'k1';
    if (signsFrom !== undefined && !isFirst)
      expect(signsFrom - publishedAt).toBeGreaterThanOrEqual(given.publishAheadMs);
    if (signsUntil !== undefined)
      expect(signsUntil - (signsFrom ?? 0)).toBeGreaterThanOrEqual(given.activeMs);
    if (removedAt !== undefined)
      expect(removedAt - (signsUntil ?? Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(given.retireMs);
  }
}

describe('dueRotationSteps', () => {
  test('OpenID Connect Core §10.1.1: over 400 days of hours one key signs, published ahead, kept until its tokens are dead', () => {
    const ticks = Array.from({ length: 400 * 24 }, (_, i) => i * hour);
    const histories = simulate(ticks, policy);
    expectSafe(histories, policy);
    // Four rotations of two algorithms in 400 days, on the hour they are due.
    const signers = [...histories.values()].filter(({ signsFrom }) => signsFrom !== undefined);
    expect(signers.map(({ signsFrom }) => (signsFrom ?? 0) / day)).toEqual([
      0, 0, 90, 90, 180, 180, 270, 270, 360, 360,
    ]);
    expect([...histories.values()].filter(({ removedAt }) => removedAt !== undefined)).toHaveLength(8);
  });

  test('OpenID Connect Core §10.1.1: however late and unevenly it runs, and whatever the times, rotation is safe', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 200 * 24 }), { minLength: 5, maxLength: 60 });
    const hours = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(gaps, hours, hours, hours, (steps, active, ahead, retire) => {
        const given = { activeMs: active * hour, publishAheadMs: ahead * hour, retireMs: retire * hour };
        let at = 0;
        const ticks = steps.map((gap) => {
          at += gap * hour;
          return at;
        });
        expectSafe(simulate(ticks, given), given);
      }),
    );
  });

  test('a step is due to the millisecond', () => {
    const key = (keyId: string, state: KeyFacts['state'], since: number): KeyFacts => ({
      keyId,
      algorithm: 'RS256',
      state,
      since: epochMs(since),
    });
    const due = (now: number, ...keys: KeyFacts[]) => dueRotationSteps(['RS256'], keys, policy, epochMs(now));
    const active = key('a', 'active', 0);
    expect(due(89 * day - 1, active)).toEqual([]);
    expect(due(89 * day, active)).toEqual([{ kind: 'create-next', algorithm: 'RS256' }]);
    expect(due(90 * day - 1, active, key('n', 'next', 89 * day))).toEqual([]);
    expect(due(90 * day, active, key('n', 'next', 89 * day))).toEqual([
      { kind: 'activate', keyId: 'n', algorithm: 'RS256' },
    ]);
    expect(due(90 * day, active, key('n', 'next', 89 * day + 1))).toEqual([]);
    expect(due(2 * day - 1, active, key('r', 'retiring', 0))).toEqual([]);
    expect(due(2 * day, active, key('r', 'retiring', 0))).toEqual([{ kind: 'remove', keyId: 'r' }]);
  });

  test('where no key signs, the published one begins to, since verifiers may know it; else a new one', () => {
    const next: KeyFacts = { keyId: 'n', algorithm: 'RS256', state: 'next', since: epochMs(0) };
    expect(dueRotationSteps(['RS256'], [next], policy, epochMs(1))).toEqual([
      { kind: 'activate', keyId: 'n', algorithm: 'RS256' },
    ]);
    expect(dueRotationSteps(['ES256'], [next], policy, epochMs(1))).toEqual([
      { kind: 'create-active', algorithm: 'ES256' },
    ]);
  });

  test('algorithms rotate apart, and keys of dropped algorithms are still removed', () => {
    const old: KeyFacts = { keyId: 'r', algorithm: 'ES256', state: 'retiring', since: epochMs(0) };
    const active: KeyFacts = { keyId: 'a', algorithm: 'RS256', state: 'active', since: epochMs(0) };
    expect(dueRotationSteps(['RS256'], [active, old], policy, epochMs(3 * day))).toEqual([
      { kind: 'remove', keyId: 'r' },
    ]);
  });
});
