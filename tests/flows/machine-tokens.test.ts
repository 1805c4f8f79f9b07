import { seedApplication, seedAuthorization, seedMachine, setState, signAssertion } from '@latchkey/testkit';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  basic,
  basicOf,
  call,
  countRows,
  engines,
  introspect,
  payloadOf,
  signIn,
  tokensFor,
} from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(engines)('client credentials and revocation on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  async function machineToken(
    robot: { readonly clientId: string; readonly clientSecret: string },
    scope: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const form = { grant_type: 'client_credentials', scope };
    const answer = await call(world.server, '/oauth/v2/token', { form, headers: basicOf(robot) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return answer.body;
  }

  function revoke(token: string, credentials: Readonly<Record<string, string>>, headers = {}) {
    return call(world.server, '/oauth/v2/revoke', { form: { token, ...credentials }, headers });
  }

  test('RFC 6749 §4.4: openid-client gets a machine’s token; its API accepts it by audience scope only', async () => {
    const { server, robot, api, shop, ledgerApi } = world;
    const config = await client.discovery(
      new URL(server.issuer),
      robot.clientId,
      robot.clientSecret,
      client.ClientSecretPost(robot.clientSecret),
      { execute: [client.allowInsecureRequests] },
    );
    const bare = await client.clientCredentialsGrant(config, { scope: 'openid profile' });
    expect(bare.refresh_token).toBeUndefined();
    expect(await introspect(server, api, bare.access_token)).toEqual({ active: false });
    const meant = await client.clientCredentialsGrant(config, {
      scope: `openid profile ${audienceScope(shop)}`,
    });
    expect(await introspect(server, api, meant.access_token)).toMatchObject({
      active: true,
      sub: robot.id,
      client_id: robot.clientId,
      username: robot.clientId,
      aud: [shop.id],
      'urn:zitadel:iam:org:project:roles': { reader: { [server.organizationId]: 'localhost' } },
    });
    expect(await introspect(server, ledgerApi, meant.access_token)).toEqual({ active: false });
    expect(await client.fetchUserInfo(config, meant.access_token, robot.id)).toMatchObject({
      sub: robot.id,
      preferred_username: robot.clientId,
    });
  });

  test('ZITADEL dialect: scripts ask for scopes that do not exist; they are dropped, foreign organizations too', async () => {
    const { robot, server } = world;
    const own = `urn:zitadel:iam:org:id:${server.organizationId}`;
    const scope = `openid nonsense offline_access urn:zitadel:iam:org:id:404 ${own}`;
    expect((await machineToken(robot, scope)).scope).toBe(`openid ${own}`);
    const none = await call(server, '/oauth/v2/token', {
      form: { grant_type: 'client_credentials' },
      headers: basicOf(robot),
    });
    expect(none.status).toBe(200);
  });

  test('ZITADEL dialect: a secret with reserved characters works raw and form-urlencoded', async () => {
    const { server } = world;
    const odd = await seedMachine(server, { clientSecret: 'a+b%2Fc:d e&f=g' });
    const form = { grant_type: 'client_credentials' };
    const encoded = encodeURIComponent(odd.clientSecret);
    for (const headers of [basicOf(odd), basic(odd.clientId, encoded)])
      expect((await call(server, '/oauth/v2/token', { form, headers })).status).toBe(200);
    const inBody = { ...form, client_id: odd.clientId, client_secret: odd.clientSecret };
    expect((await call(server, '/oauth/v2/token', { form: inBody })).status).toBe(200);
  });

  test('RFC 9068: a machine whose tokens are JWTs gets its own id as audience when it asks for none', async () => {
    const { server, shop, api } = world;
    const robot = await seedMachine(server, { accessTokenType: 'jwt' });
    await seedAuthorization(server, { userId: robot.id, project: shop, roleKeys: ['editor'] });
    const bare = await machineToken(robot, 'openid');
    expect(payloadOf(String(bare.access_token))).toMatchObject({ aud: [robot.clientId], sub: robot.id });
    const scope = `${audienceScope(shop)} urn:zitadel:iam:org:projects:roles`;
    const { access_token } = await machineToken(robot, scope);
    expect(payloadOf(String(access_token))).toMatchObject({
      [`urn:zitadel:iam:org:project:${shop.id}:roles`]: { editor: { [server.organizationId]: 'localhost' } },
    });
    expect(await introspect(server, api, String(access_token))).toMatchObject({ active: true });
  });

  test('a locked machine gets no token', async () => {
    const { server } = world;
    const robot = await seedMachine(server);
    await machineToken(robot, 'openid');
    await setState(server, 'user', robot.id, 'locked');
    const answer = async () => {
      const form = { grant_type: 'client_credentials' };
      const { status, body } = await call(server, '/oauth/v2/token', { form, headers: basicOf(robot) });
      return [status, body.error];
    };
    await expect.poll(answer, { interval: 10, timeout: 5000 }).toEqual([400, 'invalid_grant']);
  });

  test('RFC 7009 §2.1: revoking an access token ends it alone', async () => {
    const { server, spa, ada, api } = world;
    const tokens = await tokensFor(server, spa, ada);
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refreshToken, client_id: spa.clientId };
    const sister = String((await call(server, '/oauth/v2/token', { form })).body.access_token);
    const answer = await revoke(tokens.accessToken, { client_id: spa.clientId });
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(await introspect(server, api, tokens.accessToken)).toEqual({ active: false });
    expect(await introspect(server, api, sister)).toMatchObject({ active: true });
  });

  test('RFC 7009 §2.1: revoking a refresh token ends the grant, whatever the hint says', async () => {
    const { server, spa, ada, api } = world;
    const tokens = await tokensFor(server, spa, ada);
    const config = await client.discovery(new URL(server.issuer), spa.clientId, {}, client.None(), {
      execute: [client.allowInsecureRequests],
    });
    await client.tokenRevocation(config, tokens.refreshToken, { token_type_hint: 'access_token' });
    expect(await introspect(server, api, tokens.accessToken)).toEqual({ active: false });
    await expect(client.refreshTokenGrant(config, tokens.refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('RFC 7009 §2.2: an unknown or expired token is answered with 200 and changes nothing', async () => {
    const { server, spa, ada } = world;
    const { accessToken } = await tokensFor(server, spa, ada);
    server.clock.advance(901_000);
    const before = await countRows(server);
    for (const token of ['nonsense', 'lk_at_AAAA', 'lk_rt_AAAA', 'a.b.c', accessToken])
      expect((await revoke(token, { client_id: spa.clientId })).status).toBe(200);
    expect(await countRows(server)).toEqual(before);
  });

  test('RFC 7009 §2.1: a client cannot revoke another client’s tokens', async () => {
    const { server, spa, web, ada, api, robot } = world;
    const tokens = await tokensFor(server, spa, ada);
    const before = await countRows(server);
    for (const token of [tokens.accessToken, tokens.refreshToken]) {
      for (const headers of [basicOf(web), basicOf(robot), basicOf(api)]) {
        const answer = await revoke(token, {}, headers);
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client']);
      }
    }
    expect(await countRows(server)).toEqual(before);
    expect(await introspect(server, api, tokens.accessToken)).toMatchObject({ active: true });
  });

  test('RFC 7009 §2.1: a machine revokes its own token', async () => {
    const { server, robot, api, shop } = world;
    const { access_token } = await machineToken(robot, audienceScope(shop));
    expect(await introspect(server, api, String(access_token))).toMatchObject({ active: true });
    expect((await revoke(String(access_token), {}, basicOf(robot))).status).toBe(200);
    expect(await introspect(server, api, String(access_token))).toEqual({ active: false });
  });

  test('RFC 7523 §3: where something changes, an assertion with a jti is good once; of fifty at once one passes', async () => {
    const { server, shop } = world;
    const app = await seedApplication(server, shop, { type: 'web', authMethod: 'private_key_jwt' });
    const { keyFile } = app;
    if (keyFile === undefined) throw new Error('no key file');
    const send = (client_assertion: string) =>
      revoke('nonsense', { client_assertion, client_assertion_type: assertionType });
    const options = { audience: server.issuer, nowSeconds: Math.floor(server.clock.now() / 1000) };
    const once = signAssertion(keyFile, options);
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(new Set(refused.map(({ status, body }) => `${status} ${body.error}`))).toEqual(
      new Set(['401 invalid_client']),
    );
    expect((await send(signAssertion(keyFile, options))).status).toBe(200);
  });

  test('RFC 7523 §3: an assertion for another audience redeems no code, one for the issuer does', async () => {
    const { server, shop, ada } = world;
    const app = await seedApplication(server, shop, { type: 'web', authMethod: 'private_key_jwt' });
    const { keyFile } = app;
    if (keyFile === undefined) throw new Error('no key file');
    const signedIn = await signIn(server, app, ada);
    const form = {
      grant_type: 'authorization_code',
      code: signedIn.code,
      redirect_uri: app.redirectUri,
      code_verifier: signedIn.flow.verifier,
      client_assertion_type: assertionType,
    };
    const nowSeconds = Math.floor(server.clock.now() / 1000);
    const sent = async (audience: string): Promise<number> => {
      const client_assertion = signAssertion(keyFile, { audience, nowSeconds });
      return (await call(server, '/oauth/v2/token', { form: { ...form, client_assertion } })).status;
    };
    expect(await sent('https://elsewhere.example.com')).toBe(401);
    expect(await sent(server.issuer)).toBe(200);
  });
});
