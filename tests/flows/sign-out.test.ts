import {
  type BrowserStop,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedUser,
} from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  beginFlow,
  call,
  countRows,
  discover,
  engines,
  introspect,
  sessionCookieOf,
  tokensFor,
} from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const endpoint = '/oidc/v1/end_session';
const goodbye = 'https://spa.example.com/goodbye';

describe.each(engines)('signing out on $engine', ({ engine }) => {
  let world: ShopWorld;
  let app: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    app = await seedApplication(world.server, world.shop, {
      type: 'user_agent',
      postLogoutRedirectUris: [goodbye, 'https://spa.example.com/#/bye'],
    });
  });
  afterAll(() => world?.stop());

  async function signedIn() {
    const tokens = await tokensFor(world.server, app, world.ada);
    return { ...tokens, agent: tokens.signedIn.agent };
  }

  function endSessionUrl(params: Readonly<Record<string, string>>): string {
    return `${endpoint}?${new URLSearchParams(params)}`;
  }

  function expectError(stop: BrowserStop, status = 400): void {
    const page = pageOf(stop);
    expect([page.name, page.status]).toEqual(['error', status]);
  }

  test('RP-Initiated Logout 1.0 §2: with a hint the session ends at once, its tokens die, state comes back', async () => {
    const { server, api } = world;
    const { agent, idToken, accessToken, refreshToken } = await signedIn();
    const config = await discover(server, app);
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: idToken,
      post_logout_redirect_uri: goodbye,
      state: 'a b&c',
    });
    const left = leftFor(await agent.open(url));
    expect(left.url.origin + left.url.pathname).toBe(goodbye);
    expect([...left.url.searchParams]).toEqual([['state', 'a b&c']]);
    expect(await introspect(server, api, accessToken)).toEqual({ active: false });
    await expect(client.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(agent.cookies.names()).toEqual(['latchkey_browser', 'latchkey_known']);
    const again = await agent.open((await beginFlow(server, app)).url);
    expect(pageOf(again).name).toBe('login-name');
  });

  test('RFC 3986 §3: state goes before the fragment of a post-logout address', async () => {
    const { agent, idToken } = await signedIn();
    const post_logout_redirect_uri = 'https://spa.example.com/#/bye';
    const left = leftFor(
      await agent.open(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri, state: 's' })),
    );
    expect(left.url.href).toBe('https://spa.example.com/?state=s#/bye');
  });

  test('RP-Initiated Logout 1.0 §2: without a hint the person is asked first, and staying keeps the session', async () => {
    const { server, api } = world;
    const { agent, accessToken } = await signedIn();
    const before = await countRows(server);
    const url = endSessionUrl({ client_id: app.clientId, post_logout_redirect_uri: goodbye, state: 's' });
    const page = pageOf(await agent.open(url));
    expect(page.name).toBe('sign-out-confirm');
    expect(page.html).toContain('Ada Lovelace');
    expect(pageOf(await agent.submit(page, {}, { buttonId: 'stay' })).name).toBe('signed-in');
    expect(await countRows(server)).toEqual(before);
    expect(await introspect(server, api, accessToken)).toMatchObject({ active: true });
    const left = leftFor(await agent.submit(page, {}, { buttonId: 'submit' }));
    expect(left.url.href).toBe(`${goodbye}?state=s`);
    expect(await introspect(server, api, accessToken)).toEqual({ active: false });
  });

  test('RP-Initiated Logout 1.0 §3: without hint and client_id a redirect URI is ignored', async () => {
    const { agent } = await signedIn();
    const page = pageOf(await agent.open(endSessionUrl({ post_logout_redirect_uri: goodbye })));
    expect(pageOf(await agent.submit(page, {}, { buttonId: 'submit' })).name).toBe('signed-out');
  });

  test('nobody signed in: nothing to ask, straight back to a registered address', async () => {
    const agent = createBrowserAgent(world.server);
    expect(pageOf(await agent.open(endpoint)).name).toBe('signed-out');
    const url = endSessionUrl({ client_id: app.clientId, post_logout_redirect_uri: goodbye });
    expect(leftFor(await agent.open(url)).url.href).toBe(goodbye);
  });

  test('RP-Initiated Logout 1.0 §3: an address not registered byte for byte is an error page and ends nothing', async () => {
    const { server, api, spa } = world;
    const { agent, idToken, accessToken } = await signedIn();
    const before = await countRows(server);
    const addresses = [
      'https://evil.example.com/',
      `${goodbye}/`,
      `${goodbye}?x=1`,
      goodbye.toUpperCase(),
      'javascript:alert(1)',
      '//evil.example.com',
    ];
    for (const post_logout_redirect_uri of addresses) {
      expectError(await agent.open(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri })));
      expectError(await agent.open(endSessionUrl({ client_id: app.clientId, post_logout_redirect_uri })));
    }
    expectError(
      await agent.open(endSessionUrl({ client_id: spa.clientId, post_logout_redirect_uri: goodbye })),
    );
    expectError(await agent.open(endSessionUrl({ client_id: '404', post_logout_redirect_uri: goodbye })));
    expect(await countRows(server)).toEqual(before);
    expect(await introspect(server, api, accessToken)).toMatchObject({ active: true });
  });

  test('RP-Initiated Logout 1.0 §2: client_id and hint must agree; repeated parameters are refused', async () => {
    const { agent, idToken } = await signedIn();
    expectError(await agent.open(endSessionUrl({ id_token_hint: idToken, client_id: world.spa.clientId })));
    expectError(await agent.open(`${endpoint}?state=a&state=b`));
    const both = { id_token_hint: idToken, client_id: app.clientId, post_logout_redirect_uri: goodbye };
    expect(leftFor(await agent.open(endSessionUrl(both))).url.href).toBe(goodbye);
  });

  test('a hint that is not an ID token of ours proves nothing: the person is asked', async () => {
    const { server } = world;
    const { agent, idToken, accessToken } = await signedIn();
    const [head, body] = idToken.split('.');
    const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const jwtApp = await seedApplication(server, world.shop, { type: 'user_agent', accessTokenType: 'jwt' });
    const jwt = await tokensFor(server, jwtApp, world.ada);
    for (const hint of [accessToken, jwt.accessToken, `${unsigned}.${body}.`, `${head}.${body}.AAAA`, 'x'])
      expect(pageOf(await agent.open(endSessionUrl({ id_token_hint: hint }))).name).toBe('sign-out-confirm');
  });

  test('RP-Initiated Logout 1.0 §4: after a hint that is not ours nobody is sent anywhere, client_id or not', async () => {
    const { server, api } = world;
    const { agent, idToken, accessToken } = await signedIn();
    const [head = '', body = '', signature = ''] = idToken.split('.');
    const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const forged = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    const wishes = { client_id: app.clientId, post_logout_redirect_uri: goodbye, state: 's' };
    for (const hint of [`${unsigned}.${body}.`, `${head}.${body}.${forged}`, 'x']) {
      const confirm = pageOf(await agent.open(endSessionUrl({ ...wishes, id_token_hint: hint })));
      expect(confirm.name).toBe('sign-out-confirm');
      const bare = createBrowserAgent(server);
      expect(pageOf(await bare.open(endSessionUrl({ ...wishes, id_token_hint: hint }))).name).toBe(
        'signed-out',
      );
    }
    expect(await introspect(server, api, accessToken)).toMatchObject({ active: true });
    const url = endSessionUrl({ ...wishes, id_token_hint: `${unsigned}.${body}.` });
    const confirm = pageOf(await agent.open(url));
    expect(pageOf(await agent.submit(confirm, {}, { buttonId: 'submit' })).name).toBe('signed-out');
  });

  test('RP-Initiated Logout 1.0 §2: logout_hint narrows the question to the person it names, and only they are signed out', async () => {
    const { server } = world;
    const grace = await seedUser(server, { displayName: 'Grace Hopper' });
    const { agent } = await signedIn();
    const chosen = await agent.open((await beginFlow(server, app, { prompt: 'select_account' })).url);
    leftFor(await completeSignIn(agent, chosen, grace));
    const both = pageOf(await agent.open(endSessionUrl({ logout_hint: 'nobody@example.com' })));
    expect(both.html).toContain('Ada Lovelace');
    const page = pageOf(await agent.open(endSessionUrl({ logout_hint: grace.loginName.toUpperCase() })));
    expect(page.html).toContain('Grace Hopper');
    expect(page.html).not.toContain('Ada Lovelace');
    await agent.submit(page, {}, { buttonId: 'submit' });
    const rest = pageOf(await agent.open(endpoint));
    expect(rest.html).toContain('Ada Lovelace');
    expect(rest.html).not.toContain('Grace Hopper');
  });

  test('RP-Initiated Logout 1.0 §2: state comes back byte for byte, and a parameter beyond its bound is refused', async () => {
    const { agent, idToken } = await signedIn();
    const state = `${'é%20+ &='.repeat(20)}~`;
    const all = { id_token_hint: idToken, post_logout_redirect_uri: goodbye };
    expectError(await agent.open(endSessionUrl({ ...all, state: 'x'.repeat(2001) })));
    expectError(await agent.open(endSessionUrl({ ...all, logout_hint: 'x'.repeat(251) })));
    expectError(await agent.open(endSessionUrl({ ...all, ui_locales: 'x'.repeat(251) })));
    const left = leftFor(await agent.open(endSessionUrl({ ...all, state })));
    expect([...left.url.searchParams]).toEqual([['state', state]]);
  });

  test('RP-Initiated Logout 1.0 §4: an expired ID token still names its session', async () => {
    const { server } = world;
    const { agent, idToken } = await signedIn();
    server.clock.advance(1_000_000);
    const url = endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: goodbye });
    expect(leftFor(await agent.open(url)).url.href).toBe(goodbye);
  });

  test('RP-Initiated Logout 1.0 §2: a hint without the cookie of its session ends nothing and goes back', async () => {
    const { server, api } = world;
    const mine = await signedIn();
    const before = await countRows(server);
    const bare = createBrowserAgent(server);
    const query = { id_token_hint: mine.idToken, post_logout_redirect_uri: goodbye };
    expect(leftFor(await bare.open(endSessionUrl(query))).url.href).toBe(goodbye);
    expect(await introspect(server, api, mine.accessToken)).toMatchObject({ active: true });
    expect(await countRows(server)).toEqual(before);
  });

  test('RP-Initiated Logout 1.0 §2: where somebody else is signed in, they are asked and the hint ends nothing', async () => {
    const { server, api } = world;
    const mine = await signedIn();
    const eve = await tokensFor(server, app, await seedUser(server));
    const query = { id_token_hint: mine.idToken, post_logout_redirect_uri: goodbye };
    const page = pageOf(await eve.signedIn.agent.open(endSessionUrl(query)));
    expect(page.name).toBe('sign-out-confirm');
    for (const token of [mine.accessToken, eve.accessToken])
      expect(await introspect(server, api, token)).toMatchObject({ active: true });
    leftFor(await eve.signedIn.agent.submit(page, {}, { buttonId: 'submit' }));
    expect(await introspect(server, api, mine.accessToken)).toMatchObject({ active: true });
    expect(await introspect(server, api, eve.accessToken)).toEqual({ active: false });
  });

  test('RP-Initiated Logout 1.0 §2: a form of another site comes without cookie, and goes on as a GET that has it', async () => {
    const { server } = world;
    const { idToken, agent, accessToken } = await signedIn();
    const body = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: goodbye });
    const response = await server.fetch(endpoint, { body });
    expect(response.status).toBe(303);
    const next = response.headers.get('location') ?? '';
    expect(next).toContain(`${endpoint}?`);
    expect(leftFor(await agent.open(next)).url.href).toBe(goodbye);
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await call(server, '/oidc/v1/userinfo', { headers })).status).toBe(401);
  });

  test('RP-Initiated Logout 1.0 §2: parameters may come by POST', async () => {
    const { server } = world;
    const { idToken, accessToken, agent } = await signedIn();
    const body = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: goodbye });
    const response = await server.fetch(endpoint, { body, headers: sessionCookieOf(agent) });
    expect([response.status, response.headers.get('location')]).toEqual([303, goodbye]);
    const info = await call(server, '/oidc/v1/userinfo', {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(info.status).toBe(401);
  });

  test('a sign-out form of another browser, from another site or without its cookie ends nothing', async () => {
    const { server, api } = world;
    const victim = await signedIn();
    const attacker = createBrowserAgent(server);
    await completeSignIn(attacker, await attacker.open((await beginFlow(server, app)).url), world.ada);
    const forged = pageOf(await attacker.open(endpoint)).forms[0]?.fields ?? {};
    const page = pageOf(await victim.agent.open(endpoint));
    const before = await countRows(server);
    expectError(await victim.agent.submit(page, forged, { buttonId: 'submit' }));
    const send = (headers: Readonly<Record<string, string>>) =>
      server.fetch('/logout', {
        body: new URLSearchParams({ ...page.forms[0]?.fields, decision: 'sign-out' }),
        headers,
      });
    const cookie = victim.agent.cookies.header();
    expect((await send({ cookie, origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await send({ cookie, origin: 'null', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ cookie })).status).toBe(403);
    expect((await send({ origin: server.issuer })).status).toBe(400);
    expect(await countRows(server)).toEqual(before);
    expect(await introspect(server, api, victim.accessToken)).toMatchObject({ active: true });
  });
});
