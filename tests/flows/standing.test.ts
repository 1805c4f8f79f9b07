import { endSessions, type StatefulKind } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedOrganization,
  seedProject,
  seedUser,
  setState,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, engines, introspect, payloadOf, tokensFor } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

// Asked often, since the bound itself is measured beside it.
const patient = { interval: 5, timeout: 5000 };

describe.each(engines)('what ends a token, on two nodes over $engine', ({ engine }) => {
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

  /** Checks that both nodes stop believing a token within a second of a change made on the first. */
  async function expectDeadEverywhere(token: string, api = world.api): Promise<void> {
    const changedAt = performance.now();
    expect(await introspect(world.server, api, token)).toEqual({ active: false });
    await expect.poll(() => introspect(far, api, token), patient).toEqual({ active: false });
    expect(performance.now() - changedAt).toBeLessThan(1000);
  }

  async function expectAlive(token: string, api = world.api): Promise<void> {
    for (const node of [world.server, far])
      await expect.poll(() => introspect(node, api, token), patient).toMatchObject({ active: true });
  }

  /** A person of an organization of their own who uses an application of a project of another one. */
  async function stranger(): Promise<{ readonly eve: SeededUser; readonly organizationId: string }> {
    const organization = await seedOrganization(world.server);
    const eve = await seedUser(world.server, { organizationId: organization.id });
    return { eve, organizationId: organization.id };
  }

  test('two nodes accept each other’s tokens, codes and sessions', async () => {
    const { server, ada, spa } = world;
    const here = await tokensFor(server, spa, ada);
    await expectAlive(here.accessToken);
    const form = { grant_type: 'refresh_token', refresh_token: here.refreshToken, client_id: spa.clientId };
    const there = await call(far, '/oauth/v2/token', { form });
    expect(there.status).toBe(200);
    await expectAlive(String(there.body.access_token));
  });

  test('logging out', async () => {
    const { server, ada, spa } = world;
    const { accessToken, idToken, signedIn } = await tokensFor(server, spa, ada);
    await expectAlive(accessToken);
    await signedIn.agent.open(`/oidc/v1/end_session?id_token_hint=${idToken}`);
    await expectDeadEverywhere(accessToken);
  });

  test('an operator ending the session', async () => {
    const { server, ada, spa } = world;
    const { accessToken, idToken } = await tokensFor(server, spa, ada);
    await expectAlive(accessToken);
    const sid = String(payloadOf(idToken).sid);
    await changeAsOperator(server, (change) => endSessions(change, [sid], 'operator'));
    await expectDeadEverywhere(accessToken);
  });

  test.each(['inactive', 'locked', 'removed'] as const)('a user who becomes %s', async (state) => {
    const { server, spa } = world;
    const user = await seedUser(server);
    const { accessToken } = await tokensFor(server, spa, user);
    await expectAlive(accessToken);
    await setState(server, 'user', user.id, state);
    await expectDeadEverywhere(accessToken);
  });

  test.each(['inactive', 'removed'] as const)('a machine that becomes %s', async (state) => {
    const { server, shop } = world;
    const robot = await seedMachine(server);
    await seedAuthorization(server, { userId: robot.id, project: shop, roleKeys: ['reader'] });
    const form = { grant_type: 'client_credentials', scope: audienceScope(shop) };
    const { body } = await call(server, '/oauth/v2/token', { form, headers: basicOf(robot) });
    await expectAlive(String(body.access_token));
    await setState(server, 'user', robot.id, state);
    await expectDeadEverywhere(String(body.access_token));
  });

  async function endAndRevive(kind: StatefulKind, id: string, token: string): Promise<void> {
    await expectAlive(token);
    await setState(world.server, kind, id, 'inactive');
    await expectDeadEverywhere(token);
    await setState(world.server, kind, id, 'active');
  }

  test('reactivating a user does not bring old tokens back; new ones work', async () => {
    const { server, spa } = world;
    const user = await seedUser(server);
    const old = await tokensFor(server, spa, user);
    await endAndRevive('user', user.id, old.accessToken);
    const fresh = await tokensFor(server, spa, user);
    await expectAlive(fresh.accessToken);
    for (const node of [server, far])
      expect(await introspect(node, world.api, old.accessToken)).toEqual({ active: false });
    const form = { grant_type: 'refresh_token', refresh_token: old.refreshToken, client_id: spa.clientId };
    expect((await call(far, '/oauth/v2/token', { form })).body.error).toBe('invalid_grant');
  });

  test('reactivating an application does not bring old tokens back; new ones work', async () => {
    const { server, shop, ada } = world;
    const app = await seedApplication(server, shop, { type: 'user_agent' });
    const old = await tokensFor(server, app, ada);
    await endAndRevive('application', app.id, old.accessToken);
    await expectAlive((await tokensFor(server, app, ada)).accessToken);
    expect(await introspect(far, world.api, old.accessToken)).toEqual({ active: false });
  });

  test('reactivating an organization does not bring old tokens of its people back; new ones work', async () => {
    const { server, spa } = world;
    const { eve, organizationId } = await stranger();
    const old = await tokensFor(server, spa, eve);
    await endAndRevive('organization', organizationId, old.accessToken);
    await expectAlive((await tokensFor(server, spa, eve)).accessToken);
    expect(await introspect(far, world.api, old.accessToken)).toEqual({ active: false });
  });

  test('reactivating a project does not bring old tokens of its applications back', async () => {
    const { server, ada, shop, api } = world;
    const project = await seedProject(server);
    const app = await seedApplication(server, project, { type: 'user_agent' });
    const old = await tokensFor(server, app, ada, `openid ${audienceScope(shop)}`);
    await endAndRevive('project', project.id, old.accessToken);
    const fresh = await tokensFor(server, app, ada, `openid ${audienceScope(shop)}`);
    await expectAlive(fresh.accessToken, api);
    expect(await introspect(far, api, old.accessToken)).toEqual({ active: false });
  });

  test('deactivating the organization of an application ends the tokens of people of other organizations', async () => {
    const { server, ada } = world;
    const { organizationId } = await stranger();
    const project = await seedProject(server, { organizationId });
    const app = await seedApplication(server, project, { type: 'user_agent' });
    const listed = await seedProject(server, { allowedOrganizationIds: [organizationId] });
    const api = await seedApplication(server, listed, { type: 'api' });
    const { accessToken } = await tokensFor(server, app, ada, `openid ${audienceScope(listed)}`);
    await expectAlive(accessToken, api);
    await setState(server, 'organization', organizationId, 'inactive');
    for (const node of [server, far])
      await expect.poll(() => introspect(node, api, accessToken), patient).toEqual({ active: false });
  });

  test('a caller whose own project is inactive learns nothing', async () => {
    const { server, spa, ada } = world;
    const project = await seedProject(server);
    const api = await seedApplication(server, project, { type: 'api' });
    const { accessToken } = await tokensFor(server, spa, ada, `openid ${audienceScope(project)}`);
    await expectAlive(accessToken, api);
    await setState(server, 'project', project.id, 'inactive');
    for (const node of [server, far]) {
      const status = async () => {
        const options = { form: { token: accessToken }, headers: basicOf(api) };
        return (await call(node, '/oauth/v2/introspect', options)).status;
      };
      await expect.poll(status, patient).toBe(401);
    }
  });
});
