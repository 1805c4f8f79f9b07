import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { introspect } from '../flows/flow-world.ts';
import type { AttackCase } from './attack-case.ts';
import { type AttackWorld, startAttackWorld } from './attack-world.ts';
import { audienceAttacks } from './audience-attacks.ts';
import { authorizationAttacks } from './authorization-attacks.ts';
import { browserAttacks } from './browser-attacks.ts';
import { clientAttacks } from './client-attacks.ts';
import { codeAttacks } from './code-attacks.ts';
import { domainAttacks } from './domain-attacks.ts';
import { type DoorName, doorNames } from './doors.ts';
import { freshnessAttacks } from './freshness-attacks.ts';
import { grantAttacks } from './grant-attacks.ts';
import { headerAttacks } from './header-attacks.ts';
import { impersonationAttacks } from './impersonation-attacks.ts';
import { expectAnswer, expectReason, readAnswer } from './judge-answer.ts';
import { limitAttacks } from './limit-attacks.ts';
import { managementAttacks } from './management-attacks.ts';
import { obtainingAttacks } from './obtaining-attacks.ts';
import { parserAttacks } from './parser-attacks.ts';
import { registrationAttacks } from './registration-attacks.ts';
import { strengthAttacks } from './strength-attacks.ts';
import { strictAttacks } from './strict-attacks.ts';
import { tokenAttacks } from './token-attacks.ts';
import { transportAttacks } from './transport-attacks.ts';

const attacks: readonly AttackCase[] = [
  ...audienceAttacks,
  ...authorizationAttacks,
  ...browserAttacks,
  ...clientAttacks,
  ...codeAttacks,
  ...domainAttacks,
  ...freshnessAttacks,
  ...grantAttacks,
  ...impersonationAttacks,
  ...headerAttacks,
  ...limitAttacks,
  ...managementAttacks,
  ...obtainingAttacks,
  ...parserAttacks,
  ...registrationAttacks,
  ...strengthAttacks,
  ...strictAttacks,
  ...tokenAttacks,
  ...transportAttacks,
];

let world: AttackWorld;
beforeAll(async () => {
  world = await startAttackWorld();
});
afterAll(() => world?.stop());

async function run(attack: AttackCase, name: DoorName): Promise<void> {
  const door = world.doors[name];
  const request = await attack.send(world, door);
  const before = await world.readState();
  const logMark = door.logLength();
  const answer = await readAnswer(await door.send(request), door);
  const after = await world.readState();
  await expectAnswer(answer, attack, world);
  const changed = Object.keys(after).filter((table) => before[table] !== after[table]);
  expect(changed.sort(), 'tables in which something changed').toEqual([...(attack.state ?? [])].sort());
  if (attack.reason !== undefined) await expectReason(answer, attack.reason, logMark);
  if (attack.expect.kind === 'answered') await attack.expect.claim(answer, world);
}

test('there are enough attacks, each with an id of its own', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(760);
  expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length);
});

describe.each(doorNames)('attacks at the door %s', (name) => {
  afterAll(async () => {
    // No attack may have ended what other people use.
    for (const { accessToken } of [world.live, world.liveJwt])
      expect(await introspect(world.near, world.shop.api, accessToken)).toMatchObject({ active: true });
  });

  const here = attacks.filter(({ at = doorNames }) => at.includes(name));
  test.each(here.map((attack) => [attack.id, attack.attack, attack] as const))(
    '%s: %s',
    async (_, _attack, attack) => {
      await run(attack, name);
    },
  );
});
