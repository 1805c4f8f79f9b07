import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../brands.ts';
import { decideRefresh, type GrantFacts, narrowScopes } from './refresh-grant.ts';

const grant: GrantFacts = {
  clientId: 'app',
  generation: 5,
  rotatedAtMs: epochMs(100_000),
  recentRotationsMs: [100_000, 95_000, 60_000],
  idleExpiresAtMs: epochMs(1_000_000),
  absoluteExpiresAtMs: epochMs(2_000_000),
  ended: 'no',
};

interface Presented {
  readonly generation?: number;
  readonly nowMs?: number;
  readonly clientId?: string;
  readonly graceSeconds?: number;
  readonly rotation?: 'rotate' | 'keep';
}

function decide(presented: Presented, changes: Partial<GrantFacts> = {}) {
  return decideRefresh(
    { grantId: 'g', generation: presented.generation ?? 5 },
    { ...grant, ...changes },
    {
      clientId: presented.clientId ?? 'app',
      now: epochMs(presented.nowMs ?? 105_000),
      graceSeconds: presented.graceSeconds ?? 10,
      rotation: presented.rotation ?? 'rotate',
    },
  );
}

describe('decideRefresh', () => {
  test('RFC 9700 §4.14.2: the present refresh token rotates', () => {
    expect(decide({})).toEqual({ kind: 'rotate' });
  });

  test('FAPI 2.0 Security Profile §5.3.2.1: without rotation the present refresh token stays, and one from before is judged as ever', () => {
    expect(decide({ rotation: 'keep' })).toEqual({ kind: 'keep' });
    expect(decide({ rotation: 'keep', generation: 4 })).toEqual({ kind: 'sibling' });
    expect(decide({ rotation: 'keep', generation: 4, nowMs: 160_000 })).toEqual({ kind: 'replay' });
  });

  test('a token that was replaced within the grace gets one of the present generation, as often as it comes', () => {
    expect(decide({ generation: 4, nowMs: 109_999 })).toEqual({ kind: 'sibling' });
    expect(decide({ generation: 3, nowMs: 104_999 })).toEqual({ kind: 'sibling' });
  });

  test('two tabs that part: a token replaced less than a minute ago is refused and revokes nothing', () => {
    for (const nowMs of [110_000, 159_999])
      expect(decide({ generation: 4, nowMs })).toEqual({ kind: 'refuse-harmless' });
    expect(decide({ generation: 3, nowMs: 154_999 })).toEqual({ kind: 'refuse-harmless' });
    expect(decide({ generation: 2, nowMs: 119_999 })).toEqual({ kind: 'refuse-harmless' });
  });

  test('RFC 9700 §4.14.2: a token that was replaced a minute ago or earlier is a replay', () => {
    expect(decide({ generation: 4, nowMs: 160_000 })).toEqual({ kind: 'replay' });
    expect(decide({ generation: 3, nowMs: 155_000 })).toEqual({ kind: 'replay' });
    expect(decide({ generation: 2, nowMs: 120_000 })).toEqual({ kind: 'replay' });
    for (const generation of [1, 0, -1])
      expect(decide({ generation, nowMs: 100_001 })).toEqual({ kind: 'replay' });
  });

  test('with the grace at 0 every second use is a replay', () => {
    for (const nowMs of [100_000, 130_000])
      expect(decide({ generation: 4, nowMs, graceSeconds: 0 })).toEqual({ kind: 'replay' });
  });

  test('rotations of a server that notes them nowhere do not make an old token a recent one', () => {
    const unnoted = { recentRotationsMs: [99_000, 98_000, 97_000] };
    expect(decide({ generation: 4 }, unnoted)).toEqual({ kind: 'sibling' });
    expect(decide({ generation: 3 }, unnoted)).toEqual({ kind: 'replay' });
  });

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

  test('at any time only the present generation rotates, and none that was replaced a minute ago gets anything', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(100_000), (given, age) => {
        const nowMs = 100_000 + age;
        const { kind } = decide({ generation: given, nowMs });
        expect(kind === 'rotate').toBe(given === 5);
        const replaced = [undefined, undefined, 60_000, 95_000, 100_000][given];
        const sinceMs = replaced === undefined ? Number.POSITIVE_INFINITY : nowMs - replaced;
        expect(kind === 'sibling').toBe(given < 5 && sinceMs < 10_000);
        expect(kind === 'replay').toBe(given < 5 && sinceMs >= 60_000);
      }),
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
