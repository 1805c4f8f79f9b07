import { type KeyObject, randomUUID } from 'node:crypto';
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
import { beginFlow, call, discover, engines, introspect, payloadOf } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const callback = 'https://fapi.example.com/cb';

interface FapiClient {
  readonly application: SeededApplication;
  readonly privateKey: CryptoKey | KeyObject;
}

describe.each(engines)('FAPI 2.0 on $engine', ({ engine }) => {
  let world: ShopWorld;
  let one: FapiClient;
  let two: FapiClient;
  let signing: FapiClient;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    [one, two, signing] = [
      await fapiClient('fapi2', 'ES256'),
      await fapiClient('fapi2', 'PS256'),
      await fapiClient('fapi2_message_signing', 'EdDSA'),
    ];
  });
  afterAll(() => world?.stop());

  async function fapiClient(
    securityProfile: 'fapi2' | 'fapi2_message_signing',
    alg: string,
  ): Promise<FapiClient> {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: `key-${alg}`, use: 'sig', alg };
    const application = await seedApplication(world.server, world.shop, {
      type: 'web',
      authMethod: 'private_key_jwt',
      jwks: JSON.stringify({ keys: [jwk] }),
      redirectUris: [callback, `${callback}?dummy1=lorem&dummy2=ipsum`],
      securityProfile,
    });
    return { application, privateKey };
  }

  const seconds = (): number => Math.floor(world.server.clock.now() / 1000);

  function assertion(
    { application, privateKey }: FapiClient,
    changes: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const alg =
      application === signing.application ? 'EdDSA' : application === two.application ? 'PS256' : 'ES256';
    return new jose.SignJWT({
      iss: application.clientId,
      sub: application.clientId,
      aud: world.server.issuer,
      iat: seconds(),
      nbf: seconds(),
      exp: seconds() + 60,
      jti: randomUUID(),
      ...changes,
    })
      .setProtectedHeader({ alg, kid: `key-${alg}` })
      .sign(privateKey);
  }

  async function credentials(of: FapiClient, changes: Readonly<Record<string, unknown>> = {}) {
    return {
      client_id: of.application.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(of, changes),
    };
  }

  async function push(of: FapiClient, params: Readonly<Record<string, string>> = {}) {
    const flow = await beginFlow(world.server, of.application, params);
    const form = { ...Object.fromEntries(flow.url.searchParams), ...(await credentials(of)) };
    return { flow, answer: await call(world.server, '/oauth/v2/par', { form }) };
  }

  async function configuration(of: FapiClient): Promise<client.Configuration> {
    const key = await jose.importJWK(await jose.exportJWK(of.privateKey), 'ES256');
    if (key instanceof Uint8Array) throw new Error('not a key pair');
    return await discover(world.server, of.application, client.PrivateKeyJwt({ key, kid: 'key-ES256' }), {
      use_mtls_endpoint_aliases: false,
    });
  }

  test('FAPI 2.0 Security Profile §5.3.2: openid-client signs in with PAR, PKCE, private_key_jwt and DPoP', async () => {
    const config = await configuration(one);
    const dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const url = await client.buildAuthorizationUrlWithPAR(
      config,
      {
        redirect_uri: callback,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      },
      { DPoP: dpop },
    );
    const agent = createBrowserAgent(world.server);
    const { url: arrived } = leftFor(await completeSignIn(agent, await agent.open(url), world.ada));
    const tokens = await client.authorizationCodeGrant(
      config,
      arrived,
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      undefined,
      { DPoP: dpop },
    );
    expect(tokens.token_type.toLowerCase()).toBe('dpop');
    expect(await introspect(world.server, world.api, tokens.access_token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: expect.stringMatching(/^[\w-]{43}$/) },
    });
    const info = await client.fetchUserInfo(config, tokens.access_token, world.ada.id, { DPoP: dpop });
    expect(info.name).toBe('Ada Lovelace');
    const bearer = { authorization: `Bearer ${tokens.access_token}` };
    expect((await call(world.server, '/oidc/v1/userinfo', { headers: bearer })).status).toBe(401);
  });

  test('FAPI 2.0 Security Profile §5.3.2.2: a request that was not pushed is refused', async () => {
    const flow = await beginFlow(world.server, one.application);
    const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
    expect(url.searchParams.get('error')).toBe('invalid_request');
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }],
    ['with plain PKCE', { code_challenge_method: 'plain' }],
    ['for a hybrid type', { response_type: 'code id_token' }],
    ['for an implicit type', { response_type: 'id_token token' }],
  ])('FAPI 2.0 Security Profile §5.3.2.2: a request %s is refused when pushed', async (_, params) => {
    expect((await push(one, params)).answer.status).toBe(400);
  });

  test('FAPI 2.0 Security Profile §5.3.2.1: a request_uri belongs to the client that pushed it', async () => {
    const { answer } = await push(one);
    const query = new URLSearchParams({
      client_id: two.application.clientId,
      request_uri: String(answer.body.request_uri),
    });
    const stop = await createBrowserAgent(world.server).open(`/oauth/v2/authorize?${query}`);
    expect(pageOf(stop).status).toBe(400);
  });

  test.each<[string, () => Readonly<Record<string, unknown>>, number]>([
    ['the issuer as aud', () => ({}), 201],
    ['a list as aud', () => ({ aud: [world.server.issuer] }), 401],
    ['the token endpoint as aud', () => ({ aud: `${world.server.issuer}/oauth/v2/token` }), 401],
    ['the PAR endpoint as aud', () => ({ aud: `${world.server.issuer}/oauth/v2/par` }), 401],
    ['no sub', () => ({ sub: undefined }), 401],
    ['exp in the past', () => ({ exp: seconds() - 60 }), 401],
    ['no exp', () => ({ exp: undefined }), 401],
    ['iat and nbf 8 seconds ahead', () => ({ iat: seconds() + 8, nbf: seconds() + 8 }), 201],
    ['nbf 70 seconds ahead', () => ({ nbf: seconds() + 70 }), 401],
  ])('FAPI 2.0 Security Profile §5.3.2.1: a client assertion with %s', async (_, changes, status) => {
    const flow = await beginFlow(world.server, one.application);
    const form = { ...Object.fromEntries(flow.url.searchParams), ...(await credentials(one, changes())) };
    const answer = await call(world.server, '/oauth/v2/par', { form });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.body.error).toBe('invalid_client');
  });

  test('FAPI 2.0 Security Profile §5.3.2.1: tokens without a proof of possession are not issued', async () => {
    const { flow, answer } = await push(one);
    const query = new URLSearchParams({
      client_id: one.application.clientId,
      request_uri: String(answer.body.request_uri),
    });
    const agent = createBrowserAgent(world.server);
    const stop = await agent.open(`/oauth/v2/authorize?${query}`);
    const { url } = leftFor(await completeSignIn(agent, stop, world.ada));
    const refused = await call(world.server, '/oauth/v2/token', {
      form: {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        redirect_uri: callback,
        code_verifier: flow.verifier,
        ...(await credentials(one)),
      },
    });
    expect(refused.status).toBe(400);
    expect(['invalid_dpop_proof', 'use_dpop_nonce']).toContain(refused.body.error);
  });

  test('FAPI 2.0 Message Signing §5.3: requests must be signed, answers come signed', async () => {
    const unsigned = await push(signing, { response_mode: 'jwt' });
    expect([unsigned.answer.status, unsigned.answer.body.error]).toEqual([400, 'invalid_request']);
    const flow = await beginFlow(world.server, signing.application, {
      response_mode: 'jwt',
      redirect_uri: callback,
    });
    const now = seconds();
    const request = await new jose.SignJWT({
      ...Object.fromEntries(flow.url.searchParams),
      iss: signing.application.clientId,
      aud: world.server.issuer,
      nbf: now,
      exp: now + 300,
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'key-EdDSA', typ: 'oauth-authz-req+jwt' })
      .sign(signing.privateKey);
    const form = { request, ...(await credentials(signing)) };
    const pushed = await call(world.server, '/oauth/v2/par', { form });
    expect(pushed.status, JSON.stringify(pushed.body)).toBe(201);
    const query = new URLSearchParams({
      client_id: signing.application.clientId,
      request_uri: String(pushed.body.request_uri),
    });
    const agent = createBrowserAgent(world.server);
    const stop = await agent.open(`/oauth/v2/authorize?${query}`);
    const { url } = leftFor(await completeSignIn(agent, stop, world.ada));
    expect(payloadOf(url.searchParams.get('response') ?? '')).toMatchObject({
      iss: world.server.issuer,
      aud: signing.application.clientId,
      code: expect.any(String),
      state: flow.state,
    });
  });
});
