import { generateKeyPairSync } from 'node:crypto';
import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
} from '@latchkey/testkit';
import * as jose from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, countRows, discover, engines, redeem } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('pushed and signed requests on $engine', ({ engine }) => {
  let world: ShopWorld;
  let signer: SeededApplication;
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  beforeAll(async () => {
    world = await startShopWorld(engine);
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' };
    signer = await seedApplication(world.server, world.shop, {
      type: 'web',
      jwks: JSON.stringify({ keys: [jwk] }),
    });
  });
  afterAll(() => world?.stop());

  type Params = Readonly<Record<string, string>>;

  async function push(params: Params = {}, application = world.web) {
    const flow = await beginFlow(world.server, application, params);
    const form = Object.fromEntries(flow.url.searchParams);
    return {
      flow,
      answer: await call(world.server, '/oauth/v2/par', { form, headers: basicOf(application) }),
    };
  }

  const authorizeUrl = (params: Params): string => `/oauth/v2/authorize?${new URLSearchParams(params)}`;

  function signObject(
    claims: Readonly<Record<string, unknown>>,
    header: Readonly<Record<string, string>> = {},
  ) {
    const now = Math.floor(world.server.clock.now() / 1000);
    return new jose.SignJWT({
      iss: signer.clientId,
      aud: world.server.issuer,
      nbf: now,
      exp: now + 300,
      client_id: signer.clientId,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'oauth-authz-req+jwt', ...header })
      .sign(keys.privateKey);
  }

  test('RFC 9126 §2.2: a pushed request answers 201 with a reference that lives a minute and signs the person in', async () => {
    const { flow, answer } = await push();
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:.{40,}$/),
      expires_in: 60,
    });
    const agent = createBrowserAgent(world.server);
    const url = authorizeUrl({ client_id: world.web.clientId, request_uri: String(answer.body.request_uri) });
    // Visiting twice before the sign-in must still work.
    await agent.open(url);
    const { url: callback } = leftFor(await completeSignIn(agent, await agent.open(url), world.ada));
    const tokens = await redeem(await discover(world.server, world.web), { flow, callback });
    expect(tokens.claims()?.sub).toBe(world.ada.id);
    const reused = pageOf(await agent.open(url));
    expect(reused.status).toBe(400);
  });

  test('RFC 9126 §2.1: openid-client pushes and redeems as an unmodified peer', async () => {
    const config = await discover(world.server, world.web);
    const verifier = client.randomPKCECodeVerifier();
    const flow = {
      url: new URL(world.server.issuer),
      verifier,
      state: client.randomState(),
      nonce: client.randomNonce(),
    };
    const url = await client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: world.web.redirectUri,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: flow.state,
      nonce: flow.nonce,
    });
    const agent = createBrowserAgent(world.server);
    const { url: callback } = leftFor(await completeSignIn(agent, await agent.open(url), world.ada));
    expect((await redeem(config, { flow, callback })).claims()?.sub).toBe(world.ada.id);
  });

  test('RFC 9126 §4: a reference is good for its client, for a minute, and nothing sent beside it counts', async () => {
    const { answer } = await push({ scope: 'openid' });
    const request_uri = String(answer.body.request_uri);
    const foreign = await createBrowserAgent(world.server).open(
      authorizeUrl({ client_id: world.spa.clientId, request_uri }),
    );
    expect(pageOf(foreign).status).toBe(400);
    const forged = await createBrowserAgent(world.server).open(
      authorizeUrl({ client_id: world.web.clientId, request_uri: `${request_uri}A` }),
    );
    expect(pageOf(forged).status).toBe(400);
    const agent = createBrowserAgent(world.server);
    const beside = authorizeUrl({
      client_id: world.web.clientId,
      request_uri,
      redirect_uri: 'https://evil.example',
      scope: 'openid email',
      response_mode: 'fragment',
    });
    const { url } = leftFor(await completeSignIn(agent, await agent.open(beside), world.ada));
    expect([url.origin, url.hash]).toEqual([new URL(world.web.redirectUri).origin, '']);
    const late = await push();
    world.server.clock.advance(61_000);
    const expired = await createBrowserAgent(world.server).open(
      authorizeUrl({ client_id: world.web.clientId, request_uri: String(late.answer.body.request_uri) }),
    );
    expect(pageOf(expired).status).toBe(400);
  });

  test.each([
    ['an unregistered redirect_uri', { redirect_uri: 'https://evil.example/cb' }, 'invalid_request'],
    ['a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
    ['an unknown response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a resource nobody registered', { resource: 'https://api.other.example' }, 'invalid_target'],
  ])('RFC 9126 §2.3: what authorize would refuse is refused when pushed (%s)', async (_, params, error) => {
    const before = await countRows(world.server);
    const { answer } = await push(params);
    expect([answer.status, answer.body.error]).toEqual([400, error]);
    expect(await countRows(world.server)).toEqual(before);
  });

  test('RFC 9126 §2: the client must authenticate, and only POST is answered', async () => {
    const { flow } = await push();
    const form = Object.fromEntries(flow.url.searchParams);
    expect((await call(world.server, '/oauth/v2/par', { form })).status).toBe(401);
    expect((await call(world.server, '/oauth/v2/par')).status).toBe(405);
    expect((await call(world.server, '/oauth/v2/par', { form, method: 'PUT' })).status).toBe(405);
  });

  test('RFC 9126 §5: an application that must push is refused a plain request', async () => {
    const strict = await seedApplication(world.server, world.shop, { type: 'web', isParRequired: true });
    const flow = await beginFlow(world.server, strict);
    const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
    expect(url.searchParams.get('error')).toBe('invalid_request');
    expect((await push({}, strict)).answer.status).toBe(201);
  });

  test('RFC 9101 §6.3: of a signed request object only its content counts', async () => {
    const flow = await beginFlow(world.server, signer);
    const { client_id, ...inner } = Object.fromEntries(flow.url.searchParams);
    const request = await signObject({ ...inner, state: 'inside' });
    const agent = createBrowserAgent(world.server);
    const outer = authorizeUrl({
      client_id: String(client_id),
      request,
      state: 'outside',
      redirect_uri: 'https://evil.example',
    });
    const { url } = leftFor(await completeSignIn(agent, await agent.open(outer), world.ada));
    expect([url.origin + url.pathname, url.searchParams.get('state')]).toEqual([
      signer.redirectUri,
      'inside',
    ]);
  });

  test('RFC 9126 §3: a request object may be pushed', async () => {
    const flow = await beginFlow(world.server, signer);
    const request = await signObject(Object.fromEntries(flow.url.searchParams));
    const form = { client_id: signer.clientId, request };
    const answer = await call(world.server, '/oauth/v2/par', { form, headers: basicOf(signer) });
    expect(answer.status).toBe(201);
  });

  test('RFC 9101 §6.1: a request object that cannot be used is told as that, whatever stands beside it', async () => {
    for (const request of [await signObject({ exp: 1 }), 'a.b.c', await signObject({}, { kid: 'k2' })]) {
      const form = { client_id: signer.clientId, request };
      const pushed = await call(world.server, '/oauth/v2/par', { form, headers: basicOf(signer) });
      expect([pushed.status, pushed.body.error]).toEqual([400, 'invalid_request_object']);
      for (const beside of [{}, { redirect_uri: 'https://evil.example' }]) {
        const page = await createBrowserAgent(world.server).open(authorizeUrl({ ...form, ...beside }));
        expect(pageOf(page).status).toBe(400);
        expect(pageOf(page).textOf('error-detail')).toMatch(/^invalid_request_object: /);
      }
    }
  });

  test.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, string>>]>([
    ['expired', { exp: 1 }, {}],
    ['for another issuer', { aud: 'https://other.example' }, {}],
    ['of another client', { client_id: '1' }, {}],
    ['issued by another', { iss: 'somebody' }, {}],
    ['of another type', {}, { typ: 'at+jwt' }],
    ['with an unknown key', {}, { kid: 'k2' }],
    ['not yet valid', { nbf: 9_999_999_999 }, {}],
    ['holding another', { request: 'x' }, {}],
  ])('RFC 9101 §6: a request object is refused when it is %s', async (_, claims, header) => {
    const flow = await beginFlow(world.server, signer);
    const request = await signObject({ ...Object.fromEntries(flow.url.searchParams), ...claims }, header);
    flow.url.searchParams.set('request', request);
    const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
    expect([url.searchParams.get('error'), url.searchParams.get('state')]).toEqual([
      'invalid_request_object',
      flow.state,
    ]);
  });

  test('RFC 9101 §10.1: an unsigned request object is refused', async () => {
    const flow = await beginFlow(world.server, signer);
    const claims = Object.fromEntries(flow.url.searchParams);
    flow.url.searchParams.set('request', new jose.UnsecuredJWT(claims).encode());
    const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
    expect(url.searchParams.get('error')).toBe('invalid_request_object');
  });

  test('OpenID Connect Core §6.2: a request_uri nobody registered is not fetched', async () => {
    const flow = await beginFlow(world.server, signer, { request_uri: 'https://evil.example/request.jwt' });
    const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
    expect(url.searchParams.get('error')).toBe('invalid_request_uri');
  });
});
