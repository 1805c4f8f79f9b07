import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttackCase } from './attack-case.ts';
import { type AttackWorld, startAttackWorld } from './attack-world.ts';
import { authorizationAttacks } from './authorization-attacks.ts';
import { clientAttacks } from './client-attacks.ts';
import { grantAttacks } from './grant-attacks.ts';
import { surfaceAttacks } from './surface-attacks.ts';
import { tokenAttacks } from './token-attacks.ts';

const attacks: readonly AttackCase[] = [
  ...authorizationAttacks,
  ...clientAttacks,
  ...grantAttacks,
  ...tokenAttacks,
  ...surfaceAttacks,
];

const secretLike = /lk_(rt|sec|ac|pat)_[\w-]{20}|node_modules|select .* from|\bat .*\.ts:|postgres/i;

describe('attacks on two processes over PostgreSQL', () => {
  let world: AttackWorld;
  beforeAll(async () => {
    world = await startAttackWorld();
  });
  afterAll(() => world?.stop());

  function expectRedirect(location: string | null, attack: AttackCase): void {
    const { outcome } = attack;
    if (outcome.kind !== 'redirect') return;
    const url = new URL(location ?? '');
    const registered = [world.spa, world.web].map(({ redirectUri }) => redirectUri);
    expect(registered).toContain(`${url.origin}${url.pathname}`);
    const params = outcome.in === 'fragment' ? new URLSearchParams(url.hash.slice(1)) : url.searchParams;
    expect(params.get('error')).toBe(outcome.error);
    expect([params.has('code'), params.has('access_token'), params.has('id_token')]).toEqual([
      false,
      false,
      false,
    ]);
  }

  async function expectOutcome(response: Response, attack: AttackCase): Promise<void> {
    const { outcome } = attack;
    const text = await response.text();
    const seen = `${response.status} ${text.slice(0, 300)}`;
    expect(response.status, seen).toBeLessThan(500);
    expect(text, seen).not.toMatch(secretLike);
    if (outcome.kind === 'redirect') {
      expect([302, 303], seen).toContain(response.status);
      expectRedirect(response.headers.get('location'), attack);
      return;
    }
    expect(response.headers.has('location'), seen).toBe(false);
    if (outcome.kind === 'inactive') {
      expect([response.status, JSON.parse(text)], seen).toEqual([200, { active: false }]);
      return;
    }
    expect(response.status, seen).toBe(outcome.status);
    if (outcome.kind === 'status') return;
    expect(response.headers.get('cache-control'), seen).toBe('no-store');
    const type = response.headers.get('content-type') ?? '';
    expect(type, seen).toMatch(outcome.kind === 'json' ? /^application\/json/ : /^text\/html/);
    if (outcome.kind === 'json' && outcome.error !== undefined)
      expect(JSON.parse(text).error, seen).toBe(outcome.error);
  }

  test('there are enough attacks, each with an id of its own', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(120);
    expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length);
  });

  test.each(attacks.map((attack) => [attack.id, attack.what, attack] as const))(
    '%s: %s',
    async (_, __, attack) => {
      for (const node of ['first', 'second'] as const) {
        const before = await world.rows();
        await expectOutcome(await world.send(node, await attack.request(world)), attack);
        expect(await world.rows()).toEqual(before);
      }
    },
  );
});
