import { completeSignIn, createBrowserAgent, leftFor, seedApplication, setState } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  basicOf,
  call,
  countRows,
  engines,
  introspect,
  type SignedIn,
  signIn,
} from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('redeeming codes on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  const scope = 'openid offline_access';
  const begun = (params = {}): Promise<SignedIn> =>
    signIn(world.server, world.spa, world.ada, { params: { scope, ...params } });

  function redeemRaw(signedIn: SignedIn, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const all: Readonly<Record<string, string>> = {
      grant_type: 'authorization_code',
      code: signedIn.code,
      redirect_uri: world.spa.redirectUri,
      code_verifier: signedIn.flow.verifier,
      client_id: world.spa.clientId,
      ...more,
    };
    const form = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    return call(world.server, '/oauth/v2/token', { form });
  }

  async function expectRefused(
    answer: Promise<Answer>,
    error = 'invalid_grant',
    status = 400,
  ): Promise<void> {
    const { status: actual, body } = await answer;
    expect([actual, body.error], String(body.error_description)).toEqual([status, error]);
  }

  test('RFC 6749 §4.1.3: every binding of a code is checked, a refusal changes nothing and the code stays good', async () => {
    const { server, shop } = world;
    const other = await seedApplication(server, shop, { type: 'user_agent' });
    const signedIn = await begun();
    const before = await countRows(server);
    await expectRefused(redeemRaw(signedIn, { client_id: other.clientId }));
    await expectRefused(redeemRaw(signedIn, { redirect_uri: `${world.spa.redirectUri}/` }));
    await expectRefused(redeemRaw(signedIn, { redirect_uri: '' }));
    await expectRefused(redeemRaw(signedIn, { code_verifier: 'x'.repeat(43) }));
    await expectRefused(redeemRaw(signedIn, { code_verifier: '' }));
    await expectRefused(redeemRaw(signedIn, { code_verifier: 'short' }));
    await expectRefused(redeemRaw(signedIn, { code_verifier: signedIn.flow.verifier.toUpperCase() }));
    await expectRefused(redeemRaw(signedIn, { code: `${signedIn.code}A` }));
    await expectRefused(redeemRaw(signedIn, { code: signedIn.code.slice(0, -1) }));
    await expectRefused(redeemRaw(signedIn, { code: '' }), 'invalid_request');
    expect(await countRows(server)).toEqual(before);
    expect((await redeemRaw(signedIn)).status).toBe(200);
  });

  test('RFC 9700 §2.1.1: a verifier for a request without a challenge is refused (PKCE downgrade)', async () => {
    const { server, web, ada } = world;
    const params = { code_challenge: '', code_challenge_method: '' };
    const signedIn = await signIn(server, web, ada, { params });
    const form = { grant_type: 'authorization_code', code: signedIn.code, redirect_uri: web.redirectUri };
    const send = (more: Readonly<Record<string, string>>) =>
      call(server, '/oauth/v2/token', { form: { ...form, ...more }, headers: basicOf(web) });
    await expectRefused(send({ code_verifier: signedIn.flow.verifier }));
    expect((await send({})).status).toBe(200);
  });

  test('RFC 6749 §4.1.2: a code lives a minute', async () => {
    const { server } = world;
    const good = await begun();
    server.clock.advance(50_000);
    expect((await redeemRaw(good)).status).toBe(200);
    const late = await begun();
    server.clock.advance(60_001);
    const before = await countRows(server);
    await expectRefused(redeemRaw(late));
    expect(await countRows(server)).toEqual(before);
  });

  test('a code used again within ten seconds by who has the verifier is refused and ends nothing', async () => {
    const { server, api, spa } = world;
    const signedIn = await begun();
    const { body } = await redeemRaw(signedIn);
    for (const waitMs of [0, 9_000]) {
      server.clock.advance(waitMs);
      const before = await countRows(server);
      await expectRefused(redeemRaw(signedIn));
      expect(await countRows(server)).toEqual(before);
    }
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
    const { status } = await call(server, '/oauth/v2/token', {
      form: { ...refresh, client_id: spa.clientId },
    });
    expect(status).toBe(200);
  });

  test('RFC 6749 §4.1.2: without PKCE a code used again at once ends everything issued from it', async () => {
    const { server, web, ada, api } = world;
    const params = { code_challenge: '', code_challenge_method: '' };
    const signedIn = await signIn(server, web, ada, { params });
    const form = { grant_type: 'authorization_code', code: signedIn.code, redirect_uri: web.redirectUri };
    const send = () => call(server, '/oauth/v2/token', { form, headers: basicOf(web) });
    const { body } = await send();
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    await expectRefused(send());
    expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
  });

  test.each([
    ['after ten seconds', 10_000],
    ['after the code’s minute', 61_000],
  ])('RFC 6749 §4.1.2: a code used again %s ends everything issued from it', async (_, waitMs) => {
    const { server, api, spa } = world;
    const signedIn = await begun();
    const { body } = await redeemRaw(signedIn);
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    server.clock.advance(waitMs);
    await expectRefused(redeemRaw(signedIn));
    expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
    await expectRefused(call(server, '/oauth/v2/token', { form: { ...refresh, client_id: spa.clientId } }));
  });

  test('RFC 6749 §4.1.2: a used code presented at once by another client or with another verifier ends everything issued from it', async () => {
    const { server, api, shop } = world;
    const other = await seedApplication(server, shop, { type: 'user_agent' });
    const wrong: Readonly<Record<string, string>>[] = [
      { code_verifier: 'x'.repeat(43) },
      { code_verifier: '' },
      { client_id: other.clientId },
      { redirect_uri: `${world.spa.redirectUri}/` },
    ];
    for (const changes of wrong) {
      const signedIn = await begun();
      const { body } = await redeemRaw(signedIn);
      expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
      await expectRefused(redeemRaw(signedIn, changes));
      expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
    }
  });

  test('a clock that was set back makes an old use of a code no repetition', async () => {
    const { server, api } = world;
    const signedIn = await begun();
    const { body } = await redeemRaw(signedIn);
    server.clock.advance(-600_000);
    try {
      await expectRefused(redeemRaw(signedIn));
    } finally {
      server.clock.advance(600_000);
    }
    expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
  });

  test('of fifty redemptions of one code at once one succeeds, over two nodes as well', async () => {
    const { server, spa } = world;
    const node = await server.startNode();
    try {
      const signedIn = await begun();
      const form = {
        grant_type: 'authorization_code',
        code: signedIn.code,
        redirect_uri: spa.redirectUri,
        code_verifier: signedIn.flow.verifier,
        client_id: spa.clientId,
      };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          call(index % 2 === 0 ? server : node, '/oauth/v2/token', { form }),
        ),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const errors = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error);
      expect(new Set(errors)).toEqual(new Set(['invalid_grant']));
    } finally {
      await node.close();
    }
  });

  test('a code dies with the session it came of', async () => {
    const { server } = world;
    const signedIn = await begun();
    const { agent } = signedIn;
    const confirm = await agent.open('/oidc/v1/end_session');
    if (confirm.kind !== 'page') throw new Error('no confirmation page');
    await agent.submit(confirm.page, {}, { buttonId: 'submit' });
    const before = await countRows(server);
    await expectRefused(redeemRaw(signedIn));
    expect(await countRows(server)).toEqual(before);
  });

  test('a code is worth nothing once its user is locked or its application inactive', async () => {
    const { server, shop, ada } = world;
    const app = await seedApplication(server, shop, { type: 'user_agent' });
    const forApp = await signIn(server, app, ada);
    const send = (): Promise<Answer> => redeemRaw(forApp, { client_id: app.clientId });
    await setState(server, 'application', app.id, 'inactive');
    await expect
      .poll(async () => (await send()).body.error, { interval: 10, timeout: 5000 })
      .toBe('invalid_client');
    await setState(server, 'application', app.id, 'active');
    await setState(server, 'user', ada.id, 'locked');
    await expect
      .poll(async () => (await send()).body.error, { interval: 10, timeout: 5000 })
      .toBe('invalid_grant');
    await setState(server, 'user', ada.id, 'active');
    await expectRefused(send());
    const agent = createBrowserAgent(server);
    const again = leftFor(await completeSignIn(agent, await agent.open(forApp.flow.url), ada));
    expect(again.url.searchParams.get('code')).not.toBeNull();
  });
});
