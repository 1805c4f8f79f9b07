import { seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, introspect, tokensFor } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly userId: string;
  readonly applications: readonly { readonly name: string }[];
}

describe.each(engines)('sessions on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  async function signedIn() {
    const { server } = world;
    const project = await seedProject(server);
    const grantTypes = ['authorization_code', 'refresh_token'];
    const spa = await seedApplication(server, project, { type: 'user_agent', name: 'Shop', grantTypes });
    const api = await seedApplication(server, project, { type: 'api' });
    const person = await seedUser(server);
    const scope = `openid offline_access ${audienceScope(project)}`;
    const { accessToken } = await tokensFor(server, spa, person, scope);
    return {
      person,
      again: () => tokensFor(server, spa, person, scope),
      isActive: async () => (await introspect(server, api, accessToken)).active,
    };
  }
  const list = async (query: Readonly<Record<string, string | number>>, caller = world.owner) => {
    const { data } = await caller.call('listSessions', { query });
    // cast: the answer was cut to its schema
    return data as { readonly items: readonly Listed[]; readonly nextCursor?: string };
  };

  test('listSessions: 200 newest first, by pages, of one person, with what they signed in to', async () => {
    const { person, again } = await signedIn();
    await again();
    const query = { userId: person.id, limit: 1 };
    const first = await list(query);
    expect(first.items).toMatchObject([
      {
        state: 'active',
        userId: person.id,
        userLoginName: person.loginName,
        amr: ['pwd'],
        ip: expect.any(String),
        device: expect.any(String),
        applications: [{ name: 'Shop' }],
        endedAt: null,
      },
    ]);
    const second = await list({ ...query, cursor: first.nextCursor ?? '' });
    expect(second.items).toHaveLength(1);
    expect(second.nextCursor).toBeUndefined();
    expect(BigInt(second.items[0]?.id ?? 0)).toBeLessThan(BigInt(first.items[0]?.id ?? 0));
    const organizationId = world.otherOrganizationId;
    expect((await list({ userId: person.id, organizationId })).items).toEqual([]);
  });

  test('listSessions: 400 cursor-invalid', async () => {
    const problem = await world.owner.refused('listSessions', { query: { cursor: 'made.up' } });
    expect(problem.code).toBe('cursor-invalid');
  });

  test('getSession: 200 and not-found, for a stranger as well', async () => {
    const { person } = await signedIn();
    const [session] = (await list({ userId: person.id })).items;
    const path = { sessionId: session?.id };
    expect((await world.owner.call('getSession', { path })).data).toEqual(session);
    expect((await world.owner.refused('getSession', { path: { sessionId: '404' } })).code).toBe('not-found');
    const stranger = await world.callerWith([]);
    expect((await stranger.refused('getSession', { path })).code).toBe('not-found');
    expect((await list({ userId: person.id }, stranger)).items).toEqual([]);
  });

  test('endSession: 204 kills its tokens at once, again is harmless; not-found', async () => {
    const { person, isActive } = await signedIn();
    const [session] = (await list({ userId: person.id, state: 'active' })).items;
    const path = { sessionId: session?.id };
    expect(await isActive()).toBe(true);
    await world.owner.call('endSession', { path });
    expect(await isActive()).toBe(false);
    await world.owner.call('endSession', { path });
    expect((await list({ userId: person.id, state: 'active' })).items).toEqual([]);
    expect((await list({ userId: person.id, state: 'ended' })).items).toMatchObject([
      { id: session?.id, state: 'ended', endedAt: expect.any(String) },
    ]);
    expect((await world.owner.refused('endSession', { path: { sessionId: '404' } })).code).toBe('not-found');
  });

  test('endUserSessions: 204 ends every one of a person, by themselves as well; not-found', async () => {
    const { person, again, isActive } = await signedIn();
    await again();
    await world.owner.call('endUserSessions', { path: { userId: person.id } });
    expect(await isActive()).toBe(false);
    expect((await list({ userId: person.id, state: 'active' })).items).toEqual([]);
    expect((await world.owner.refused('endUserSessions', { path: { userId: '404' } })).code).toBe(
      'not-found',
    );
    const self = await world.callerWith([]);
    await self.call('endUserSessions', { path: { userId: self.userId } });
    expect((await self.refused('endUserSessions', { path: { userId: person.id } })).code).toBe('not-found');
  });

  test('a session nobody uses is told as ended once it has been idle for too long', async () => {
    const { person } = await signedIn();
    expect((await list({ userId: person.id })).items).toMatchObject([{ state: 'active' }]);
    world.server.clock.advance(400 * 86_400_000);
    const caller = await world.callerWith(['IAM_OWNER']);
    expect((await list({ userId: person.id }, caller)).items).toMatchObject([{ state: 'ended' }]);
  });
});
