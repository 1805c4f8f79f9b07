import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { introspect } from '../flows/flow-world.ts';
import { type AttackCase, type AttackRequest, describeAnswer, findLeaks } from './attack-case.ts';
import { authorizeAttacks } from './attack-cases-authorize.ts';
import { browserAttacks } from './attack-cases-browser.ts';
import { clientAttacks } from './attack-cases-clients.ts';
import { tokenAttacks } from './attack-cases-tokens.ts';
import { countEveryRow, startAttackWorld } from './attack-world.ts';

let world: Awaited<ReturnType<typeof startAttackWorld>>;
beforeAll(async () => {
  world = await startAttackWorld();
});
afterAll(() => world?.stop());

type Node = 'near' | 'far';

async function send(node: Node, { path, method, form, body, headers }: AttackRequest): Promise<Response> {
  const text =
    form === undefined ? body : typeof form === 'string' ? form : new URLSearchParams(form).toString();
  return await world[node].fetch(path, {
    ...(method === undefined ? {} : { method }),
    ...(text === undefined ? {} : { body: text }),
    headers: {
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
  });
}

/** Runs a case at one node: the answer, what it wrote, and what no answer may do. */
async function run(attack: AttackCase, node: Node): Promise<void> {
  const request = await attack.input(world);
  const before = await countEveryRow(world);
  const response = await send(node, request);
  expect(await findLeaks(response, request)).toEqual([]);
  expect(await describeAnswer(response, world)).toBe(attack.expected);
  const after = await countEveryRow(world);
  const grown = Object.keys(before).filter((table) => before[table] !== after[table]);
  expect(grown.sort()).toEqual([...(attack.state ?? [])].sort());
}

const all = [...authorizeAttacks, ...clientAttacks, ...tokenAttacks, ...browserAttacks];

test('every attack has an id of its own', () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});

describe.each(['near', 'far'] as const)('attacks over HTTP at the %s node of two on PostgreSQL', (node) => {
  afterAll(async () => {
    const { accessToken } = world.live;
    expect(await introspect(world[node], world.shop.api, accessToken)).toMatchObject({ active: true });
  });

  test.each(all.map((attack) => [attack.id, attack.attack, attack] as const))(
    '%s: %s',
    async (_, _name, attack) => {
      await run(attack, node);
    },
  );
});
