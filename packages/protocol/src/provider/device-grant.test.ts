import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import type { GrantType } from '../wire/names.ts';
import {
  type AwaitedFacts,
  awaitedScopes,
  decidePoll,
  formatUserCode,
  parseUserCode,
} from './device-grant.ts';

const pending: AwaitedFacts = {
  clientId: '100',
  state: 'pending',
  intervalSeconds: 5,
  lastPolledAtMs: 0,
  expiresAtMs: 600_000,
};

function kindOf(changes: Partial<AwaitedFacts>, at: { clientId?: string; now?: number } = {}): string {
  const { clientId = '100', now = 100_000 } = at;
  return decidePoll({ ...pending, ...changes }, { clientId, now: epochMs(now) }).kind;
}

describe('polling', () => {
  test('RFC 8628 §3.5: a code waiting for the person is pending from the first poll on', () => {
    expect(kindOf({})).toBe('pending');
    expect(kindOf({ lastPolledAtMs: 95_000 })).toBe('pending');
  });

  test('RFC 8628 §3.5: a poll before the interval is over is too fast, a second of jitter aside', () => {
    expect(kindOf({ lastPolledAtMs: 96_000 })).toBe('pending');
    expect(kindOf({ lastPolledAtMs: 96_001 })).toBe('slow-down');
    expect(kindOf({ lastPolledAtMs: 95_000, intervalSeconds: 10 })).toBe('slow-down');
    expect(kindOf({ lastPolledAtMs: 91_000, intervalSeconds: 10 })).toBe('pending');
  });

  test('RFC 8628 §3.5: a decision is told at once, however fast the client asks', () => {
    expect(kindOf({ state: 'approved', lastPolledAtMs: 99_999 })).toBe('redeem');
    expect(kindOf({ state: 'denied', lastPolledAtMs: 99_999 })).toBe('denied');
  });

  test('RFC 8628 §3.5: an expired code is expired whatever was decided, to the millisecond', () => {
    for (const state of ['pending', 'approved', 'denied'] as const) {
      expect(kindOf({ state, expiresAtMs: 100_000 })).toBe('expired');
      expect(kindOf({ state, expiresAtMs: 100_001 })).not.toBe('expired');
    }
  });

  test('a redeemed code stays used, also when its time is over', () => {
    expect(kindOf({ state: 'redeemed' })).toBe('used');
    expect(kindOf({ state: 'redeemed', expiresAtMs: 1 })).toBe('used');
  });

  test('RFC 8628 §3.4: another client’s code is foreign in every state', () => {
    for (const state of ['pending', 'approved', 'denied', 'redeemed'] as const)
      expect(kindOf({ state }, { clientId: '101' })).toBe('foreign');
  });
});

describe('user codes', () => {
  test('RFC 8628 §6.1: case and whatever stands between the letters do not matter', () => {
    for (const typed of ['BCDFGHJK', 'bcdf-ghjk', ' b c d f g h j k ', 'BCDF–GHJK', 'bcdf.ghjk\n'])
      expect(parseUserCode(typed)).toBe('BCDFGHJK');
  });

  test('a text without exactly eight letters of the alphabet is no user code', () => {
    for (const typed of ['', 'BCDFGHJ', 'BCDFGHJKL', 'AEIOUAEI', '12345678', 'B'.repeat(101)])
      expect(parseUserCode(typed)).toBeUndefined();
  });

  test('RFC 8628 §6.1: a user code is shown in two groups and read back the same', () => {
    expect(formatUserCode('BCDFGHJK')).toBe('BCDF-GHJK');
    expect(parseUserCode(formatUserCode('XZWVTSRQ'))).toBe('XZWVTSRQ');
  });
});

describe('scopes', () => {
  const clientOf = (grantTypes: readonly GrantType[], roleAssertion = false) => ({
    application: { grantTypes },
    project: { roleKeys: ['editor'], roleAssertion },
  });

  test('unknown scopes are dropped, and offline_access without the refresh grant', () => {
    const asked = ['openid', 'offline_access', 'what-is-this', 'urn:zitadel:iam:org:project:role:ghost'];
    expect(awaitedScopes(clientOf([]), asked)).toEqual(['openid']);
    expect(awaitedScopes(clientOf(['refresh_token']), asked)).toEqual(['openid', 'offline_access']);
  });

  test('ZITADEL dialect: a project that asserts roles adds them as one scope unless one is asked for', () => {
    const role = 'urn:zitadel:iam:org:project:role:editor';
    expect(awaitedScopes(clientOf([], true), ['openid'])).toEqual(['openid', 'urn:latchkey:project:roles']);
    expect(awaitedScopes(clientOf([], true), [role, 'openid'])).toEqual([role, 'openid']);
  });
});
