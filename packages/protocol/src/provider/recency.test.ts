import { describe, expect, test } from 'vitest';
import { epochMs, epochSeconds } from '../brands.ts';
import { decidePoll, isRecentForDevice } from './device-grant.ts';
import { isRecent } from './recency.ts';
import { checkAuthenticationDemand } from './step-up.ts';

const now = epochMs(1_800_000_000_000);
const twoDaysMs = 172_800_000;

describe('times that a clock which was ahead has left behind', () => {
  test('a moment is recent up to its maximum age, and when clocks differ by less than a minute', () => {
    expect(isRecent(now - 1000, now, 1000)).toBe(true);
    expect(isRecent(now - 1001, now, 1000)).toBe(false);
    expect(isRecent(now + 60_000, now, 1000)).toBe(true);
    expect(isRecent(now + 60_001, now, 1000)).toBe(false);
  });

  test('RFC 9470 §3: a sign-in in the future is not a recent one', () => {
    const authTime = epochSeconds((now + twoDaysMs) / 1000);
    const demand = { maxAgeSeconds: 300 };
    expect(checkAuthenticationDemand({ kind: 'person', authTime }, demand, now)).toEqual({
      kind: 'sign-in-time-unknown',
    });
  });

  test('RFC 8628 §3.1: a sign-in in the future does not approve a device that asked for a recent one', () => {
    const device = { maxAgeSeconds: 60, createdAtMs: now - 1000 };
    expect(isRecentForDevice({ authTimeMs: now - 500 }, device, now)).toBe(true);
    expect(isRecentForDevice({ authTimeMs: now + twoDaysMs }, device, now)).toBe(false);
  });

  test('RFC 8628 §3.5: a poll in the future does not slow a client down', () => {
    const awaited = {
      ...({ clientId: 'tv', state: 'pending', intervalSeconds: 5 } as const),
      expiresAtMs: now + 600_000,
    };
    const at = { clientId: 'tv', now };
    expect(decidePoll({ ...awaited, lastPolledAtMs: now - 1000 }, at)).toEqual({ kind: 'slow-down' });
    expect(decidePoll({ ...awaited, lastPolledAtMs: now + twoDaysMs }, at)).toEqual({ kind: 'pending' });
  });
});
