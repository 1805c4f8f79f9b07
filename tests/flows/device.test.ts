import {
  type BrowserAgent,
  type BrowserStop,
  completeSignIn,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedUser,
  setState,
} from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, basicOf, call, countRows, discover, engines, introspect } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const grantTypes = ['authorization_code', 'refresh_token', grantType];

interface Begun {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly body: Readonly<Record<string, unknown>>;
}

describe.each(engines)('device authorization on $engine', ({ engine }) => {
  let world: ShopWorld;
  let tv: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    tv = await seedApplication(world.server, world.shop, { type: 'native', name: 'Television', grantTypes });
  });
  afterAll(() => world?.stop());

  async function begin(scope = 'openid profile offline_access', application = tv): Promise<Begun> {
    const form = { client_id: application.clientId, scope };
    const { status, body } = await call(world.server, '/oauth/v2/device_authorization', { form });
    expect(status, String(body.error_description)).toBe(200);
    return { deviceCode: String(body.device_code), userCode: String(body.user_code), body };
  }

  function poll(
    { deviceCode }: Pick<Begun, 'deviceCode'>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const form = { grant_type: grantType, device_code: deviceCode, client_id: tv.clientId, ...more };
    return call(world.server, '/oauth/v2/token', { form });
  }

  async function expectRefused(answer: Promise<Answer>, error: string, status = 400): Promise<void> {
    const { status: actual, body } = await answer;
    expect([actual, body.error], String(body.error_description)).toEqual([status, error]);
  }

  /** Types a code in a browser and signs in where asked to: up to the confirmation. */
  async function typeCode(
    agent: BrowserAgent,
    userCode: string,
    user: SeededUser = world.ada,
  ): Promise<BrowserStop> {
    const entry = pageOf(await agent.open('/device'));
    return await completeSignIn(agent, await agent.submit(entry, { userCode }), user);
  }

  async function decide(begun: Begun, buttonId: 'submit' | 'deny', agent = createBrowserAgent(world.server)) {
    const confirm = pageOf(await typeCode(agent, begun.userCode));
    expect(confirm.name).toBe('device-confirm');
    return pageOf(await agent.submit(confirm, {}, { buttonId }));
  }

  async function eventsOf(type: string): Promise<number> {
    const rows = await world.server.store.db
      .selectFrom('events')
      .select('seq')
      .where('type', '=', type)
      .execute();
    return rows.length;
  }

  test('RFC 8628 §3.2: the answer holds both codes, where to type them, how long and how often', async () => {
    const { body, userCode } = await begin();
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(body).toEqual({
      device_code: expect.stringMatching(/^lk_dc_[\w-]{43}$/),
      user_code: userCode,
      verification_uri: `${world.server.issuer}/device`,
      verification_uri_complete: `${world.server.issuer}/device?user_code=${userCode}`,
      expires_in: 600,
      interval: 5,
    });
  });

  test('RFC 8628 §3.1: who may not use the grant, does not authenticate or asks malformed is refused, and nothing is written', async () => {
    const { server, spa, web } = world;
    const send = (form: Readonly<Record<string, string>>, headers = {}) =>
      call(server, '/oauth/v2/device_authorization', { form, headers });
    const before = await countRows(server);
    await expectRefused(send({ client_id: spa.clientId, scope: 'openid' }), 'unauthorized_client');
    await expectRefused(send({ client_id: web.clientId, scope: 'openid' }), 'invalid_client', 401);
    await expectRefused(send({ scope: 'openid' }), 'invalid_client', 401);
    await expectRefused(send({ scope: 'openid' }, basicOf(world.robot)), 'unauthorized_client');
    await expectRefused(send({ client_id: tv.clientId, scope: 'open"id' }), 'invalid_scope');
    await expectRefused(
      send({ client_id: tv.clientId, resource: 'https://nobody.example' }),
      'invalid_target',
    );
    await expectRefused(poll({ deviceCode: 'lk_dc_nobody' }), 'invalid_grant');
    await expectRefused(poll({ deviceCode: '' }), 'invalid_request');
    expect(await countRows(server)).toEqual(before);
  });

  test('RFC 8628 §3.5: pending until the person approves, then tokens, once', async () => {
    const { server, api } = world;
    const begun = await begin();
    await expectRefused(poll(begun), 'authorization_pending');
    const started = await eventsOf('device-authorization.redeemed');
    expect((await decide(begun, 'submit')).textOf('outcome')).toContain('goes on by itself');
    const { status, body } = await poll(begun);
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', scope: 'openid profile offline_access' });
    expect(typeof body.id_token).toBe('string');
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({
      active: true,
      sub: world.ada.id,
    });
    expect(await eventsOf('device-authorization.redeemed')).toBe(started + 1);
    await expectRefused(poll(begun), 'invalid_grant');
    const refresh = {
      grant_type: 'refresh_token',
      refresh_token: String(body.refresh_token),
      client_id: tv.clientId,
    };
    expect((await call(server, '/oauth/v2/token', { form: refresh })).status).toBe(200);
  });

  test('RFC 8628 §3.5: polling too fast is told slow_down, and the interval is five seconds longer from then on', async () => {
    const { clock } = world.server;
    const begun = await begin();
    await expectRefused(poll(begun), 'authorization_pending');
    clock.advance(1000);
    await expectRefused(poll(begun), 'slow_down');
    clock.advance(6000);
    await expectRefused(poll(begun), 'slow_down');
    clock.advance(15_000);
    await expectRefused(poll(begun), 'authorization_pending');
  });

  test('RFC 8628 §3.5: a refusal is access_denied, and stays so', async () => {
    const begun = await begin();
    expect((await decide(begun, 'deny')).textOf('outcome')).toContain('Nothing was shared');
    await expectRefused(poll(begun), 'access_denied');
    await expectRefused(poll(begun), 'access_denied');
  });

  test('RFC 8628 §3.5: after ten minutes the code is expired_token, and its page says so', async () => {
    const begun = await begin();
    world.server.clock.advance(600_001);
    await expectRefused(poll(begun), 'expired_token');
    const agent = createBrowserAgent(world.server);
    const page = pageOf(
      await agent.submit(pageOf(await agent.open('/device')), { userCode: begun.userCode }),
    );
    expect([page.status, page.name]).toEqual([400, 'device-code']);
    expect(page.textOf('userCode-problem')).toContain('No device waits');
  });

  test('RFC 8628 §3.4: another application cannot redeem the code', async () => {
    const { server, shop } = world;
    const other = await seedApplication(server, shop, { type: 'native', grantTypes });
    const begun = await begin();
    await decide(begun, 'submit');
    await expectRefused(poll(begun, { client_id: other.clientId }), 'invalid_grant');
    expect((await poll(begun)).status).toBe(200);
  });

  test('of fifty polls at once over two nodes one gets tokens', async () => {
    const { server } = world;
    const node = await server.startNode();
    try {
      const begun = await begin();
      await decide(begun, 'submit');
      const form = { grant_type: grantType, device_code: begun.deviceCode, client_id: tv.clientId };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          call(index % 2 === 0 ? server : node, '/oauth/v2/token', { form }),
        ),
      );
      const good = answers.filter(({ status }) => status === 200);
      expect(good).toHaveLength(1);
      const errors = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error);
      expect(new Set(errors)).toEqual(new Set(['invalid_grant']));
      const token = String(good[0]?.body.access_token);
      expect(await introspect(server, world.api, token)).toMatchObject({ active: true });
    } finally {
      await node.close();
    }
  });

  test('of fifty polls at once of a waiting code one is in time and the others are told slow_down', async () => {
    const begun = await begin();
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(begun)));
    const errors = answers.map(({ body }) => body.error);
    expect(errors.filter((error) => error === 'authorization_pending')).toHaveLength(1);
    expect(errors.filter((error) => error === 'slow_down')).toHaveLength(49);
  });

  test.each(['locked', 'inactive'] as const)(
    'a user who is %s between approval and redemption gets no tokens',
    async (state) => {
      const { server } = world;
      const user = await seedUser(server);
      const begun = await begin();
      const agent = createBrowserAgent(server);
      await agent.submit(pageOf(await typeCode(agent, begun.userCode, user)), {}, { buttonId: 'submit' });
      await setState(server, 'user', user.id, state);
      await expectRefused(poll(begun), 'invalid_grant');
      await setState(server, 'user', user.id, 'active');
      await expectRefused(poll(begun), 'invalid_grant');
    },
  );

  test('a session that ends between approval and redemption takes the approval along', async () => {
    const { server } = world;
    const begun = await begin();
    const agent = createBrowserAgent(server);
    await decide(begun, 'submit', agent);
    await agent.submit(pageOf(await agent.open('/oidc/v1/end_session')), {}, { buttonId: 'submit' });
    await expectRefused(poll(begun), 'invalid_grant');
  });

  test('an application that is deactivated between approval and redemption gets no tokens', async () => {
    const { server, shop } = world;
    const box = await seedApplication(server, shop, { type: 'native', grantTypes });
    const begun = await begin('openid', box);
    await decide(begun, 'submit');
    await setState(server, 'application', box.id, 'inactive');
    await expectRefused(poll(begun, { client_id: box.clientId }), 'invalid_client', 401);
  });

  test('a person who may not use the application is told so and cannot approve', async () => {
    const { server } = world;
    const begun = await begin('openid urn:zitadel:iam:org:id:12345');
    const agent = createBrowserAgent(server);
    const confirm = pageOf(await typeCode(agent, begun.userCode));
    expect(confirm.status).toBe(403);
    expect(confirm.textOf('device-problem')).toContain('can’t be used');
    const forced = pageOf(await agent.submit(confirm, { decision: 'approve' }));
    expect(forced.name).toBe('device-confirm');
    await expectRefused(poll(begun), 'authorization_pending');
  });

  test('RFC 8628 §3.3.1: a complete link fills the code in but approves nothing; the confirmation shows it with a warning', async () => {
    const begun = await begin();
    const agent = createBrowserAgent(world.server);
    const entry = pageOf(await agent.open(String(begun.body.verification_uri_complete)));
    expect(entry.forms[0]?.fields.userCode).toBe(begun.userCode);
    const confirm = pageOf(await completeSignIn(agent, await agent.submit(entry, {}), world.ada));
    expect(confirm.textOf('user-code')).toBe(begun.userCode);
    expect(confirm.textOf('warning')).toContain('If somebody sent you the code');
    expect(confirm.html).toContain('Television');
    await expectRefused(poll(begun), 'authorization_pending');
  });

  test('RFC 8628 §3.3: with several accounts the person chooses the one that approves', async () => {
    const { server } = world;
    const other = await seedUser(server);
    const agent = createBrowserAgent(server);
    await decide(await begin(), 'submit', agent);
    await completeSignIn(agent, await agent.click(pageOf(await agent.open('/device')), 'language-de'), other);
    const first = pageOf(await typeCode(agent, (await begin()).userCode));
    const elsewhere = await completeSignIn(agent, await agent.click(first, 'other-account'), other);
    expect(pageOf(elsewhere).name).toBe('device-confirm');
    const begun = await begin();
    const accounts = pageOf(
      await agent.submit(pageOf(await agent.open('/device')), { userCode: begun.userCode }),
    );
    expect(accounts.name).toBe('accounts');
    const ids = accounts.forms[0]?.buttons ?? [];
    const chosen = ids.find(({ text }) => text.includes(other.loginName))?.id ?? '';
    const confirm = pageOf(await agent.submit(accounts, {}, { buttonId: chosen }));
    await agent.submit(confirm, {}, { buttonId: 'submit' });
    const { body } = await poll(begun);
    expect(await introspect(server, world.api, String(body.access_token))).toMatchObject({ sub: other.id });
  });

  test('a form from elsewhere, and one of another browser, decide nothing', async () => {
    const { server } = world;
    const begun = await begin();
    const agent = createBrowserAgent(server);
    const confirm = pageOf(await typeCode(agent, begun.userCode));
    const request = confirm.forms[0]?.fields.request ?? '';
    const body = new URLSearchParams({ request, decision: 'approve' });
    const cookie = agent.cookies.header();
    const foreign = await server.fetch('/device/confirm', {
      method: 'POST',
      body,
      headers: { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(foreign.status).toBe(403);
    const stranger = createBrowserAgent(server);
    await typeCode(stranger, begun.userCode);
    const moved = await server.fetch('/device/confirm', {
      method: 'POST',
      body,
      headers: { cookie: stranger.cookies.header(), origin: server.issuer, 'sec-fetch-site': 'same-origin' },
    });
    expect(moved.status).toBe(400);
    await expectRefused(poll(begun), 'authorization_pending');
  });

  test('the first word counts: a second form about the same device changes nothing', async () => {
    const begun = await begin();
    const agent = createBrowserAgent(world.server);
    const confirm = pageOf(await typeCode(agent, begun.userCode));
    await agent.submit(confirm, {}, { buttonId: 'deny' });
    expect(pageOf(await agent.submit(confirm, {}, { buttonId: 'submit' })).textOf('outcome')).toContain(
      'used already',
    );
    await expectRefused(poll(begun), 'access_denied');
  });

  test('openid-client: a device signs in by initiateDeviceAuthorization and pollDeviceAuthorizationGrant', async () => {
    const { server, shop } = world;
    const box = await seedApplication(server, shop, { type: 'web', grantTypes });
    const config = await discover(server, box);
    const handle = await client.initiateDeviceAuthorization(config, { scope: 'openid' });
    await decide({ deviceCode: handle.device_code, userCode: handle.user_code, body: {} }, 'submit');
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...handle, interval: 0 });
    expect(tokens.claims()?.sub).toBe(world.ada.id);
  });

  test('RFC 9449 §5: a device that proves a key gets tokens bound to it, and refreshes with that key alone', async () => {
    const { server } = world;
    const config = await discover(server, tv);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const handle = await client.initiateDeviceAuthorization(config, { scope: 'openid offline_access' });
    await decide({ deviceCode: handle.device_code, userCode: handle.user_code, body: {} }, 'submit');
    const tokens = await client.pollDeviceAuthorizationGrant(
      config,
      { ...handle, interval: 0 },
      {},
      { DPoP },
    );
    expect(tokens.token_type).toBe('dpop');
    const refreshToken = tokens.refresh_token ?? '';
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: tv.clientId };
    expect((await call(server, '/oauth/v2/token', { form })).status).toBe(400);
    const fresh = await client.refreshTokenGrant(config, refreshToken, {}, { DPoP });
    expect(fresh.token_type).toBe('dpop');
  });
});

describe('limits of device authorization', () => {
  let world: ShopWorld;
  let tv: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld('pglite', {
      userCodeLimit: { perMinute: 5, burst: 5 },
      deviceLimit: { perMinute: 3, burst: 3 },
    });
    tv = await seedApplication(world.server, world.shop, { type: 'native', grantTypes });
  });
  afterAll(() => world?.stop());

  const begin = () =>
    call(world.server, '/oauth/v2/device_authorization', {
      form: { client_id: tv.clientId, scope: 'openid' },
    });

  test('RFC 8628 §5.1: the sixth guess of a user code within a minute has to wait, whether or not it is right', async () => {
    const { server } = world;
    const { body } = await begin();
    const agent = createBrowserAgent(server);
    const guess = async (userCode: string) =>
      pageOf(await agent.submit(pageOf(await agent.open('/device')), { userCode }));
    for (let index = 0; index < 5; index += 1) expect((await guess('BBBB-BBBB')).status).toBe(400);
    const late = await guess(String(body.user_code));
    expect([late.status, late.name]).toEqual([429, 'device-code']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    server.clock.advance(60_000);
    expect((await guess(String(body.user_code))).name).toBe('login-name');
  });

  test('device authorizations from one address are limited', async () => {
    world.server.clock.advance(120_000);
    for (let index = 0; index < 3; index += 1) expect((await begin()).status).toBe(200);
    const late = await begin();
    expect([late.status, late.body.error]).toEqual([429, 'temporarily_unavailable']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
