import { removeUserKey } from '@latchkey/store';
import {
  changeAsOperator,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedUserKey,
  setState,
  signUserAssertion,
  type UserKeyFile,
} from '@latchkey/testkit';
import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, countRows, engines, introspect, payloadOf } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

describe.each(engines)('the JWT profile of service accounts on $engine', ({ engine }) => {
  let world: ShopWorld;
  let keyFile: UserKeyFile;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    keyFile = await seedUserKey(world.server, world.robot.id);
  });
  afterAll(() => world?.stop());

  const nowSeconds = (): number => Math.floor(world.server.clock.now() / 1000);
  const sign = (options: Partial<Parameters<typeof signUserAssertion>[1]> = {}, file = keyFile): string =>
    signUserAssertion(file, { audience: world.server.issuer, nowSeconds: nowSeconds(), ...options });
  const send = (assertion: string, more: Readonly<Record<string, string>> = {}, headers = {}) =>
    call(world.server, '/oauth/v2/token', {
      form: { grant_type: grantType, assertion, ...more },
      headers,
    });
  const outcomeOf = async (assertion: string) => {
    const { status, body } = await send(assertion);
    return status === 200 ? 'issued' : `${status} ${body.error}`;
  };

  test('RFC 7523 §2.1: an assertion signed by a key of a machine user gets its token without client authentication', async () => {
    const { server, shop, api, robot } = world;
    const scope = `openid profile offline_access nonsense urn:zitadel:iam:org:id:404 ${audienceScope(shop)}`;
    const { status, body, headers } = await send(sign(), { scope });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^lk_at_/),
      token_type: 'Bearer',
      expires_in: 900,
      scope: `openid profile ${audienceScope(shop)}`,
    });
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({
      active: true,
      sub: robot.id,
      client_id: robot.clientId,
      username: robot.clientId,
      aud: [shop.id],
      'urn:zitadel:iam:org:project:roles': { reader: { [server.organizationId]: 'localhost' } },
    });
  });

  test('RFC 7523 §3: the audience may be the issuer, with or without a slash, or the token endpoint', async () => {
    const { issuer } = world.server;
    for (const audience of [issuer, `${issuer}/`, `${issuer}/oauth/v2/token`])
      expect(await outcomeOf(sign({ audience }))).toBe('issued');
    expect(await outcomeOf(sign({ audience: `${issuer}/oauth/v2/introspect` }))).toBe('400 invalid_grant');
    expect(await outcomeOf(sign({ audience: 'https://elsewhere.example.com' }))).toBe('400 invalid_grant');
  });

  test('RFC 7523 §3: an assertion that breaks a rule gets no token and changes nothing', async () => {
    const { server, ada } = world;
    const before = await countRows(server);
    const now = nowSeconds();
    const stranger = await seedUserKey(server, (await seedMachine(server)).id);
    const seeded = await countRows(server);
    const broken: Readonly<Record<string, string>> = {
      'iss of somebody else': sign({ claims: { iss: ada.id } }),
      'sub of somebody else': sign({ claims: { sub: ada.id } }),
      'login name in place of the id': sign({
        claims: { iss: world.robot.clientId, sub: world.robot.clientId },
      }),
      'a person': sign({ claims: { iss: ada.id, sub: ada.id } }),
      'no exp': sign({ claims: { exp: undefined } }),
      'exp in the past': sign({ claims: { exp: now - 31 } }),
      'exp too far': sign({ lifetimeSeconds: 3700 }),
      'iat too old': sign({ claims: { iat: now - 3700 } }),
      'iat in the future': sign({ claims: { iat: now + 60 } }),
      'aud of another server beside ours': sign({
        claims: { aud: [world.server.issuer, 'https://other.example'] },
      }),
      'no aud': sign({ claims: { aud: undefined } }),
      'no kid': sign({ header: { kid: undefined } }),
      'kid of somebody else': sign({ header: { kid: stranger.keyId } }),
      'alg none': `${sign({ header: { alg: 'none' } })
        .split('.')
        .slice(0, 2)
        .join('.')}.`,
      'alg HS256': sign({ header: { alg: 'HS256' } }),
      'alg RS512': sign({ header: { alg: 'RS512' } }),
      'jti that is no text': sign({ claims: { jti: 7 } }),
      'a broken signature': `${sign().slice(0, -4)}AAAA`,
      'no JWT': 'nonsense',
      'a huge one': 'a'.repeat(20_000),
    };
    for (const [name, assertion] of Object.entries(broken))
      expect([name, await outcomeOf(assertion)]).toEqual([name, '400 invalid_grant']);
    expect((await call(server, '/oauth/v2/token', { form: { grant_type: grantType } })).body.error).toBe(
      'invalid_request',
    );
    expect(await countRows(server)).toEqual(seeded);
    expect(seeded.grants).toBe(before.grants);
  });

  test('RFC 7523 §3: an assertion with a jti is good once; of fifty at once one gets a token', async () => {
    const assertion = sign();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(assertion)));
    expect(outcomes.filter((outcome) => outcome === 'issued')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['issued', '400 invalid_grant']));
    const plain = sign({ claims: { jti: undefined } });
    expect([await outcomeOf(plain), await outcomeOf(plain)]).toEqual(['issued', 'issued']);
  });

  test('ZITADEL dialect: a key that has expired or was removed gets no token', async () => {
    const { server } = world;
    const robot = await seedMachine(server);
    const brief = await seedUserKey(server, robot.id, { expiresAtMs: server.clock.now() + 60_000 });
    const lasting = await seedUserKey(server, robot.id);
    for (const file of [brief, lasting]) expect(await outcomeOf(sign({}, file))).toBe('issued');
    server.clock.advance(60_000);
    expect(await outcomeOf(sign({}, brief))).toBe('400 invalid_grant');
    expect(await outcomeOf(sign({}, lasting))).toBe('issued');
    await changeAsOperator(server, (change) => removeUserKey(change, lasting.keyId));
    expect(await outcomeOf(sign({}, lasting))).toBe('400 invalid_grant');
  });

  test('a locked service account gets no token, and what it had is dead', async () => {
    const { server, shop, api } = world;
    const robot = await seedMachine(server);
    await seedAuthorization(server, { userId: robot.id, project: shop });
    const file = await seedUserKey(server, robot.id);
    const { body } = await send(sign({}, file), { scope: audienceScope(shop) });
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    await setState(server, 'user', robot.id, 'locked');
    expect(await outcomeOf(sign({}, file))).toBe('400 invalid_grant');
    expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
  });

  test.each(['PS256', 'ES256', 'EdDSA'])(
    'RFC 8725 §3.1: the kind of the key decides the algorithm (%s)',
    async (alg) => {
      const { server, robot } = world;
      const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      const publicKeyPem = await jose.exportSPKI(publicKey);
      const { keyId } = await seedUserKey(server, robot.id, { publicKeyPem });
      const signAs = (header: string): Promise<string> =>
        new jose.SignJWT({ iss: robot.id, sub: robot.id, aud: server.issuer, exp: nowSeconds() + 300 })
          .setProtectedHeader({ alg: header, kid: keyId })
          .sign(privateKey);
      expect(await outcomeOf(await signAs(alg))).toBe('issued');
      expect(await outcomeOf(sign({ header: { kid: keyId } }))).toBe('400 invalid_grant');
    },
  );

  test('RFC 7521 §4.1: client credentials that come along must be right', async () => {
    const { web, robot } = world;
    expect((await send(sign(), {}, basicOf(web))).status).toBe(200);
    const wrong = await send(sign(), {}, basicOf({ ...web, clientSecret: 'wrong' }));
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
    expect((await send(sign(), {}, basicOf(robot))).status).toBe(200);
  });

  test('RFC 9449 §5: with a proof the token is bound; a wrong proof gets none and spends no assertion', async () => {
    const { server } = world;
    const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
    const proof = async (htm: string): Promise<string> =>
      new jose.SignJWT({ htm, htu: `${server.issuer}/oauth/v2/token`, jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await jose.exportJWK(publicKey) })
        .setIssuedAt(nowSeconds())
        .sign(privateKey);
    const assertion = sign();
    const refused = await send(assertion, {}, { dpop: await proof('GET') });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_dpop_proof']);
    const { body } = await send(assertion, {}, { dpop: await proof('POST') });
    expect(body.token_type).toBe('DPoP');
  });

  test('RFC 8707 §2.2: a service account asks for a token for one API by its resource indicator', async () => {
    const { server, ledger, api } = world;
    const resource = 'https://ledger.example.com/api';
    const vault = await seedApplication(server, ledger, { type: 'api', resourceUris: [resource] });
    const { body } = await send(sign(), { resource });
    const token = String(body.access_token);
    expect(await introspect(server, vault, token)).toMatchObject({
      active: true,
      aud: [resource, vault.clientId],
    });
    expect(await introspect(server, api, token)).toEqual({ active: false });
    const unknown = await send(sign(), { resource: 'https://nobody.example.com' });
    expect([unknown.status, unknown.body.error]).toEqual([400, 'invalid_target']);
  });

  test('RFC 9068: a service account whose tokens are JWTs gets one', async () => {
    const { server, shop } = world;
    const robot = await seedMachine(server, { accessTokenType: 'jwt', accessTokenSigningAlg: 'ES256' });
    const file = await seedUserKey(server, robot.id);
    const { body } = await send(sign({}, file), { scope: audienceScope(shop) });
    expect(payloadOf(String(body.access_token))).toMatchObject({
      sub: robot.id,
      client_id: robot.clientId,
      aud: [shop.id],
    });
  });

  test('ZITADEL dialect: a domain scope is kept for users of that organization and dropped for others', async () => {
    const { server, robot } = world;
    const own = 'urn:zitadel:iam:org:domain:primary:localhost';
    const idp = 'urn:zitadel:iam:org:idp:id:123';
    const scope = `openid ${own} urn:zitadel:iam:org:domain:primary:other.example.com ${idp}`;
    const { body } = await send(sign(), { scope });
    expect(body.scope).toBe(`openid ${own} ${idp}`);
    const userinfo = await call(server, '/oidc/v1/userinfo', {
      headers: { authorization: `Bearer ${String(body.access_token)}` },
    });
    expect(userinfo.body).toMatchObject({
      sub: robot.id,
      'urn:zitadel:iam:org:domain:primary': 'localhost',
      'urn:zitadel:iam:user:resourceowner:primary_domain': 'localhost',
    });
  });
});

test('too many refused assertions from one address must wait', async () => {
  const world = await startShopWorld('pglite', { clientAuthLimit: { perMinute: 1, burst: 3 } });
  try {
    const { server } = world;
    const file = await seedUserKey(server, world.robot.id);
    const send = (assertion: string) =>
      call(server, '/oauth/v2/token', { form: { grant_type: grantType, assertion } });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) statuses.push((await send('nonsense')).status);
    expect(statuses).toEqual([400, 400, 400, 429, 429]);
    const nowSeconds = Math.floor(server.clock.now() / 1000);
    const good = await send(signUserAssertion(file, { audience: server.issuer, nowSeconds }));
    expect(good.status).toBe(200);
  } finally {
    await world.stop();
  }
});
