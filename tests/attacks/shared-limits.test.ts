import { pageOf } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttackRequest } from './attack-request.ts';
import { type AttackWorld, startAttackWorld } from './attack-world.ts';
import { browserAt } from './door-browser.ts';
import { api } from './requests.ts';

let world: AttackWorld;
beforeAll(async () => {
  world = await startAttackWorld();
});
afterAll(() => world?.stop());

/** Sends requests to two nodes and a process in turn, all at once. */
async function sendAtOnce(requests: readonly AttackRequest[]): Promise<readonly number[]> {
  const doors = Object.values(world.doors);
  const answers = requests.map(async (request, index) => {
    const response = await doors[index % doors.length]?.send(request);
    return response?.status ?? 0;
  });
  return (await Promise.all(answers)).sort();
}

describe('one name over two nodes and a process', () => {
  const one = [201, ...Array.from({ length: 50 }, () => 409)];
  const fiftyOne = <T>(build: (index: number) => T): T[] => Array.from({ length: 51 }, (_, i) => build(i));

  test('CWE-362: of 51 users with one verified address one is made, the others get 409', async () => {
    const owner = await world.tokenFor(world.people.instanceOwner);
    const shared = { kind: 'human', organizationId: world.near.organizationId, isEmailVerified: true };
    const requests = fiftyOne((index) =>
      api(owner, 'POST', '/users', { ...shared, loginName: `racer-${index}`, email: 'Race@Example.com' }),
    );
    expect(await sendAtOnce(requests)).toEqual(one);
  });

  test('CWE-362: of 51 users who are named like a verified address or have it one is made', async () => {
    const owner = await world.tokenFor(world.people.instanceOwner);
    const shared = { kind: 'human', organizationId: world.near.organizationId };
    const name = 'both@example.com';
    const requests = fiftyOne((index) =>
      api(owner, 'POST', '/users', {
        ...shared,
        ...(index % 2 === 0
          ? { loginName: name }
          : { loginName: `both-${index}`, email: name, isEmailVerified: true }),
      }),
    );
    expect(await sendAtOnce(requests)).toEqual(one);
  });

  test('CWE-362: of 51 organizations with one name one is made, the others get 409', async () => {
    const owner = await world.tokenFor(world.people.instanceOwner);
    const requests = fiftyOne((index) =>
      api(owner, 'POST', '/organizations', {
        name: index % 2 === 0 ? 'Racers' : 'RACERS',
        primaryDomain: `racers-${index}.example`,
      }),
    );
    expect(await sendAtOnce(requests)).toEqual(one);
  });
});

describe('guesses over two nodes and a process', () => {
  async function nineWrong(loginName: string): Promise<readonly number[]> {
    const agent = browserAt(world, Object.values(world.doors));
    const page = pageOf(await agent.submit(pageOf(await agent.open('/login')), { loginName }));
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1)
      statuses.push(pageOf(await agent.submit(page, { password: `wrong ${attempt}` })).status);
    return statuses;
  }

  test('CWE-204: nine wrong passwords do not tell a known name from an unknown one', async () => {
    const { loginName } = await world.freshPerson();
    const known = await nineWrong(loginName);
    const unknown = await nineWrong(`nobody-${loginName}`);
    // A slow machine may see a delay of a second or two end.
    for (const statuses of [known, unknown]) {
      expect(statuses.slice(0, 5)).toEqual([400, 400, 400, 400, 400]);
      expect(statuses.slice(5)).toContain(429);
    }
  });
});
