import { issuePersonalAccessToken } from '@latchkey/server';
import { listEventsOf, listPersonalAccessTokens, removePersonalAccessToken } from '@latchkey/store';
import {
  changeAsOperator,
  openInstance,
  seedAuthorization,
  seedMachine,
  seedPersonalAccessToken,
  setState,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, engines, introspect } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const patient = { interval: 5, timeout: 5000 };

describe.each(engines)('personal access tokens on $engine', ({ engine }) => {
  let world: ShopWorld;
  let far: TestServer;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    far = await world.server.startNode();
  });
  afterAll(async () => {
    await far?.close();
    await world?.stop();
  });

  const expectLife = async (token: string, life: 'active' | 'dead'): Promise<void> => {
    const expected = life === 'active' ? { active: true } : { active: false };
    for (const node of [world.server, far])
      await expect.poll(() => introspect(node, world.api, token), patient).toMatchObject(expected);
  };

  test('ZITADEL dialect: a personal access token is accepted by every API it is handed to, for years', async () => {
    const { server, robot, api, ledgerApi } = world;
    const { token, id } = await seedPersonalAccessToken(server, robot.id);
    expect(token).toMatch(/^lk_pat_/);
    expect(await introspect(server, api, token)).toMatchObject({
      active: true,
      sub: robot.id,
      username: robot.clientId,
      jti: id,
      scope: 'openid profile urn:zitadel:iam:user:metadata urn:zitadel:iam:user:resourceowner',
      'urn:zitadel:iam:org:project:roles': { reader: { [server.organizationId]: 'localhost' } },
    });
    expect(await introspect(server, ledgerApi, token)).toMatchObject({ active: true, sub: robot.id });
    const headers = { authorization: `Bearer ${token}` };
    expect((await call(server, '/oidc/v1/userinfo', { headers })).body).toMatchObject({
      sub: robot.id,
      preferred_username: robot.clientId,
      'urn:zitadel:iam:user:resourceowner:id': server.organizationId,
    });
  });

  test('a personal access token ends at its time', async () => {
    const { server, robot } = world;
    const { token } = await seedPersonalAccessToken(server, robot.id, { lifetimeMs: 172_800_000 });
    await expectLife(token, 'active');
    // Not at the last second: the clock runs on while a busy machine asks.
    server.clock.advance(172_740_000);
    await expectLife(token, 'active');
    server.clock.advance(60_000);
    await expectLife(token, 'dead');
  });

  test('taking a personal access token back ends it on every node, for good', async () => {
    const { server, robot } = world;
    const [first, second] = [
      await seedPersonalAccessToken(server, robot.id),
      await seedPersonalAccessToken(server, robot.id),
    ];
    await expectLife(first.token, 'active');
    const takeBack = () => changeAsOperator(server, (change) => removePersonalAccessToken(change, first.id));
    expect(await takeBack()).toBe('removed');
    await expectLife(first.token, 'dead');
    await expectLife(second.token, 'active');
    expect(await takeBack()).toBe('not-found');
    const events = await listEventsOf(
      server.store.db,
      { instanceId: server.instanceId },
      'personal-access-token',
      first.id,
    );
    expect(events.map(({ type }) => type)).toEqual([
      'personal-access-token.created',
      'personal-access-token.removed',
    ]);
    // Longer than revocations are remembered: the row decides.
    server.clock.advance(90_000_000);
    await expectLife(first.token, 'dead');
  });

  test('RFC 7009 §2.1: its machine revokes a personal access token, and no other client does', async () => {
    const { server, robot, web } = world;
    const { token } = await seedPersonalAccessToken(server, robot.id);
    const revoke = (headers: Readonly<Record<string, string>>) =>
      call(server, '/oauth/v2/revoke', { form: { token }, headers });
    expect((await revoke(basicOf(web))).body.error).toBe('invalid_client');
    await expectLife(token, 'active');
    expect((await revoke(basicOf(robot))).status).toBe(200);
    await expectLife(token, 'dead');
  });

  test('while its user is locked a personal access token is dead; like a secret it counts again afterwards', async () => {
    const { server, shop } = world;
    const robot = await seedMachine(server);
    await seedAuthorization(server, { userId: robot.id, project: shop });
    const { token } = await seedPersonalAccessToken(server, robot.id);
    await expectLife(token, 'active');
    await setState(server, 'user', robot.id, 'locked');
    await expectLife(token, 'dead');
    await setState(server, 'user', robot.id, 'active');
    await expectLife(token, 'active');
    await setState(server, 'user', robot.id, 'removed');
    await expectLife(token, 'dead');
  });

  test('a personal access token is sealed: nothing written by hand or of another kind is one', async () => {
    const { server, robot, api } = world;
    const { token } = await seedPersonalAccessToken(server, robot.id);
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    const issued = await call(server, '/oauth/v2/token', { form, headers: basicOf(robot) });
    const sealed = String(issued.body.access_token).slice('lk_at_'.length);
    const forged = [`${token}A`, token.slice(0, -1), token.replace('lk_pat_', 'lk_at_'), `lk_pat_${sealed}`];
    for (const text of forged) expect(await introspect(server, api, text)).toEqual({ active: false });
  });

  test('ZITADEL dialect: only machine users have personal access tokens, and none that has ended already', async () => {
    const { server, ada, robot } = world;
    const instance = await openInstance(server);
    const wish = { actor: { kind: 'operator', id: 'test' }, scopes: ['openid'] } as const;
    const laterMs = server.clock.now() + 60_000;
    const issue = (userId: string, expiresAtMs: number) =>
      issuePersonalAccessToken(server, instance, { ...wish, userId, expiresAtMs });
    expect(await issue(ada.id, laterMs)).toEqual({ kind: 'no-such-machine' });
    expect(await issue('404', laterMs)).toEqual({ kind: 'no-such-machine' });
    expect(await issue(robot.id, server.clock.now())).toEqual({ kind: 'expires-in-the-past' });
    const scope = { instanceId: server.instanceId };
    expect(await listPersonalAccessTokens(server.store.db, scope, ada.id)).toEqual([]);
  });
});
