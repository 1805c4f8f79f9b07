import { randomUUID } from 'node:crypto';
import { type SeededApplication, seedApplication, seedUser } from '@latchkey/testkit';
import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, basicOf, call, countRows, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const grantType = 'urn:openid:params:grant-type:ciba';
const grantTypes = ['authorization_code', 'refresh_token', grantType];

describe('signed backchannel authentication requests', () => {
  let world: ShopWorld;
  let till: SeededApplication;
  let fapi: SeededApplication;
  let privateKey: CryptoKey;
  beforeAll(async () => {
    world = await startShopWorld('pglite');
    const pair = await jose.generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    const jwk = { ...(await jose.exportJWK(pair.publicKey)), kid: 'requests', use: 'sig', alg: 'ES256' };
    const settings = { type: 'web', grantTypes, jwks: JSON.stringify({ keys: [jwk] }) } as const;
    till = await seedApplication(world.server, world.shop, {
      ...settings,
      cibaDeliveryMode: 'poll',
      cibaRequestSigningAlg: 'ES256',
    });
    fapi = await seedApplication(world.server, world.shop, {
      ...settings,
      authMethod: 'private_key_jwt',
      securityProfile: 'fapi2_message_signing',
      cibaDeliveryMode: 'ping',
      cibaNotificationEndpoint: 'https://shop.example.com/ping',
    });
  });
  afterAll(() => world?.stop());

  const seconds = (): number => Math.floor(world.server.clock.now() / 1000);

  function claimsOf(application: SeededApplication, changes: Readonly<Record<string, unknown>> = {}) {
    return {
      iss: application.clientId,
      aud: world.server.issuer,
      iat: seconds(),
      nbf: seconds(),
      exp: seconds() + 300,
      jti: randomUUID(),
      scope: 'openid',
      login_hint: world.ada.loginName,
      ...changes,
    };
  }

  function sign(claims: jose.JWTPayload, header: Partial<jose.JWTHeaderParameters> = {}): Promise<string> {
    return new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'requests', ...header })
      .sign(privateKey);
  }

  async function ask(
    changes: Readonly<Record<string, unknown>> = {},
    beside: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const request = await sign(claimsOf(till, changes));
    const form = { request, ...beside };
    return call(world.server, '/oauth/v2/bc-authorize', { form, headers: basicOf(till) });
  }

  function errorOf({ status, body }: Answer): string {
    return `${status} ${body.error}: ${body.error_description}`;
  }

  test('CIBA Core §7.1.1: a signed request is answered by what stands in it', async () => {
    const user = await seedUser(world.server);
    const { status, body } = await ask({
      login_hint: user.loginName,
      binding_message: 'W4SCT',
      requested_expiry: 120,
    });
    expect([status, body.expires_in]).toEqual([200, 120]);
    const poll = { grant_type: grantType, auth_req_id: String(body.auth_req_id) };
    const answer = await call(world.server, '/oauth/v2/token', { form: poll, headers: basicOf(till) });
    expect(answer.body.error).toBe('authorization_pending');
  });

  test.each([
    ['no iss', { iss: undefined }, /iss/],
    ['another iss', { iss: 'other' }, /iss/],
    ['no aud', { aud: undefined }, /aud/],
    ['another aud', { aud: 'https://other.example.com' }, /aud/],
    ['no exp', { exp: undefined }, /exp/],
    ['an exp in the past', { exp: 1_000_000_000 }, /expired/],
    ['no nbf', { nbf: undefined }, /nbf/],
    ['no iat', { iat: undefined }, /iat/],
    ['an iat a week ago', { iat: Math.floor(Date.now() / 1000) - 604_800 }, /iat/],
    ['no jti', { jti: undefined }, /jti/],
    ['a life of more than an hour', { exp: 9_999_999_999 }, /60 minutes/],
  ] as const)('CIBA Core §7.1.1: a signed request with %s is invalid_request', async (_, changes, reason) => {
    const before = await countRows(world.server);
    const answer = await ask(changes);
    expect(errorOf(answer)).toMatch(/^400 invalid_request: /);
    expect(errorOf(answer)).toMatch(reason);
    expect(await countRows(world.server)).toEqual(before);
  });

  test('FAPI-CIBA §5.2.2: nbf in the future, or more than an hour ago, is invalid_request', async () => {
    expect(errorOf(await ask({ nbf: seconds() + 120 }))).toMatch(/^400 invalid_request: nbf/);
    expect(errorOf(await ask({ nbf: seconds() - 3700, exp: seconds() + 60 }))).toMatch(
      /^400 invalid_request: nbf/,
    );
  });

  test('CIBA Core §7.1.1: parameters beside a signed request are invalid_request', async () => {
    for (const beside of [{ scope: 'openid' }, { login_hint: 'ada' }, { binding_message: 'x' }])
      expect(errorOf(await ask({}, beside))).toMatch(/^400 invalid_request: .* beside request/);
    expect((await ask({}, { client_id: till.clientId })).status).toBe(200);
  });

  test('CIBA Core §4: who registered a signing algorithm cannot send plain or unsigned requests, or sign by another', async () => {
    const plain = { scope: 'openid', login_hint: world.ada.loginName };
    const unsigned = new jose.UnsecuredJWT(claimsOf(till)).encode();
    const symmetric = await new jose.SignJWT(claimsOf(till))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(till.clientSecret ?? ''));
    const rsa = await jose.generateKeyPair('RS256');
    const other = await new jose.SignJWT(claimsOf(till))
      .setProtectedHeader({ alg: 'RS256' })
      .sign(rsa.privateKey);
    for (const form of [
      plain,
      { request: unsigned },
      { request: symmetric },
      { request: other },
      { request: 'x' },
    ])
      expect(
        errorOf(await call(world.server, '/oauth/v2/bc-authorize', { form, headers: basicOf(till) })),
      ).toMatch(/^400 invalid_request: /);
  });

  test('CIBA Core §7.1.1: a signature by a key that is not registered is invalid_request', async () => {
    const stranger = await jose.generateKeyPair('ES256');
    const request = await new jose.SignJWT(claimsOf(till))
      .setProtectedHeader({ alg: 'ES256', kid: 'requests' })
      .sign(stranger.privateKey);
    const answer = await call(world.server, '/oauth/v2/bc-authorize', {
      form: { request },
      headers: basicOf(till),
    });
    expect(errorOf(answer)).toMatch(/^400 invalid_request: no key/);
  });

  test('CIBA Core §7.1.1: a signed request can be sent once', async () => {
    const user = await seedUser(world.server);
    const request = await sign(claimsOf(till, { login_hint: user.loginName }));
    const send = () =>
      call(world.server, '/oauth/v2/bc-authorize', { form: { request }, headers: basicOf(till) });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error))).toEqual(
      new Set(['invalid_request']),
    );
  });

  test('FAPI-CIBA §5.2.2: a client that signs its messages signs backchannel requests, in ping mode with the token inside', async () => {
    const assertion = () =>
      sign({
        iss: fapi.clientId,
        sub: fapi.clientId,
        aud: world.server.issuer,
        iat: seconds(),
        exp: seconds() + 60,
        jti: randomUUID(),
      });
    const send = async (form: Readonly<Record<string, string>>) =>
      call(world.server, '/oauth/v2/bc-authorize', {
        form: {
          client_assertion: await assertion(),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          ...form,
        },
      });
    const user = await seedUser(world.server);
    const changes = { login_hint: user.loginName };
    const token = { client_notification_token: 'a-token-of-the-client-0123456789' };
    expect(errorOf(await send({ scope: 'openid', ...changes, ...token }))).toMatch(
      /^400 invalid_request: .*signs/,
    );
    expect(errorOf(await send({ request: await sign(claimsOf(fapi, changes)) }))).toMatch(
      /^400 invalid_request: client_notification_token/,
    );
    const inside = await sign(claimsOf(fapi, { ...changes, ...token }), { typ: 'oauth-authz-req+jwt' });
    expect((await send({ request: inside })).status).toBe(200);
  });

  test('CIBA Core §7.1: the ID token of a pairwise application names the person', async () => {
    const { server, shop, ada } = world;
    const pairwise = await seedApplication(server, shop, {
      type: 'web',
      grantTypes,
      cibaDeliveryMode: 'poll',
      subjectType: 'pairwise',
    });
    const { idToken } = await tokensFor(server, pairwise, ada);
    const form = { scope: 'openid', id_token_hint: idToken };
    const { status, body } = await call(server, '/oauth/v2/bc-authorize', {
      form,
      headers: basicOf(pairwise),
    });
    expect(status, String(body.error_description)).toBe(200);
    const rows = await server.store.db.selectFrom('backchannelAuthentications').selectAll().execute();
    expect(rows.filter(({ clientId }) => clientId === pairwise.clientId).map(({ userId }) => userId)).toEqual(
      [ada.id],
    );
  });

  test('CIBA Core §4: discovery names the algorithms signed requests may use', async () => {
    const { body } = await call(world.server, '/.well-known/openid-configuration');
    expect(body.backchannel_authentication_request_signing_alg_values_supported).toEqual(
      expect.arrayContaining(['ES256', 'PS256']),
    );
  });
});
