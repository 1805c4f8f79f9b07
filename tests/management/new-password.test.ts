import { createBrowserAgent, leftFor, pageOf, seedApplication, seedProject } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, engines, tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const given = 'given for the first day';
const chosen = 'seven brave otters swim';

describe.each(engines)('a password that must be changed on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  async function begin(loginName: string) {
    const { server } = world;
    const spa = await seedApplication(server, await seedProject(server), { type: 'user_agent' });
    const agent = createBrowserAgent(server);
    const { url } = await beginFlow(server, spa, { login_hint: loginName });
    const password = pageOf(await agent.open(url));
    return { spa, agent, password };
  }
  const make = async (loginName: string): Promise<string> => {
    const body = { kind: 'human', loginName, password: given, isPasswordChangeRequired: true };
    const { data } = await world.owner.call('createUser', { body });
    expect(data).toMatchObject({ isPasswordChangeRequired: true });
    return String(data.id);
  };

  test('the sign-in asks for a new one, says why it is refused, takes it and goes on to the application', async () => {
    const { server } = world;
    const loginName = 'newcomer@example.com';
    const id = await make(loginName);
    const { spa, agent, password } = await begin(loginName);
    let page = pageOf(await agent.submit(password, { password: given }));
    expect([page.status, page.name]).toEqual([200, 'new-password']);
    for (const [wrong, problem] of [
      ['', 'Choose a password.'],
      ['short', 'Use at least 15 characters.'],
      [given, 'This is the password you were given.'],
    ] as const) {
      page = pageOf(await agent.submit(page, { password: wrong }));
      expect([page.status, page.name]).toEqual([400, 'new-password']);
      expect(page.textOf('password-problem')).toContain(problem);
    }
    const left = leftFor(await agent.submit(page, { password: chosen }));
    expect(left.url.searchParams.get('code')).toBeTruthy();
    expect((await world.owner.call('getUser', { path: { userId: id } })).data).toMatchObject({
      isPasswordChangeRequired: false,
    });
    const user = { id, organizationId: server.organizationId, loginName, password: chosen };
    expect((await tokensFor(server, spa, user, 'openid')).idToken).not.toBe('');
  });

  test('a proof of the password they were given is worth nothing after ten minutes, or once the password is another', async () => {
    const loginName = 'slow@example.com';
    const userId = await make(loginName);
    for (const spoil of [
      () => Promise.resolve(world.server.clock.advance(601_000)),
      () =>
        world.owner.call('setUserPassword', {
          path: { userId },
          body: { password: given, isPasswordChangeRequired: true },
        }),
      () => world.owner.call('deactivateUser', { path: { userId } }),
    ]) {
      const { agent, password } = await begin(loginName);
      const page = pageOf(await agent.submit(password, { password: given }));
      expect(page.name).toBe('new-password');
      await spoil();
      const back = pageOf(await agent.submit(page, { password: chosen }));
      expect(back.name).toBe('password');
    }
    const { data } = await world.owner.call('listSessions', { query: { userId } });
    expect(data.items).toEqual([]);
  });

  test('the page is nobody’s who has not proved the password', async () => {
    const loginName = 'careful@example.com';
    await make(loginName);
    const { agent, password } = await begin(loginName);
    const address = new URL(password.url);
    address.pathname = '/login/new-password';
    expect(pageOf(await agent.open(address)).name).toBe('password');
  });
});
