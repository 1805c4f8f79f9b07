import { insertDomain } from '@latchkey/store';
import {
  changeAsOperator,
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  basicOf,
  beginFlow,
  call,
  discover,
  engines,
  type FlowServer,
  introspect,
  payloadOf,
  redeem,
  signIn,
  startFlowServer,
  tokensFor,
} from './flow-world.ts';
import { configure, registered, registerPath, textOf } from './registration-world.ts';

interface Tenant {
  readonly server: TestServer;
  readonly spa: SeededApplication;
  readonly api: SeededApplication;
  readonly web: SeededApplication;
  readonly ada: SeededUser;
}

async function furnish(server: TestServer): Promise<Tenant> {
  const project = await seedProject(server);
  return {
    server,
    spa: await seedApplication(server, project, { type: 'user_agent' }),
    web: await seedApplication(server, project, { type: 'web' }),
    api: await seedApplication(server, project, { type: 'api' }),
    ada: await seedUser(server, { loginName: 'ada@example.com' }),
  };
}

/** Tokens by plain requests, since the names of these issuers mean nothing to a resolver. */
async function tokensAt(server: TestServer, { spa, ada }: Tenant) {
  const { code, flow } = await signIn(server, spa, ada);
  const { body } = await call(server, '/oauth/v2/token', {
    form: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: spa.redirectUri,
      code_verifier: flow.verifier,
      client_id: spa.clientId,
    },
  });
  return { idToken: String(body.id_token), accessToken: String(body.access_token) };
}

describe.each(engines)('several issuers on $engine', ({ engine }) => {
  let world: FlowServer;
  let first: Tenant;
  let second: Tenant;

  beforeAll(async () => {
    world = await startFlowServer(engine);
    first = await furnish(world.server);
    second = await furnish(await world.server.addInstance('second'));
  });
  afterAll(() => world?.stop());

  test('RFC 8414 §3.3: each issuer names itself and its own endpoints', async () => {
    for (const { server } of [first, second]) {
      const { body } = await call(server, '/.well-known/openid-configuration');
      expect(body.issuer).toBe(server.issuer);
      expect(String(body.token_endpoint).startsWith(`${server.issuer}/`)).toBe(true);
    }
    expect(first.server.issuer).not.toBe(second.server.issuer);
  });

  test('each issuer has keys of its own', async () => {
    const kids = async ({ server }: Tenant) => {
      const { body } = await call(server, '/oauth/v2/keys');
      return Array.isArray(body.keys) ? body.keys.map((key: { kid: string }) => key.kid) : [];
    };
    const [own, other] = [await kids(first), await kids(second)];
    expect(own.length).toBeGreaterThan(0);
    expect(other.length).toBeGreaterThan(0);
    expect(own.filter((kid) => other.includes(kid))).toEqual([]);
  });

  test('people of one issuer sign in there and nowhere else, under one name at both', async () => {
    const { idToken } = await tokensAt(second.server, second);
    expect(payloadOf(idToken)).toMatchObject({ iss: second.server.issuer, sub: second.ada.id });
    const agent = createBrowserAgent(second.server);
    const { url } = await beginFlow(second.server, second.spa);
    const named = await agent.submit(pageOf(await agent.open(url)), { loginName: first.ada.loginName });
    const refused = pageOf(await agent.submit(pageOf(named), { password: first.ada.password }));
    expect(refused.name).toBe('password');
  });

  test('a client id of one issuer is unknown at the other', async () => {
    const agent = createBrowserAgent(second.server);
    const { url } = await beginFlow(second.server, first.spa);
    expect(pageOf(await agent.open(url)).status).toBe(400);
    const refused = await call(second.server, '/oauth/v2/introspect', {
      form: { token: 'x' },
      headers: basicOf(first.api),
    });
    expect(refused.status).toBe(401);
  });

  test('access tokens of one issuer are inactive at the other, opaque and JWT', async () => {
    const project = { ...first.spa.project };
    const jwtApp = await seedApplication(first.server, project, {
      type: 'user_agent',
      accessTokenType: 'jwt',
    });
    for (const app of [first.spa, jwtApp]) {
      const { accessToken } = await tokensFor(first.server, app, first.ada);
      expect((await introspect(first.server, first.api, accessToken)).active).toBe(true);
      expect(await introspect(second.server, second.api, accessToken)).toEqual({ active: false });
      const headers = { authorization: `Bearer ${accessToken}` };
      expect((await call(second.server, '/oidc/v1/userinfo', { headers })).status).toBe(401);
    }
  });

  test('refresh tokens and codes of one issuer are invalid_grant at the other', async () => {
    const { refreshToken } = await tokensFor(first.server, first.spa, first.ada);
    const { code, flow } = await signIn(first.server, first.spa, first.ada);
    const forms = [
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: first.spa.redirectUri,
        code_verifier: flow.verifier,
      },
    ];
    for (const form of forms) {
      const refused = await call(second.server, '/oauth/v2/token', { form, headers: basicOf(second.web) });
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
    }
    const kept = await call(first.server, '/oauth/v2/token', {
      form: { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: first.spa.clientId },
    });
    expect(kept.status).toBe(200);
  });

  test('RFC 9126 §2.2: a pushed request of one issuer is unknown at the other', async () => {
    const form = {
      client_id: first.spa.clientId,
      redirect_uri: first.spa.redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    const { body } = await call(first.server, '/oauth/v2/par', { form });
    const query = (clientId: string) =>
      `/oauth/v2/authorize?${new URLSearchParams({ client_id: clientId, request_uri: String(body.request_uri) })}`;
    expect((await first.server.fetch(query(first.spa.clientId))).status).toBe(302);
    expect((await second.server.fetch(query(second.spa.clientId))).status).toBe(400);
  });

  test('a sign-in under way and a session of one issuer are nothing at the other', async () => {
    const agent = createBrowserAgent(first.server);
    const { url } = await beginFlow(first.server, first.spa);
    const page = pageOf(await agent.open(url));
    const cookie = agent.cookies.header();
    const elsewhere = await second.server.fetch(page.url.pathname + page.url.search, { headers: { cookie } });
    expect(elsewhere.status).toBe(400);
    const signedIn = await signIn(first.server, first.spa, first.ada);
    const silent = await beginFlow(second.server, second.spa, { prompt: 'none' });
    const answer = await second.server.fetch(silent.url.pathname + silent.url.search, {
      headers: { cookie: signedIn.agent.cookies.header() },
    });
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('login_required');
  });

  test('RFC 7592 §2: a registration of one issuer cannot be read at the other', async () => {
    for (const { server } of [first, second]) await configure(server, { dynamicRegistration: 'open' });
    const client = await registered(first.server);
    const headers = { authorization: `Bearer ${textOf(client, 'registration_access_token')}` };
    const path = `${registerPath}/${textOf(client, 'client_id')}`;
    expect((await call(first.server, path, { headers })).status).toBe(200);
    expect((await call(second.server, path, { headers })).status).toBe(401);
  });

  test('RFC 9110 §15.5.20: a host that no instance has is answered 421', async () => {
    for (const path of ['/.well-known/openid-configuration', '/oauth/v2/keys', '/login', '/nowhere']) {
      const answer = await first.server.fetch(path, { headers: { host: 'third.localhost' } });
      expect(answer.status).toBe(421);
    }
  });

  test('ZITADEL dialect: each further domain of an instance is an issuer over the same data and keys', async () => {
    const origin = first.server.issuer.replace('//localhost', '//alias.localhost');
    await changeAsOperator(first.server, async (change) => {
      expect(await insertDomain(change, origin)).toBe('added');
    });
    const { host } = new URL(origin);
    const alias: TestServer = {
      ...first.server,
      issuer: origin,
      fetch: (path, init = {}) =>
        first.server.fetch(path.replace(origin, ''), { ...init, headers: { host, ...init.headers } }),
    };
    for (let tries = 0; tries < 500; tries += 1)
      if ((await alias.fetch('/oauth/v2/keys')).status !== 421) break;
    const { body } = await call(alias, '/.well-known/openid-configuration');
    expect(body.issuer).toBe(origin);
    expect((await call(alias, '/oauth/v2/keys')).body).toEqual(
      (await call(first.server, '/oauth/v2/keys')).body,
    );
    const signedIn = await signIn(alias, first.spa, first.ada);
    const { accessToken } = await tokensAt(alias, first);
    expect(signedIn.callback.searchParams.get('iss')).toBe(origin);
    expect((await introspect(first.server, first.api, accessToken)).active).toBe(true);
  });

  test('a host belongs to one instance', async () => {
    await changeAsOperator(second.server, async (change) => {
      expect(await insertDomain(change, first.server.issuer)).toBe('taken');
    });
    await expect(world.server.addInstance('second')).rejects.toThrow('choose another host');
  });

  test('an ID token of one issuer is no hint at the other', async () => {
    const config = await discover(first.server, first.web);
    const tokens = await redeem(config, await signIn(first.server, first.web, first.ada));
    const query = new URLSearchParams({ id_token_hint: tokens.id_token ?? '' });
    const answer = await second.server.fetch(`/oidc/v1/end_session?${query}`);
    expect(answer.headers.get('location') ?? '').not.toContain('web.example.com');
  });
});
