import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import { decideRefresh, type GrantFacts, narrowScopes } from './refresh-grant.ts';

const grant: GrantFacts = {
  clientId: 'app',
  generation: 5,
  rotatedAtMs: epochMs(100_000),
  siblingUsed: 'no',
  idleExpiresAtMs: epochMs(1_000_000),
  absoluteExpiresAtMs: epochMs(2_000_000),
  ended: 'no',
};

interface Presented {
  readonly generation?: number;
  readonly nowMs?: number;
  readonly clientId?: string;
  readonly graceSeconds?: number;
}

function decide(presented: Presented, changes: Partial<GrantFacts> = {}) {
  return decideRefresh(
    { grantId: 'g', generation: presented.generation ?? 5 },
    { ...grant, ...changes },
    {
      clientId: presented.clientId ?? 'app',
      now: epochMs(presented.nowMs ?? 105_000),
      graceSeconds: presented.graceSeconds ?? 10,
    },
  );
}

describe('decideRefresh', () => {
  test('RFC 9700 §4.14.2: the present refresh token rotates', () => {
    expect(decide({})).toEqual({ kind: 'rotate' });
    expect(decide({}, { siblingUsed: 'yes' })).toEqual({ kind: 'rotate' });
  });

  test('the token before it gets one sibling within the grace', () => {
    expect(decide({ generation: 4 })).toEqual({ kind: 'sibling' });
    expect(decide({ generation: 4 }, { siblingUsed: 'yes' })).toEqual({ kind: 'refuse-harmless' });
  });

  test('the grace ends to the millisecond', () => {
    expect(decide({ generation: 4, nowMs: 109_999 })).toEqual({ kind: 'sibling' });
    expect(decide({ generation: 4, nowMs: 110_000 })).toEqual({ kind: 'replay' });
    expect(decide({ generation: 4, nowMs: 100_000, graceSeconds: 0 })).toEqual({ kind: 'replay' });
  });

  test.each([3, 1, 0, -1])(
    'RFC 9700 §4.14.2: an older token is a replay that ends the family, grace or not (generation %i)',
    (generation) => {
      expect(decide({ generation, nowMs: 100_001 })).toEqual({ kind: 'replay' });
    },
  );

  test.each([6, 100, Number.POSITIVE_INFINITY])(
    'a generation the grant never had is refused without ending the family (%d)',
    (generation) => {
      expect(decide({ generation })).toEqual({ kind: 'refuse', reason: 'ended' });
    },
  );

  test.each([5, 4, 0, 6])(
    'RFC 6749 §6: another client is refused, and cannot end a family by replaying (generation %i)',
    (generation) => {
      expect(decide({ generation, clientId: 'other' })).toEqual({ kind: 'refuse', reason: 'foreign' });
    },
  );

  test.each([5, 4, 0])('a grant that has ended gives nothing any more (generation %i)', (generation) => {
    expect(decide({ generation }, { ended: 'yes' })).toEqual({ kind: 'refuse', reason: 'ended' });
  });

  test('idle and absolute expiry hold to the millisecond, whichever comes first', () => {
    expect(decide({ nowMs: 999_999 })).toEqual({ kind: 'rotate' });
    expect(decide({ nowMs: 1_000_000 })).toEqual({ kind: 'refuse', reason: 'expired' });
    const idle = { idleExpiresAtMs: epochMs(3_000_000) };
    expect(decide({ nowMs: 1_999_999 }, idle)).toEqual({ kind: 'rotate' });
    expect(decide({ nowMs: 2_000_000 }, idle)).toEqual({ kind: 'refuse', reason: 'expired' });
  });

  test('at any time, of all generations only the present rotates and at most the one before gets a sibling', () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.nat(50),
        fc.nat(40_000),
        fc.constantFrom('yes', 'no'),
        (own, given, age, used) => {
          const { kind } = decide(
            { generation: given, nowMs: 100_000 + age },
            { generation: own, siblingUsed: used },
          );
          expect(kind === 'rotate').toBe(given === own);
          expect(kind === 'sibling').toBe(given === own - 1 && age <= 10_000 && used === 'no');
          expect(kind === 'replay').toBe(given < own - 1 || (given === own - 1 && age > 10_000));
        },
      ),
    );
  });
});

describe('narrowScopes', () => {
  test('RFC 6749 §6: without a scope parameter the scope stays that of the grant', () => {
    expect(narrowScopes(['openid', 'email'], [])).toEqual(['openid', 'email']);
  });

  test('RFC 6749 §6: a scope that was not granted is refused', () => {
    expect(narrowScopes(['openid'], ['openid', 'email'])).toBeUndefined();
    expect(narrowScopes(['openid'], ['OPENID'])).toBeUndefined();
    expect(narrowScopes([], ['openid'])).toBeUndefined();
  });

  test('RFC 6749 §6: the scope of a refreshed token is a subset of the grant', () => {
    const scopes = fc.array(fc.constantFrom('openid', 'email', 'profile', 'phone', 'a', 'b'));
    fc.assert(
      fc.property(scopes, scopes, (granted, asked) => {
        const narrowed = narrowScopes(granted, asked);
        expect(narrowed === undefined).toBe(asked.some((scope) => !granted.includes(scope)));
        for (const scope of narrowed ?? []) expect(granted).toContain(scope);
      }),
    );
  });
});
