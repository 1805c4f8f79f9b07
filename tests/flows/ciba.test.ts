import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  pageOf,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedUser,
  setState,
} from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  basicOf,
  call,
  countRows,
  discover,
  engines,
  introspect,
  payloadOf,
  tokensFor,
} from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const grantType = 'urn:openid:params:grant-type:ciba';
const grantTypes = ['authorization_code', 'refresh_token', grantType];
const outboundAllow = ['127.0.0.1/32'];

type Form = Readonly<Record<string, string>>;

describe.each(engines)('backchannel authentication on $engine', ({ engine }) => {
  let world: ShopWorld;
  let till: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld(engine, { outboundAllow });
    till = await seedApplication(world.server, world.shop, {
      type: 'web',
      name: 'Checkout',
      grantTypes,
      cibaDeliveryMode: 'poll',
    });
  });
  afterAll(() => world?.stop());

  function ask(form: Form, application = till): Promise<Answer> {
    return call(world.server, '/oauth/v2/bc-authorize', { form, headers: basicOf(application) });
  }

  async function begin(user: SeededUser, more: Form = {}, application = till): Promise<string> {
    const { status, body } = await ask({ scope: 'openid', login_hint: user.loginName, ...more }, application);
    expect(status, String(body.error_description)).toBe(200);
    return String(body.auth_req_id);
  }

  function poll(authReqId: string, application = till, node = world.server): Promise<Answer> {
    const form = { grant_type: grantType, auth_req_id: authReqId };
    return call(node, '/oauth/v2/token', { form, headers: basicOf(application) });
  }

  async function expectRefused(answer: Promise<Answer>, error: string, status = 400): Promise<void> {
    const { status: actual, body } = await answer;
    expect([actual, body.error], String(body.error_description)).toEqual([status, error]);
  }

  async function openRequests(user: SeededUser, agent = createBrowserAgent(world.server)): Promise<HtmlPage> {
    return pageOf(await completeSignIn(agent, await agent.open('/login/requests'), user));
  }

  async function decide(
    user: SeededUser,
    buttonId: string,
    agent: BrowserAgent = createBrowserAgent(world.server),
  ) {
    return pageOf(await agent.submit(await openRequests(user, agent), {}, { buttonId }));
  }

  test('CIBA Core §7.3: the answer holds an auth_req_id, how long it lives and how often to ask', async () => {
    const user = await seedUser(world.server);
    const { body } = await ask({ scope: 'openid', login_hint: user.loginName, requested_expiry: '120' });
    expect(body).toEqual({
      auth_req_id: expect.stringMatching(/^lk_ar_[\w-]{43}$/),
      expires_in: 120,
      interval: 5,
    });
  });

  test('CIBA Core §13: requests that break a rule get its error, and nothing is written', async () => {
    const { server, shop, web, ada } = world;
    const login_hint = ada.loginName;
    const open = await seedApplication(server, shop, {
      type: 'native',
      grantTypes,
      cibaDeliveryMode: 'poll',
    });
    const modeless = await seedApplication(server, shop, { type: 'web', grantTypes });
    const before = await countRows(server);
    await expectRefused(ask({ scope: 'openid' }), 'invalid_request');
    await expectRefused(ask({ scope: 'openid', login_hint, id_token_hint: 'x.y.z' }), 'invalid_request');
    await expectRefused(ask({ scope: 'openid', login_hint_token: 'x' }), 'invalid_request');
    await expectRefused(ask({ scope: 'openid', id_token_hint: 'x.y.z' }), 'invalid_request');
    await expectRefused(ask({ scope: 'profile', login_hint }), 'invalid_scope');
    await expectRefused(ask({ scope: 'openid', login_hint: 'nobody@example.com' }), 'unknown_user_id');
    await expectRefused(
      ask({ scope: 'openid', login_hint, binding_message: 'a\u0007' }),
      'invalid_binding_message',
    );
    await expectRefused(ask({ scope: 'openid', login_hint }, web), 'unauthorized_client');
    await expectRefused(ask({ scope: 'openid', login_hint }, modeless), 'unauthorized_client');
    const elsewhere = 'openid urn:zitadel:iam:org:id:12345';
    await expectRefused(ask({ scope: elsewhere, login_hint }), 'access_denied', 403);
    const form = { client_id: open.clientId, scope: 'openid', login_hint };
    await expectRefused(call(server, '/oauth/v2/bc-authorize', { form }), 'unauthorized_client');
    await expectRefused(poll('lk_ar_nobody'), 'invalid_grant');
    await expectRefused(poll(''), 'invalid_request');
    expect(await countRows(server)).toEqual(before);
  });

  test('CIBA Core §7.1: an ID token of the same application names the person, another’s does not', async () => {
    const { server, spa, ada, shop } = world;
    const both = await seedApplication(server, shop, { type: 'web', grantTypes, cibaDeliveryMode: 'poll' });
    const { idToken } = await tokensFor(server, both, ada);
    expect((await ask({ scope: 'openid', id_token_hint: idToken }, both)).status).toBe(200);
    const foreign = await tokensFor(server, spa, ada);
    await expectRefused(ask({ scope: 'openid', id_token_hint: foreign.idToken }, both), 'invalid_request');
  });

  test('CIBA Core §10.1: pending until the person approves, then tokens, once', async () => {
    const { server, api } = world;
    const user = await seedUser(server);
    const authReqId = await begin(user, {
      scope: 'openid offline_access',
      acr_values: 'urn:latchkey:acr:1fa',
      binding_message: 'Order 4711 – 12 €',
    });
    await expectRefused(poll(authReqId), 'authorization_pending');
    const page = await openRequests(user);
    expect(page.name).toBe('requests');
    expect(page.textOf('message-1')).toBe('Order 4711 – 12 €');
    expect(page.html).toContain('Checkout');
    expect((await decide(user, 'approve-1')).textOf('told')).toBe('You approved the request.');
    const { status, body } = await poll(authReqId);
    expect(status).toBe(200);
    expect(payloadOf(String(body.id_token))).toMatchObject({ sub: user.id, acr: 'urn:latchkey:acr:1fa' });
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({
      active: true,
      sub: user.id,
    });
    expect(typeof body.refresh_token).toBe('string');
    await expectRefused(poll(authReqId), 'invalid_grant');
  });

  test('CIBA Core §11: too fast is slow_down, a refusal access_denied, an old request expired_token', async () => {
    const { server } = world;
    const user = await seedUser(server);
    const refused = await begin(user);
    await expectRefused(poll(refused), 'authorization_pending');
    await expectRefused(poll(refused), 'slow_down');
    expect((await decide(user, 'deny-1')).textOf('told')).toBe('You refused the request.');
    await expectRefused(poll(refused), 'access_denied');
    const late = await begin(user);
    server.clock.advance(300_001);
    await expectRefused(poll(late), 'expired_token');
    expect((await openRequests(user)).html).toContain('Nothing waits');
  });

  test('CIBA Core §10.1: another client cannot redeem the request', async () => {
    const { server, shop } = world;
    const other = await seedApplication(server, shop, { type: 'web', grantTypes, cibaDeliveryMode: 'poll' });
    const user = await seedUser(server);
    const authReqId = await begin(user);
    await decide(user, 'approve-1');
    await expectRefused(poll(authReqId, other), 'invalid_grant');
    expect((await poll(authReqId)).status).toBe(200);
  });

  test('of fifty polls at once over two nodes one gets tokens', async () => {
    const { server } = world;
    const node = await server.startNode();
    try {
      const user = await seedUser(server);
      const authReqId = await begin(user);
      await decide(user, 'approve-1');
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => poll(authReqId, till, index % 2 === 0 ? server : node)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const errors = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error);
      expect(new Set(errors)).toEqual(new Set(['invalid_grant']));
    } finally {
      await node.close();
    }
  });

  test('a user locked or an application deactivated between approval and redemption gets no tokens', async () => {
    const { server, shop } = world;
    const user = await seedUser(server);
    const authReqId = await begin(user);
    await decide(user, 'approve-1');
    await setState(server, 'user', user.id, 'locked');
    await expectRefused(poll(authReqId), 'invalid_grant');
    const box = await seedApplication(server, shop, { type: 'web', grantTypes, cibaDeliveryMode: 'poll' });
    const other = await seedUser(server);
    const second = await begin(other, {}, box);
    await decide(other, 'approve-1');
    await setState(server, 'application', box.id, 'inactive');
    await expectRefused(poll(second, box), 'invalid_client', 401);
  });

  test('a session that ends between approval and redemption takes the approval along', async () => {
    const { server } = world;
    const user = await seedUser(server);
    const authReqId = await begin(user);
    const agent = createBrowserAgent(server);
    await decide(user, 'approve-1', agent);
    await agent.submit(pageOf(await agent.open('/oidc/v1/end_session')), {}, { buttonId: 'submit' });
    await expectRefused(poll(authReqId), 'invalid_grant');
  });

  test('nobody sees or decides another person’s requests', async () => {
    const { server } = world;
    const victim = await seedUser(server);
    const thief = await seedUser(server);
    const authReqId = await begin(victim);
    await begin(thief);
    const id = (await openRequests(victim)).forms[0]?.buttons[0]?.value ?? '';
    const agent = createBrowserAgent(server);
    const own = await openRequests(thief, agent);
    expect(own.html).not.toContain(id);
    const told = pageOf(await agent.submit(own, { approve: id }, { buttonId: 'approve-1' })).textOf('told');
    expect(told).toContain('no longer waits');
    await expectRefused(poll(authReqId), 'authorization_pending');
  });

  test('at most five requests wait for one person, however many come at once', async () => {
    const user = await seedUser(world.server);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => ask({ scope: 'openid', login_hint: user.loginName })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const late = answers.filter(({ status }) => status !== 200);
    expect(new Set(late.map(({ status, body }) => `${status} ${body.error}`))).toEqual(
      new Set(['429 temporarily_unavailable']),
    );
    world.server.clock.advance(300_001);
    await begin(user);
  });

  test('openid-client: initiateBackchannelAuthentication and pollBackchannelAuthenticationGrant', async () => {
    const { server } = world;
    const user = await seedUser(server);
    const config = await discover(server, till);
    const parameters = { scope: 'openid', login_hint: user.loginName };
    const handle = await client.initiateBackchannelAuthentication(config, parameters);
    await decide(user, 'approve-1');
    const tokens = await client.pollBackchannelAuthenticationGrant(config, { ...handle, interval: 0 });
    expect(tokens.claims()?.sub).toBe(user.id);
  });

  describe('ping', () => {
    const pings: { authorization: string | undefined; body: string }[] = [];
    let status = 204;
    let pinged: SeededApplication;
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        pings.push({ authorization: request.headers.authorization, body: Buffer.concat(chunks).toString() });
        response.writeHead(status).end();
      });
    });
    beforeAll(async () => {
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
      // cast: a listening TCP server has an AddressInfo
      const { port } = receiver.address() as AddressInfo;
      pinged = await seedApplication(world.server, world.shop, {
        type: 'web',
        grantTypes,
        cibaDeliveryMode: 'ping',
        cibaNotificationEndpoint: `http://127.0.0.1:${port}/ping`,
      });
    });
    afterAll(() => new Promise((resolve) => receiver.close(resolve)));

    const pingsOf = (authReqId: string) => pings.filter(({ body }) => body.includes(authReqId));

    test('CIBA Core §10.2: the client is pinged with its token and the auth_req_id once the person has decided', async () => {
      const { server } = world;
      const client_notification_token = 'a-token-of-the-client-0123456789';
      for (const button of ['approve-1', 'deny-1']) {
        const user = await seedUser(server);
        const authReqId = await begin(user, { client_notification_token }, pinged);
        await server.deliverDue();
        expect(pingsOf(authReqId)).toEqual([]);
        await decide(user, button);
        await server.deliverDue();
        // The node's own worker may have taken it first.
        await expect
          .poll(() => pingsOf(authReqId))
          .toEqual([
            {
              authorization: `Bearer ${client_notification_token}`,
              body: JSON.stringify({ auth_req_id: authReqId }),
            },
          ]);
        const { body } = await poll(authReqId, pinged);
        expect(body.error).toBe(button === 'approve-1' ? undefined : 'access_denied');
      }
    });

    test('CIBA Core §7.1: ping mode without client_notification_token is invalid_request', async () => {
      await expectRefused(
        ask({ scope: 'openid', login_hint: world.ada.loginName }, pinged),
        'invalid_request',
      );
    });

    test('a ping that is not taken now is sent again, one that is refused is not', async () => {
      const { server } = world;
      const client_notification_token = 'another-token-of-the-client-0123';
      for (const [answer, times] of [
        [503, 2],
        [401, 1],
      ] as const) {
        const user = await seedUser(server);
        const authReqId = await begin(user, { client_notification_token }, pinged);
        status = answer;
        await decide(user, 'approve-1');
        await server.deliverDue();
        await expect.poll(() => pingsOf(authReqId).length).toBe(1);
        status = 204;
        server.clock.advance(61_000);
        await server.deliverDue();
        await expect.poll(() => pingsOf(authReqId).length).toBe(times);
      }
    });

    test('the database holds neither the auth_req_id nor the notification token in the clear', async () => {
      const { server } = world;
      const user = await seedUser(server);
      const client_notification_token = 'secret-of-the-client-0123456789ab';
      const authReqId = await begin(user, { client_notification_token }, pinged);
      const rows = await server.store.db.selectFrom('backchannelAuthentications').selectAll().execute();
      const text = rows.map((row) =>
        JSON.stringify({ ...row, sealed: row.notificationTokenSealed?.toString('latin1') }),
      );
      expect(text.join()).not.toContain(client_notification_token);
      expect(text.join()).not.toContain(authReqId);
    });
  });
});
