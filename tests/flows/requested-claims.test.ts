import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  seedApplication,
} from '@latchkey/testkit';
import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, engines, introspect, payloadOf, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('claims, classes and resources asked for on $engine', ({ engine }) => {
  let world: ShopWorld;
  let shelf: Server;
  let shelfOrigin: string;
  let mcp: SeededApplication;
  const shelved = new Map<string, string>();
  const fetched: string[] = [];
  beforeAll(async () => {
    shelf = createServer((request, response) => {
      fetched.push(request.url ?? '');
      const text = shelved.get(request.url ?? '');
      response.writeHead(text === undefined ? 404 : 200, {
        'content-type': 'application/oauth-authz-req+jwt',
      });
      response.end(text);
    });
    await new Promise<void>((resolve) => shelf.listen(0, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = shelf.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    shelfOrigin = `http://127.0.0.1:${port}`;
    world = await startShopWorld(engine, { outboundAllow: [`127.0.0.1:${port}`] });
    mcp = await seedApplication(world.server, world.ledger, {
      type: 'api',
      resourceUris: ['https://mcp.example.com/tools', 'https://mcp.example.com/files'],
    });
  });
  afterAll(async () => {
    shelf.close();
    await world?.stop();
  });

  type Params = Readonly<Record<string, string>>;

  async function tokens(params: Params, more: Params = {}) {
    const signedIn = await signIn(world.server, world.web, world.ada, { params });
    const answer = await call(world.server, '/oauth/v2/token', {
      form: {
        grant_type: 'authorization_code',
        code: signedIn.code,
        redirect_uri: world.web.redirectUri,
        code_verifier: signedIn.flow.verifier,
        ...more,
      },
      headers: basicOf(world.web),
    });
    return { signedIn, answer, body: answer.body };
  }

  const userinfo = async (token: unknown) =>
    (await call(world.server, '/oidc/v1/userinfo', { headers: { authorization: `Bearer ${token}` } })).body;

  test('OpenID Connect Core §5.5: a claim asked for by name is told where it was asked for, and nowhere else', async () => {
    const claims = JSON.stringify({
      userinfo: { name: { essential: true } },
      id_token: { email: null, nickname: null, made_up: null },
    });
    const { body } = await tokens({ scope: 'openid offline_access', claims });
    const idToken = payloadOf(String(body.id_token));
    expect(idToken).toMatchObject({ email: world.ada.loginName });
    expect(idToken).not.toHaveProperty('name');
    expect(idToken).not.toHaveProperty('made_up');
    expect(await userinfo(body.access_token)).toMatchObject({ sub: world.ada.id, name: 'Ada Lovelace' });
    expect(await userinfo(body.access_token)).not.toHaveProperty('email');
    const refreshed = await call(world.server, '/oauth/v2/token', {
      form: { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) },
      headers: basicOf(world.web),
    });
    expect(payloadOf(String(refreshed.body.id_token))).toHaveProperty('email');
    expect(await userinfo(refreshed.body.access_token)).toHaveProperty('name');
  });

  test('OpenID Connect Core §3.1.2.1: of the classes asked for one that was reached is told as acr', async () => {
    const asked = await tokens({ scope: 'openid', acr_values: 'urn:latchkey:acr:2fa urn:latchkey:acr:1fa' });
    expect(payloadOf(String(asked.body.id_token)).acr).toBe('urn:latchkey:acr:1fa');
    const unknown = await tokens({ scope: 'openid', acr_values: 'urn:other:gold' });
    expect(payloadOf(String(unknown.body.id_token)).acr).toBe('urn:latchkey:acr:1fa');
    expect(payloadOf(String((await tokens({ scope: 'openid' })).body.id_token))).not.toHaveProperty('acr');
  });

  test('OpenID Connect Core §5.5.1.1: an essential class that is not reached is an error, never a lesser sign-in', async () => {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:latchkey:acr:2fa' } } });
    const flow = await beginFlow(world.server, world.web, { claims });
    const agent = createBrowserAgent(world.server);
    const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), world.ada));
    expect(url.searchParams.get('error')).toBe('unmet_authentication_requirements');
    expect(url.searchParams.has('code')).toBe(false);
  });

  test('OpenID Connect Core §5.5.1: a subject demanded by value is answered for nobody else', async () => {
    const demand = (sub: string) => JSON.stringify({ id_token: { sub: { value: sub } } });
    const right = await tokens({ scope: 'openid', claims: demand(world.ada.id) });
    expect(right.answer.status).toBe(200);
    const flow = await beginFlow(world.server, world.web, { claims: demand('123456'), prompt: 'none' });
    const { url } = leftFor(await right.signedIn.agent.open(flow.url));
    expect(url.searchParams.get('error')).toBe('login_required');
  });

  test('RFC 8707 §2: a token for a resource is good there and at no API of the own project', async () => {
    const { body } = await tokens({ scope: 'openid', resource: 'https://mcp.example.com/tools' });
    const token = String(body.access_token);
    const told = await introspect(world.server, mcp, token);
    expect(told).toMatchObject({ active: true, aud: ['https://mcp.example.com/tools', mcp.clientId] });
    expect(await introspect(world.server, world.api, token)).toEqual({ active: false });
  });

  test('RFC 8707 §2.2: the token request may narrow the resources and never widen them, refreshes too', async () => {
    const both = 'https://mcp.example.com/tools https://mcp.example.com/files';
    const narrowed = await tokens(
      { scope: 'openid offline_access', resource: both },
      { resource: 'https://mcp.example.com/files' },
    );
    expect(await introspect(world.server, mcp, String(narrowed.body.access_token))).toMatchObject({
      aud: ['https://mcp.example.com/files', mcp.clientId],
    });
    const refresh = (resource: string) =>
      call(world.server, '/oauth/v2/token', {
        form: { grant_type: 'refresh_token', refresh_token: String(narrowed.body.refresh_token), resource },
        headers: basicOf(world.web),
      });
    const wider = await refresh('https://other.example.com');
    expect([wider.status, wider.body.error]).toEqual([400, 'invalid_target']);
    expect((await refresh('https://mcp.example.com/tools')).status).toBe(200);
    const none = await tokens({ scope: 'openid' }, { resource: 'https://mcp.example.com/tools' });
    expect([none.answer.status, none.body.error]).toEqual([400, 'invalid_target']);
  });

  test('RFC 6749 §3.3: without openid a request for a resource gets no ID token', async () => {
    const { body } = await tokens({ scope: '', resource: 'https://mcp.example.com/tools' });
    expect(body).toMatchObject({ access_token: expect.any(String), scope: '' });
    expect(body).not.toHaveProperty('id_token');
  });

  test('OpenID Connect Core §6.2: a request object is fetched from its registered address, without the fragment', async () => {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' };
    const registered = `${shelfOrigin}/request.jwt#not-a-real-hash`;
    const app = await seedApplication(world.server, world.shop, {
      type: 'web',
      jwks: JSON.stringify({ keys: [jwk] }),
      requestUris: [registered],
    });
    const flow = await beginFlow(world.server, app);
    const object = await new jose.SignJWT(Object.fromEntries(flow.url.searchParams))
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(keys.privateKey);
    shelved.set('/request.jwt', object);
    const url = `/oauth/v2/authorize?${new URLSearchParams({ client_id: app.clientId, request_uri: registered, response_type: 'code', scope: 'openid' })}`;
    const agent = createBrowserAgent(world.server);
    const { url: callback } = leftFor(await completeSignIn(agent, await agent.open(url), world.ada));
    expect(callback.searchParams.get('state')).toBe(flow.state);
    expect(fetched).toContain('/request.jwt');
  });
});
