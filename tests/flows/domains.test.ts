import { insertDomain } from '@latchkey/store';
import {
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, introspect, payloadOf, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaGrant = 'urn:openid:params:grant-type:ciba';

/** The same server as it answers at a further domain of its instance. */
async function addDomain(server: TestServer, name: string): Promise<TestServer> {
  const issuer = server.issuer.replace('//localhost', `//${name}.localhost`);
  await changeAsOperator(server, async (change) => {
    expect(await insertDomain(change, issuer)).toBe('added');
  });
  const { host } = new URL(issuer);
  const domain: TestServer = {
    ...server,
    issuer,
    fetch: (path, init = {}) =>
      server.fetch(path.replace(issuer, ''), { ...init, headers: { host, ...init.headers } }),
  };
  for (let tries = 0; tries < 500; tries += 1)
    if ((await domain.fetch('/oauth/v2/keys')).status === 200) break;
  return domain;
}

describe('an instance with several domains', () => {
  let world: ShopWorld;
  let app: SeededApplication;
  let domains: readonly TestServer[];
  beforeAll(async () => {
    world = await startShopWorld('pglite');
    const { server, shop } = world;
    domains = [server, await addDomain(server, 'one'), await addDomain(server, 'two')];
    app = await seedApplication(server, shop, {
      type: 'web',
      grantTypes: ['authorization_code', 'refresh_token', deviceGrant, cibaGrant],
      cibaDeliveryMode: 'poll',
      accessTokenType: 'jwt',
    });
  });
  afterAll(() => world?.stop());

  const token = (at: TestServer, form: Readonly<Record<string, string>>) =>
    call(at, '/oauth/v2/token', { form, headers: basicOf(app) });

  const pairs = [0, 1, 2].flatMap((giver) =>
    [0, 1, 2].filter((taker) => taker !== giver).map((taker) => [giver, taker] as const),
  );
  const at = (index: number): TestServer => domains[index] ?? world.server;

  async function codeAt(server: TestServer) {
    const { flow, code } = await signIn(server, app, world.ada, {
      params: { scope: 'openid offline_access' },
    });
    return {
      grant_type: 'authorization_code',
      code,
      redirect_uri: app.redirectUri,
      code_verifier: flow.verifier,
    };
  }

  test.each(pairs)(
    'RFC 9207 §1: a code of domain %i is good there, not at domain %i',
    async (giver, taker) => {
      const form = await codeAt(at(giver));
      expect((await token(at(taker), form)).body.error).toBe('invalid_grant');
      expect((await token(at(giver), form)).status).toBe(200);
    },
  );

  test.each(pairs)(
    'RFC 6749 §6: a refresh token of domain %i is good there, not at domain %i',
    async (giver, taker) => {
      const { body } = await token(at(giver), await codeAt(at(giver)));
      const form = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
      expect((await token(at(taker), form)).body.error).toBe('invalid_grant');
      expect((await token(at(giver), form)).status).toBe(200);
    },
  );

  test.each(pairs)(
    'RFC 9126 §2.2: a pushed request of domain %i is unknown at domain %i',
    async (giver, taker) => {
      const { url } = await beginFlow(at(giver), app);
      const { body } = await call(at(giver), '/oauth/v2/par', {
        form: Object.fromEntries(url.searchParams),
        headers: basicOf(app),
      });
      const query = new URLSearchParams({ client_id: app.clientId, request_uri: String(body.request_uri) });
      const open = async (server: TestServer) =>
        pageOf(await createBrowserAgent(server).open(`/oauth/v2/authorize?${query}`)).name;
      expect(await open(at(taker))).toBe('error');
      expect(await open(at(giver))).toBe('login-name');
    },
  );

  test.each(pairs)('a sign-in begun at domain %i does not go on at domain %i', async (giver, taker) => {
    const agent = createBrowserAgent(at(giver));
    const page = pageOf(await agent.open((await beginFlow(at(giver), app)).url));
    const request = page.forms[0]?.fields.request ?? '';
    const cookie = `latchkey_browser=${agent.cookies.get('latchkey_browser')}`;
    const open = (server: TestServer) =>
      server.fetch(`/login?${new URLSearchParams({ request })}`, { headers: { cookie } });
    expect((await open(at(taker))).status).toBe(400);
    expect((await open(at(giver))).status).toBe(200);
  });

  test.each(pairs)(
    'RFC 8628 §3.4: device and user code of domain %i are unknown at domain %i',
    async (giver, taker) => {
      const { body } = await call(at(giver), '/oauth/v2/device_authorization', {
        form: { scope: 'openid' },
        headers: basicOf(app),
      });
      const form = { grant_type: deviceGrant, device_code: String(body.device_code) };
      expect((await token(at(taker), form)).body.error).toBe('invalid_grant');
      expect((await token(at(giver), form)).body.error).toBe('authorization_pending');
      const type = async (server: TestServer) => {
        const agent = createBrowserAgent(server);
        const entry = pageOf(await agent.open('/device'));
        const userCode = String(body.user_code);
        return pageOf(await completeSignIn(agent, await agent.submit(entry, { userCode }), world.ada)).name;
      };
      expect(await type(at(taker))).toBe('device-code');
      expect(await type(at(giver))).toBe('device-confirm');
    },
  );

  test.each(pairs)(
    'CIBA Core §10.1: an auth_req_id of domain %i is unknown at domain %i',
    async (giver, taker) => {
      const { body } = await call(at(giver), '/oauth/v2/bc-authorize', {
        form: { scope: 'openid', login_hint: (await seedUser(world.server)).loginName },
        headers: basicOf(app),
      });
      const form = { grant_type: cibaGrant, auth_req_id: String(body.auth_req_id) };
      expect((await token(at(taker), form)).body.error).toBe('invalid_grant');
      expect((await token(at(giver), form)).body.error).toBe('authorization_pending');
    },
  );

  test('RFC 7662 §2.2: an access token is good at every domain, and names the domain that issued it', async () => {
    const opaque = await seedApplication(world.server, world.shop, { type: 'web' });
    for (const giver of domains) {
      const { body } = await token(giver, await codeAt(giver));
      expect(payloadOf(String(body.access_token)).iss).toBe(giver.issuer);
      const { flow, code } = await signIn(giver, opaque, world.ada);
      const form = {
        grant_type: 'authorization_code',
        ...{ code, redirect_uri: opaque.redirectUri, code_verifier: flow.verifier },
      };
      const other = await call(giver, '/oauth/v2/token', { form, headers: basicOf(opaque) });
      for (const taker of domains)
        for (const text of [body.access_token, other.body.access_token])
          expect(await introspect(taker, world.api, String(text))).toMatchObject({
            active: true,
            iss: giver.issuer,
          });
    }
  });
});
