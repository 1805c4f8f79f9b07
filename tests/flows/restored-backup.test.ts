import { endIssuedBeforeRestore } from '@latchkey/server';
import {
  completeSignIn,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedPersonalAccessToken,
  seedUserKey,
  signUserAssertion,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { basicOf, beginFlow, call, engines, introspect, signIn, tokensFor } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const patient = { interval: 20, timeout: 5000 };
const deviceType = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaType = 'urn:openid:params:grant-type:ciba';

describe.each(engines)('after a backup is restored on $engine', ({ engine }) => {
  let world: ShopWorld;
  let far: TestServer;
  let broad: SeededApplication;
  const both = (): readonly TestServer[] => [world.server, far];

  const tokenCall = (node: TestServer, form: Readonly<Record<string, string>>, by = broad) =>
    call(node, '/oauth/v2/token', { form, headers: basicOf(by) });

  async function machineToken(node: TestServer, keyFile: Awaited<ReturnType<typeof seedUserKey>>) {
    const { server, shop } = world;
    const assertion = signUserAssertion(keyFile, {
      audience: server.issuer,
      nowSeconds: Math.floor(server.clock.now() / 1000),
    });
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const scope = `openid ${audienceScope(shop)}`;
    const { body } = await call(node, '/oauth/v2/token', { form: { grant_type, assertion, scope } });
    return String(body.access_token);
  }

  /** Everything that can be issued, none of it spent. */
  async function issueEverything() {
    const { server, shop, ada, robot, spa } = world;
    const jwtApp = await seedApplication(server, shop, { type: 'user_agent', accessTokenType: 'jwt' });
    const opaque = await tokensFor(server, spa, ada);
    const jwt = await tokensFor(server, jwtApp, ada);
    const { flow, code, agent } = await signIn(server, broad, ada);
    const keyFile = await seedUserKey(server, robot.id);
    const device = await call(server, '/oauth/v2/device_authorization', {
      ...{ form: { scope: 'openid' }, headers: basicOf(broad) },
    });
    const entry = pageOf(await agent.open('/device'));
    const typed = await agent.submit(entry, { userCode: String(device.body.user_code) });
    await agent.submit(pageOf(await completeSignIn(agent, typed, ada)), {}, { buttonId: 'submit' });
    const ciba = await call(server, '/oauth/v2/bc-authorize', {
      ...{ form: { scope: 'openid', login_hint: ada.loginName }, headers: basicOf(broad) },
    });
    const pushing = await beginFlow(server, broad);
    const pushed = await call(server, '/oauth/v2/par', {
      ...{ form: Object.fromEntries(pushing.url.searchParams), headers: basicOf(broad) },
    });
    const waiting = createBrowserAgent(server);
    const loginPage = pageOf(await waiting.open((await beginFlow(server, spa)).url));
    return {
      ...{ opaque, jwt, code, flow, agent, keyFile, waiting, loginPage },
      robotToken: await machineToken(server, keyFile),
      personal: (await seedPersonalAccessToken(server, robot.id)).token,
      deviceCode: String(device.body.device_code),
      authReqId: String(ciba.body.auth_req_id),
      requestUri: String(pushed.body.request_uri),
    };
  }
  let issued: Awaited<ReturnType<typeof issueEverything>>;
  let oldKids: readonly string[];

  const kidsOf = async (node: TestServer): Promise<string[]> => {
    const { body } = await call(node, '/oauth/v2/keys');
    // cast: a key set is an object with keys (RFC 7517 §5)
    return (body.keys as { kid: string }[]).map(({ kid }) => kid);
  };

  beforeAll(async () => {
    world = await startShopWorld(engine);
    far = await world.server.startNode();
    const grantTypes = ['authorization_code', 'refresh_token', deviceType, cibaType];
    broad = await seedApplication(world.server, world.shop, {
      type: 'web',
      grantTypes,
      cibaDeliveryMode: 'poll',
    });
    issued = await issueEverything();
    oldKids = await kidsOf(world.server);
    const tokens = [issued.opaque.accessToken, issued.jwt.accessToken, issued.robotToken, issued.personal];
    for (const node of both())
      for (const token of tokens)
        expect(await introspect(node, world.api, token)).toMatchObject({ active: true });
    await endIssuedBeforeRestore(world.server);
    // Both have heard of it once they publish the new keys.
    for (const node of both())
      await vi.waitUntil(async () => !(await kidsOf(node)).includes(oldKids[0] ?? ''), patient);
  });
  afterAll(async () => {
    await far?.close();
    await world?.stop();
  });

  test('no access token, personal access token or token of a machine issued before is live at any node', async () => {
    const tokens = [issued.opaque.accessToken, issued.jwt.accessToken, issued.robotToken, issued.personal];
    for (const node of both())
      for (const token of tokens) {
        expect(await introspect(node, world.api, token)).toEqual({ active: false });
        const headers = { authorization: `Bearer ${token}` };
        expect((await call(node, '/oidc/v1/userinfo', { headers })).status).toBe(401);
      }
  });

  test('no refresh token, code, device code or CIBA request issued before yields tokens', async () => {
    const { opaque, code, flow, deviceCode, authReqId } = issued;
    for (const node of both()) {
      const redeemed = { grant_type: 'authorization_code', code, redirect_uri: broad.redirectUri };
      const answers = [
        await tokenCall(node, { ...redeemed, code_verifier: flow.verifier }),
        await tokenCall(node, { grant_type: deviceType, device_code: deviceCode }),
        await tokenCall(node, { grant_type: cibaType, auth_req_id: authReqId }),
        await call(node, '/oauth/v2/token', {
          form: {
            ...{ grant_type: 'refresh_token', refresh_token: opaque.refreshToken },
            client_id: world.spa.clientId,
          },
        }),
      ];
      for (const { status, body } of answers) expect([status, body.error]).toEqual([400, 'invalid_grant']);
    }
  });

  test('no browser is signed in any more, and no page or pushed request of before goes on', async () => {
    const { agent, waiting, loginPage, requestUri } = issued;
    const silent = await beginFlow(world.server, world.spa, { prompt: 'none' });
    const left = await agent.open(silent.url);
    expect(left.kind === 'left' && left.url.searchParams.get('error')).toBe('login_required');
    const stale = pageOf(await waiting.submit(loginPage, { loginName: world.ada.loginName }));
    expect(stale.status).toBeGreaterThanOrEqual(400);
    const query = new URLSearchParams({ client_id: broad.clientId, request_uri: requestUri });
    const refused = pageOf(await createBrowserAgent(world.server).open(`/oauth/v2/authorize?${query}`));
    expect(refused.status).toBe(400);
  });

  test('no signing key of before is published, and each algorithm has a new one', async () => {
    for (const node of both()) {
      const kids = await kidsOf(node);
      expect(kids.filter((kid) => oldKids.includes(kid))).toEqual([]);
      expect(kids.length).toBeGreaterThanOrEqual(3);
    }
  });

  test('passwords, secrets and keys of machines go on, and what is issued anew counts at every node', async () => {
    const { server, spa, ada, api, robot } = world;
    const fresh = await tokensFor(server, spa, ada);
    const robotToken = await machineToken(far, issued.keyFile);
    const { token } = await seedPersonalAccessToken(server, robot.id);
    for (const node of both())
      for (const each of [fresh.accessToken, robotToken, token])
        expect(await introspect(node, api, each)).toMatchObject({ active: true });
  });

  test('a second restore of the same backup ends what was issued after the first', async () => {
    const { server, spa, ada, api } = world;
    const { accessToken } = await tokensFor(server, spa, ada);
    // The second restore begins from the same data, so the version of the data key comes again with other bytes.
    const scope = { instanceId: server.instanceId };
    await server.store.db
      .deleteFrom('instanceDataKeys')
      .where('instanceId', '=', scope.instanceId)
      .where('version', '=', 2)
      .execute();
    await server.store.db
      .deleteFrom('signingKeys')
      .where('instanceId', '=', scope.instanceId)
      .where('state', '<>', 'removed')
      .execute();
    await server.store.db.updateTable('instances').set({ oldestAcceptedKeyVersion: 1 }).execute();
    await endIssuedBeforeRestore(server);
    for (const node of both())
      await expect.poll(() => introspect(node, api, accessToken), patient).toEqual({ active: false });
  });
});
