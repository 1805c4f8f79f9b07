import { seedOrganization } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ApiCaller, type ManagementWorld, startManagementWorld } from './management-world.ts';

const rounds = 12;

describe.each(engines)('the last owner on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  interface Couple {
    readonly organizationId: string;
    readonly owners: readonly [ApiCaller, ApiCaller];
  }

  /** A new organization with two owners, who are machines of another one. */
  async function couple(): Promise<Couple> {
    const { id: organizationId } = await seedOrganization(world.server);
    const at = {
      kind: 'organization',
      id: organizationId,
      organizationId: world.server.organizationId,
    } as const;
    const owners = [
      await world.callerWith(['ORG_OWNER'], at),
      await world.callerWith(['ORG_OWNER'], at),
    ] as const;
    return { organizationId, owners };
  }

  async function activeOwners(organizationId: string): Promise<number> {
    const { data } = await world.owner.call('listOrganizationManagers', { path: { organizationId } });
    const items = data.items as { userState: string; roles: string[] }[]; // cast: the answer was cut to its schema
    return items.filter(({ userState, roles }) => userState === 'active' && roles.includes('ORG_OWNER'))
      .length;
  }

  type Leaving = (couple: Couple, who: ApiCaller) => Promise<Response>;
  const membership: Leaving = ({ organizationId }, { userId }) =>
    world.owner.send('DELETE', `/organizations/${organizationId}/managers/${userId}`);
  const lowered: Leaving = ({ organizationId }, { userId }) =>
    world.owner.send('PUT', `/organizations/${organizationId}/managers/${userId}`, {
      body: { roles: ['ORG_OWNER_VIEWER'] },
    });
  const deactivated: Leaving = (_, { userId }) => world.owner.send('POST', `/users/${userId}/deactivate`);
  const locked: Leaving = (_, { userId }) => world.owner.send('POST', `/users/${userId}/lock`);
  const removed: Leaving = (_, { userId }) => world.owner.send('DELETE', `/users/${userId}`);

  test.each([
    ['both memberships are removed', membership, membership],
    ['one is deactivated, the membership of the other is removed', deactivated, membership],
    ['one is deactivated, the other gets a lower role', deactivated, lowered],
    ['both are deactivated', deactivated, deactivated],
    ['one is locked, the other removed', locked, removed],
  ] as const)('of two last owners who leave at once one stays: %s', async (_, first, second) => {
    for (let round = 0; round < rounds; round += 1) {
      const pair = await couple();
      const [one, other] = pair.owners;
      const answers = await Promise.all(
        // Either may come first.
        round % 2 === 0 ? [first(pair, one), second(pair, other)] : [second(pair, other), first(pair, one)],
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 409)).toHaveLength(1);
      expect(statuses.filter((status) => status === 200 || status === 204)).toHaveLength(1);
      expect(await activeOwners(pair.organizationId)).toBe(1);
    }
  });

  test('a new owner who is deactivated at once does not let the old one go', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const pair = await couple();
      const { organizationId } = pair;
      const [old, next] = pair.owners;
      await lowered(pair, next);
      const path = `/organizations/${organizationId}/managers/${next.userId}`;
      await Promise.all([
        world.owner.send('PUT', path, { body: { roles: ['ORG_OWNER'] } }),
        deactivated(pair, next),
        membership(pair, old),
      ]);
      expect(await activeOwners(organizationId)).toBeGreaterThanOrEqual(1);
    }
  });

  test('two who own the same places and leave them together do not wait for each other forever', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const places = [await couple(), await couple(), await couple()];
      const [one, other] = places[0]?.owners ?? [];
      if (one === undefined || other === undefined) throw new Error('there is no couple');
      for (const { organizationId } of places)
        for (const { userId } of [one, other])
          await world.owner.call('setOrganizationManager', {
            path: { organizationId, userId },
            body: { roles: ['ORG_OWNER'] },
          });
      const answers = await Promise.all(
        [one, other].map(({ userId }) => world.owner.send('POST', `/users/${userId}/deactivate`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });
});

describe.each(engines)('the home of owners on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  test('deactivateOrganization: last-owner while everybody who owns the instance is of it', async () => {
    const { data } = await world.owner.call('listInstanceManagers', { query: { limit: 200 } });
    const { data: home } = await world.owner.call('createOrganization', { body: { name: 'Home of owners' } });
    const at = { kind: 'instance', id: world.server.instanceId, organizationId: String(home.id) } as const;
    const last = await world.callerWith(['IAM_OWNER'], at);
    const items = data.items as { userId: string }[]; // cast: the answer was cut to its schema
    for (const { userId } of items) await last.call('removeInstanceManager', { path: { userId } });
    const path = { organizationId: String(home.id) };
    expect(await last.refused('deactivateOrganization', { path })).toMatchObject({ code: 'last-owner' });
    await world.callerWith(['IAM_OWNER']);
    expect((await last.call('deactivateOrganization', { path })).data).toMatchObject({ state: 'inactive' });
  });
});
