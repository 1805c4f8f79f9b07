import { type SeededApplication, seedApplication, setState } from '@latchkey/testkit';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, engines, introspect, payloadOf, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const path = '/oauth/v2/introspect';
const signedType = 'application/token-introspection+jwt';

describe.each(engines)('introspection for every need on $engine', ({ engine }) => {
  let world: ShopWorld;
  let signedApi: SeededApplication;
  let minimalApi: SeededApplication;
  let accessToken: string;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    const { server, shop, spa, ada } = world;
    signedApi = await seedApplication(server, shop, { type: 'api', introspectionSignedResponseAlg: 'ES256' });
    minimalApi = await seedApplication(server, shop, { type: 'api', isMinimalIntrospection: true });
    ({ accessToken } = await tokensFor(server, spa, ada));
  });
  afterAll(() => world?.stop());

  async function askSigned(api: SeededApplication, token: string): Promise<string> {
    const response = await world.server.fetch(path, {
      method: 'POST',
      headers: { ...basicOf(api), accept: signedType },
      body: new URLSearchParams({ token }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(signedType);
    expect(response.headers.get('cache-control')).toBe('no-store');
    return await response.text();
  }

  function verify(jwt: string, audience: string, algorithm: string) {
    const { server } = world;
    const keys = createRemoteJWKSet(new URL('/oauth/v2/keys', server.issuer), {
      [customFetch]: (url: string) => server.fetch(url),
    });
    const options = {
      ...{ audience, issuer: server.issuer, algorithms: [algorithm], typ: 'token-introspection+jwt' },
      currentDate: new Date(server.clock.now()),
    };
    return jwtVerify(jwt, keys, options);
  }

  test('RFC 9701 §5: whoever asks for it gets a signed answer, by the algorithm of its settings', async () => {
    const { api, ada } = world;
    for (const [caller, algorithm] of [
      [api, 'RS256'],
      [signedApi, 'ES256'],
    ] as const) {
      const { payload } = await verify(await askSigned(caller, accessToken), caller.clientId, algorithm);
      expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
      expect(payload.token_introspection).toMatchObject({ active: true, sub: ada.id });
    }
  });

  test('RFC 9701 §5: a signed answer says of an inactive token nothing but that', async () => {
    const { payload } = await verify(await askSigned(signedApi, 'nothing'), signedApi.clientId, 'ES256');
    expect(payload.token_introspection).toEqual({ active: false });
  });

  test('RFC 9701 §4: without asking for it, the answer is plain JSON', async () => {
    for (const accept of ['application/json', '*/*', `${signedType};q=0`]) {
      const headers = { ...basicOf(signedApi), accept };
      const answer = await call(world.server, path, { form: { token: accessToken }, headers });
      expect(answer.body.active).toBe(true);
    }
  });

  test('RFC 9701 §8.1: a signed answer is no access token', async () => {
    const jwt = await askSigned(world.api, accessToken);
    expect(await introspect(world.server, world.api, jwt)).toEqual({ active: false });
  });

  test('RFC 9701 §5: openid-client reads signed answers', async () => {
    const { server, ada } = world;
    const config = await client.discovery(
      new URL(server.issuer),
      signedApi.clientId,
      {
        introspection_signed_response_alg: 'ES256',
        [client.clockSkew]: Math.round(server.clock.offsetMs() / 1000),
      },
      client.ClientSecretBasic(signedApi.clientSecret),
      { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
    );
    const answer = await client.tokenIntrospection(config, accessToken);
    expect(answer).toMatchObject({ active: true, sub: ada.id, client_id: world.spa.clientId });
  });

  test('ZITADEL dialect: an API may ask for token data only', async () => {
    const { server, api } = world;
    const short = await introspect(server, minimalApi, accessToken);
    expect(Object.keys(short).sort()).toEqual(
      ['active', 'aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'nbf', 'scope', 'sub', 'token_type'].sort(),
    );
    const long = await introspect(server, api, accessToken);
    expect(long).toMatchObject(short);
    expect(long.username).toBe(world.ada.loginName);
    expect(await introspect(server, minimalApi, accessToken)).toEqual(short);
  });

  test('OpenID Connect Core §8.1: a pairwise subject is the same at introspection and userinfo', async () => {
    const { server, shop, ada, api } = world;
    const pairwise = await seedApplication(server, shop, { type: 'user_agent', subjectType: 'pairwise' });
    const tokens = await tokensFor(server, pairwise, ada);
    const { sub } = payloadOf(tokens.idToken);
    expect(sub).not.toBe(ada.id);
    expect((await introspect(server, api, tokens.accessToken)).sub).toBe(sub);
    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    expect((await call(server, '/oidc/v1/userinfo', { headers })).body.sub).toBe(sub);
  });

  test.each([['RS256'], ['ES256'], ['EdDSA']] as const)(
    'OpenID Connect Core §5.3.2: an application may have its claims signed by %s',
    async (algorithm) => {
      const { server, shop, ada } = world;
      const spa = await seedApplication(server, shop, {
        type: 'user_agent',
        userinfoSignedResponseAlg: algorithm,
      });
      const tokens = await tokensFor(server, spa, ada);
      const headers = { authorization: `Bearer ${tokens.accessToken}` };
      const response = await server.fetch('/oidc/v1/userinfo', { headers });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/jwt']);
      const keys = createRemoteJWKSet(new URL('/oauth/v2/keys', server.issuer), {
        [customFetch]: (url: string) => server.fetch(url),
      });
      const options = { issuer: server.issuer, audience: spa.clientId, algorithms: [algorithm] };
      const { payload } = await jwtVerify(await response.text(), keys, options);
      expect(payload).toMatchObject({ sub: ada.id, email: ada.loginName });
      expect(payload).not.toHaveProperty('nonce');
    },
  );

  test('the reason of every negative answer is in the event log, and nowhere else', async () => {
    const { server, shop, ledgerApi, api, spa, ada } = world;
    // A node of its own, since it writes what it has noted when it stops.
    const node = await server.startNode();
    const gone = await seedApplication(server, shop, { type: 'user_agent' });
    const { accessToken: orphan } = await tokensFor(server, gone, ada);
    const { accessToken: good } = await tokensFor(server, spa, ada);
    await setState(server, 'application', gone.id, 'inactive');
    const before = await server.store.db
      .selectFrom('events')
      .select((eb) => eb.fn.max('seq').as('last'))
      .executeTakeFirstOrThrow();
    expect(await introspect(node, ledgerApi, good)).toEqual({ active: false });
    for (let time = 0; time < 3; time += 1)
      expect(await introspect(node, api, `nothing ${time}`)).toEqual({ active: false });
    expect(await introspect(node, api, orphan)).toEqual({ active: false });
    await node.close();
    const events = await server.store.db
      .selectFrom('events')
      .select(['objectKind', 'objectId', 'actorId', 'detail', 'isWaking'])
      .where('type', '=', 'introspection.refused')
      .where('seq', '>', Number(before.last))
      .orderBy('seq')
      .execute();
    const counts = new Map<string, number>();
    for (const { detail, actorId, isWaking } of events) {
      expect(isWaking).toBe(false);
      const { reason, count }: { reason?: unknown; count?: unknown } = Object(detail);
      const name = `${actorId}: ${String(reason)}`;
      counts.set(name, (counts.get(name) ?? 0) + Number(count));
    }
    expect(Object.fromEntries(counts)).toEqual({
      [`${ledgerApi.clientId}: not meant for the caller`]: 1,
      [`${api.clientId}: not an access token of this instance`]: 3,
      [`${api.clientId}: revoked`]: 1,
    });
    const aboutTokens = events.filter(({ objectKind }) => objectKind === 'token');
    expect(aboutTokens.map(({ objectId }) => objectId)).not.toContain('');
    expect(aboutTokens).toHaveLength(2);
  });
});
