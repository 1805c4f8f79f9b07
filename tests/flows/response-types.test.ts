import { createHash } from 'node:crypto';
import {
  completeSignIn,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  seedApplication,
} from '@latchkey/testkit';
import * as jose from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  basicOf,
  beginFlow,
  call,
  discover,
  engines,
  introspect,
  payloadOf,
  redeem,
  signIn,
  startFlowServer,
} from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const allTypes = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'];

describe.each(engines)('response types and modes on $engine', ({ engine }) => {
  let world: ShopWorld;
  let app: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    app = await seedApplication(world.server, world.shop, {
      type: 'web',
      responseTypes: allTypes,
      grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
    });
  });
  afterAll(() => world?.stop());

  const half = (text: string): string =>
    createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

  async function verified(idToken: string): Promise<jose.JWTPayload> {
    const keys: jose.JSONWebKeySet = await (await world.server.fetch('/oauth/v2/keys')).json();
    const { payload } = await jose.jwtVerify(idToken, jose.createLocalJWKSet(keys), {
      issuer: world.server.issuer,
      audience: app.clientId,
      currentDate: new Date(world.server.clock.now()),
    });
    return payload;
  }

  async function answer(params: Readonly<Record<string, string>>) {
    const flow = await beginFlow(world.server, app, params);
    const agent = createBrowserAgent(world.server);
    const left = leftFor(await completeSignIn(agent, await agent.open(flow.url), world.ada));
    return { flow, agent, left, fragment: Object.fromEntries(new URLSearchParams(left.url.hash.slice(1))) };
  }

  test.each(allTypes.slice(1))(
    'OpenID Connect Core §3.2.2.5, §3.3.2.5: %s answers in the fragment with just what was asked for',
    async (type) => {
      const { flow, left, fragment } = await answer({ response_type: type });
      expect(left.url.search).toBe('');
      const words = type.split(' ');
      expect('code' in fragment).toBe(words.includes('code'));
      expect('id_token' in fragment).toBe(words.includes('id_token'));
      expect('access_token' in fragment).toBe(words.includes('token'));
      expect(fragment).toMatchObject({ state: flow.state, iss: world.server.issuer });
      if (words.includes('token')) {
        expect(fragment).toMatchObject({ token_type: 'Bearer', expires_in: '900' });
        expect(await introspect(world.server, world.api, fragment.access_token ?? '')).toMatchObject({
          active: true,
          sub: world.ada.id,
        });
      }
      if (!words.includes('id_token')) return;
      const claims = await verified(fragment.id_token ?? '');
      expect(claims).toMatchObject({ sub: world.ada.id, nonce: flow.nonce });
      expect(claims.at_hash).toBe(words.includes('token') ? half(fragment.access_token ?? '') : undefined);
      expect(claims.c_hash).toBe(words.includes('code') ? half(fragment.code ?? '') : undefined);
      // §5.4: the claims of the scopes come in the ID token when there is no access token to fetch them with.
      expect(claims.name).toBe(type === 'id_token' ? 'Ada Lovelace' : undefined);
    },
  );

  test('OpenID Connect Core §3.3.3: the code of a hybrid answer is redeemed, and both ID tokens agree', async () => {
    const { flow, fragment } = await answer({ response_type: 'code id_token token' });
    const redeemed = await call(world.server, '/oauth/v2/token', {
      form: {
        grant_type: 'authorization_code',
        code: fragment.code ?? '',
        redirect_uri: app.redirectUri,
        code_verifier: flow.verifier,
      },
      headers: basicOf(app),
    });
    const front = await verified(fragment.id_token ?? '');
    const back = await verified(String(redeemed.body.id_token));
    expect([back.sub, back.iss, back.auth_time]).toEqual([front.sub, front.iss, front.auth_time]);
    for (const token of [fragment.access_token ?? '', String(redeemed.body.access_token)])
      expect(
        (await call(world.server, '/oidc/v1/userinfo', { headers: { authorization: `Bearer ${token}` } }))
          .status,
      ).toBe(200);
  });

  test('RFC 9700 §4.13: a replayed code ends the front-channel token of its answer too', async () => {
    const { flow, fragment } = await answer({ response_type: 'code token' });
    const form = {
      grant_type: 'authorization_code',
      code: fragment.code ?? '',
      redirect_uri: app.redirectUri,
      code_verifier: flow.verifier,
    };
    const send = () => call(world.server, '/oauth/v2/token', { form, headers: basicOf(app) });
    expect((await send()).status).toBe(200);
    // Within seconds it would be a repetition, which ends nothing.
    world.server.clock.advance(30_000);
    expect((await send()).status).toBe(400);
    expect(await introspect(world.server, world.api, fragment.access_token ?? '')).toEqual({ active: false });
  });

  test('OpenID Connect Core §3.2.2.1: implicit and hybrid are off until an application is allowed them', async () => {
    const flow = await beginFlow(world.server, world.spa, { response_type: 'id_token token' });
    const { url } = leftFor(await createBrowserAgent(world.server).open(flow.url));
    const fragment = new URLSearchParams(url.hash.slice(1));
    expect([fragment.get('error'), fragment.get('state'), url.search]).toEqual([
      'unauthorized_client',
      flow.state,
      '',
    ]);
  });

  test('Form Post Response Mode §2: hybrid answers and errors are posted, nothing stands in the address', async () => {
    const { flow, left } = await answer({ response_type: 'code id_token', response_mode: 'form_post' });
    expect([left.method, left.url.href]).toEqual(['POST', app.redirectUri]);
    expect(left.fields).toMatchObject({
      state: flow.state,
      code: expect.any(String),
      id_token: expect.any(String),
    });
    const wrong = await beginFlow(world.server, app, { response_type: '', response_mode: 'form_post' });
    const refused = leftFor(await createBrowserAgent(world.server).open(wrong.url));
    expect([refused.method, refused.fields.error]).toEqual(['POST', 'invalid_request']);
  });

  test('JARM §2.1: openid-client takes a signed answer, and its errors are signed as well', async () => {
    const config = await discover(world.server, app);
    client.useJwtResponseMode(config);
    const flow = await beginFlow(world.server, app, { response_mode: 'jwt' });
    const agent = createBrowserAgent(world.server);
    const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), world.ada));
    expect([...url.searchParams.keys()]).toEqual(['response']);
    const tokens = await redeem(config, { flow, callback: url });
    expect(tokens.claims()?.sub).toBe(world.ada.id);
    const wrong = await beginFlow(world.server, app, { response_mode: 'jwt', prompt: 'none' });
    const refused = leftFor(await createBrowserAgent(world.server).open(wrong.url)).url;
    expect(payloadOf(refused.searchParams.get('response') ?? '')).toMatchObject({
      error: 'login_required',
      aud: app.clientId,
      iss: world.server.issuer,
      state: wrong.state,
      exp: expect.any(Number),
    });
  });

  test('OpenID Connect Core §8: pairwise applications of two sectors cannot tell that they see the same person', async () => {
    const seedPairwise = (host: string) =>
      seedApplication(world.server, world.shop, {
        type: 'web',
        subjectType: 'pairwise',
        redirectUris: [`https://${host}/callback`],
      });
    const [one, two] = [await seedPairwise('one.example.com'), await seedPairwise('two.example.com')];
    const subjects: string[] = [];
    for (const pairwise of [one, two]) {
      const config = await discover(world.server, pairwise);
      const signedIn = await signIn(world.server, pairwise, world.ada);
      const tokens = await redeem(config, signedIn);
      const sub = tokens.claims()?.sub ?? '';
      subjects.push(sub);
      expect(await introspect(world.server, world.api, tokens.access_token)).toMatchObject({ sub });
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      expect((await call(world.server, '/oidc/v1/userinfo', { headers })).body.sub).toBe(sub);
      const again = await beginFlow(world.server, pairwise, {
        prompt: 'none',
        id_token_hint: tokens.id_token ?? '',
      });
      const silent = leftFor(await signedIn.agent.open(again.url)).url;
      expect(silent.searchParams.get('error')).toBeNull();
    }
    expect(new Set([...subjects, world.ada.id]).size).toBe(3);
  });

  test('OpenID Connect Core §16.14: an ID token is encrypted for the application that asks for it', async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair('RSA-OAEP-256');
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: 'enc-1', use: 'enc', alg: 'RSA-OAEP-256' };
    const secretive = await seedApplication(world.server, world.shop, {
      type: 'web',
      jwks: JSON.stringify({ keys: [jwk] }),
      idTokenEncryptedResponseAlg: 'RSA-OAEP-256',
      idTokenEncryptedResponseEnc: 'A256GCM',
    });
    const { flow, code } = await signIn(world.server, secretive, world.ada);
    const { body } = await call(world.server, '/oauth/v2/token', {
      form: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: secretive.redirectUri,
        code_verifier: flow.verifier,
      },
      headers: basicOf(secretive),
    });
    const { plaintext, protectedHeader } = await jose.compactDecrypt(String(body.id_token), privateKey);
    expect(protectedHeader).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'enc-1' });
    expect(payloadOf(new TextDecoder().decode(plaintext))).toMatchObject({
      sub: world.ada.id,
      nonce: flow.nonce,
    });
  });
});

test('Multiple Response Types §5: tokens are never answered in a query, whatever mode is asked for', async () => {
  const { server, stop } = await startFlowServer('pglite');
  try {
    const { seedProject } = await import('@latchkey/testkit');
    const app = await seedApplication(server, await seedProject(server), {
      type: 'web',
      responseTypes: allTypes,
      grantTypes: ['authorization_code', 'implicit'],
    });
    const flow = await beginFlow(server, app, { response_type: 'code token', response_mode: 'query' });
    const { url } = leftFor(await createBrowserAgent(server).open(flow.url));
    expect([url.search, new URLSearchParams(url.hash.slice(1)).get('error')]).toEqual([
      '',
      'invalid_request',
    ]);
  } finally {
    await stop();
  }
});
