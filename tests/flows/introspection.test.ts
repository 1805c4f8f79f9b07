import {
  type KeyFile,
  type SeededApplication,
  seedApplication,
  seedApplicationKey,
  seedAuthorization,
  seedOrganization,
  seedUser,
  seedUserMetadata,
  setState,
  signAssertion,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, basicOf, call, countRows, engines, introspect, tokensFor } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const path = '/oauth/v2/introspect';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(engines)('introspection on $engine', ({ engine }) => {
  let world: ShopWorld;
  let keyApi: SeededApplication;
  let keyFile: KeyFile;
  let accessToken: string;
  let refreshToken: string;
  let idToken: string;

  beforeAll(async () => {
    world = await startShopWorld(engine);
    const { server, shop, spa, ada } = world;
    keyApi = await seedApplication(server, shop, { type: 'api', authMethod: 'private_key_jwt' });
    keyFile = await seedApplicationKey(server, keyApi);
    ({ accessToken, refreshToken, idToken } = await tokensFor(server, spa, ada));
  });
  afterAll(() => world?.stop());

  function nowSeconds(): number {
    return Math.floor(world.server.clock.now() / 1000);
  }

  function assert(claims: Readonly<Record<string, unknown>> = {}, header = {}, file = keyFile): string {
    const audience = world.server.issuer;
    return signAssertion(file, { audience, nowSeconds: nowSeconds(), claims, header });
  }

  async function introspectBy(client_assertion: string, more: Readonly<Record<string, string>> = {}) {
    const form = { token: accessToken, client_assertion, client_assertion_type: assertionType, ...more };
    return await call(world.server, path, { form });
  }

  test('RFC 7662 §2.2: an active token says what it is and whom it is about', async () => {
    const { server, api, ada, spa } = world;
    const body = await introspect(server, api, accessToken);
    expect(body).toMatchObject({
      active: true,
      scope: 'openid profile email offline_access',
      client_id: spa.clientId,
      token_type: 'Bearer',
      sub: ada.id,
      iss: server.issuer,
      username: ada.loginName,
      preferred_username: ada.loginName,
      email: ada.loginName,
      email_verified: true,
      name: 'Ada Lovelace',
      amr: ['pwd'],
    });
    expect(Number(body.exp) - Number(body.iat)).toBe(900);
    expect(body.nbf).toBe(body.iat);
    expect(typeof body.auth_time).toBe('number');
    expect(String(body.jti)).not.toContain('lk_');
  });

  test('ZITADEL dialect: the answer has the roles in the caller’s own project without being asked, and no others', async () => {
    const { server, api, shop, ledger, ledgerApi, spa, ada } = world;
    const both = await tokensFor(server, spa, ada, `openid ${audienceScope(ledger)}`);
    const inShop = await introspect(server, api, both.accessToken);
    expect(Object.keys(Object(inShop['urn:zitadel:iam:org:project:roles']))).toEqual(['editor', 'reader']);
    expect(inShop).toHaveProperty([
      `urn:zitadel:iam:org:project:${shop.id}:roles`,
      'editor',
      server.organizationId,
    ]);
    expect(inShop).not.toHaveProperty([`urn:zitadel:iam:org:project:${ledger.id}:roles`]);
    const inLedger = await introspect(server, ledgerApi, both.accessToken);
    expect(Object.keys(Object(inLedger['urn:zitadel:iam:org:project:roles']))).toEqual(['auditor']);
  });

  test('ZITADEL dialect: a token of another project is inactive unless its audience scope was asked for', async () => {
    const { server, ledgerApi, ledger, spa, ada } = world;
    expect(await introspect(server, ledgerApi, accessToken)).toEqual({ active: false });
    const meant = await tokensFor(server, spa, ada, `openid ${audienceScope(ledger)}`);
    expect(await introspect(server, ledgerApi, meant.accessToken)).toMatchObject({ active: true });
  });

  test('ZITADEL dialect: roles granted by named organizations only; inactive grants and organizations give none', async () => {
    const { server, api, spa, shop } = world;
    const partner = await seedOrganization(server);
    const eve = await seedUser(server);
    await seedAuthorization(server, { userId: eve.id, project: shop, roleKeys: ['reader'] });
    const byPartner = { userId: eve.id, project: shop, organizationId: partner.id, roleKeys: ['editor'] };
    const authorizationId = await seedAuthorization(server, byPartner);
    const scope = `openid urn:zitadel:iam:org:roles:id:${partner.id}`;
    const { accessToken: narrow } = await tokensFor(server, spa, eve, scope);
    const roles = async (): Promise<unknown> =>
      (await introspect(server, api, narrow))['urn:zitadel:iam:org:project:roles'];
    expect(await roles()).toEqual({ editor: { [partner.id]: partner.primaryDomain } });
    await setState(server, 'authorization', authorizationId, 'inactive');
    await expect.poll(roles, { interval: 10, timeout: 5000 }).toBeUndefined();
    await setState(server, 'authorization', authorizationId, 'active');
    await expect.poll(roles, { interval: 10, timeout: 5000 }).toBeDefined();
    await setState(server, 'organization', partner.id, 'inactive');
    await expect.poll(roles, { interval: 10, timeout: 5000 }).toBeUndefined();
  });

  test('ZITADEL dialect: metadata, resource owner and organization stand there when their scopes were granted', async () => {
    const { server, api, spa, ada } = world;
    await seedUserMetadata(server, ada.id, 'motto', 'poetical science?>');
    const organization = `urn:zitadel:iam:org:id:${server.organizationId}`;
    const wishes = ['urn:zitadel:iam:user:metadata', 'urn:zitadel:iam:user:resourceowner', organization];
    const plain = await introspect(server, api, accessToken);
    expect(Object.keys(plain).filter((name) => /metadata|resourceowner|org:id/.test(name))).toEqual([]);
    const { accessToken: rich } = await tokensFor(server, spa, ada, `openid ${wishes.join(' ')}`);
    expect(await introspect(server, api, rich)).toMatchObject({
      'urn:zitadel:iam:user:metadata': { motto: Buffer.from('poetical science?>').toString('base64url') },
      'urn:zitadel:iam:user:resourceowner:id': server.organizationId,
      'urn:zitadel:iam:user:resourceowner:name': 'Latchkey under test',
      'urn:zitadel:iam:user:resourceowner:primary_domain': 'localhost',
      'urn:zitadel:iam:org:id': server.organizationId,
    });
  });

  test('ZITADEL dialect: stray fields (scope, token_type_hint) are ignored', async () => {
    const { server, api } = world;
    const hints = ['access_token', 'refresh_token', 'nonsense'];
    for (const token_type_hint of hints) {
      const form = { token: accessToken, scope: 'openid', token_type_hint };
      const { body } = await call(server, path, { form, headers: basicOf(api) });
      expect(body.active).toBe(true);
    }
  });

  test('RFC 6749 §2.3.1: Basic credentials are taken raw and form-urlencoded; a confidential front end may ask, too', async () => {
    const { server, api, web } = world;
    const escaped = [...`${api.clientSecret}`]
      .map((c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
      .join('');
    for (const headers of [basicOf(api), basic(api.clientId, escaped), basicOf(web)]) {
      const { body } = await call(server, path, { form: { token: accessToken }, headers });
      expect(body.active).toBe(true);
    }
  });

  test('ZITADEL dialect: an assertion from a key file, an hour valid, is accepted again and again', async () => {
    const assertion = assert();
    for (let use = 0; use < 3; use += 1) expect((await introspectBy(assertion)).body.active).toBe(true);
    expect((await introspectBy(assertion, { client_id: keyApi.clientId })).body.active).toBe(true);
    const audience = [world.server.issuer, world.server.issuer + path];
    expect((await introspectBy(assert({ aud: audience }))).body.active).toBe(true);
    expect((await introspectBy(assert({ aud: `${world.server.issuer}/` }))).body.active).toBe(true);
    expect((await introspectBy(assert({ aud: world.server.issuer + path }))).body.active).toBe(true);
  });

  test('RFC 7523 §3: an assertion that breaks a rule is answered with 401 invalid_client and never with inactive', async () => {
    const other = await seedApplicationKey(world.server, world.spa);
    const now = nowSeconds();
    const broken: Readonly<Record<string, string>> = {
      expired: assert({ iat: now - 4000, exp: now - 31 }),
      'valid for more than an hour': assert({ exp: now + 3700 }),
      'of the future': assert({ iat: now + 120, exp: now + 1000 }),
      'without exp': assert({ exp: undefined }),
      'for another audience': assert({ aud: 'https://elsewhere.example.com' }),
      'for another server beside this one': assert({
        aud: [world.server.issuer, 'https://elsewhere.example.com'],
      }),
      'for an address with a longer path': assert({ aud: `${world.server.issuer}/oauth/v2/introspect/x` }),
      'of another subject': assert({ sub: 'somebody' }),
      'of another issuer': assert({ iss: world.spa.clientId, sub: world.spa.clientId }),
      'signed by another key': assert({}, {}, { ...other, keyId: keyFile.keyId, clientId: keyApi.clientId }),
      'with a key of another application': assert({}, {}, { ...other, clientId: keyApi.clientId }),
      'of an unknown kid': assert({}, { kid: '404' }),
      'without kid': assert({}, { kid: undefined }),
      'alg none': `${assert({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      'alg HS256': assert({}, { alg: 'HS256' }),
      'alg RS512': assert({}, { alg: 'RS512' }),
      crit: assert({}, { crit: ['exp'] }),
      'cut off': assert().slice(0, -4),
      padded: `${assert()}=`,
      'no JWT': 'nonsense',
      'exp as text': assert({ exp: String(now + 60) }),
      'jti as number': assert({ jti: 7 }),
      'nbf in the future': assert({ nbf: now + 300 }),
    };
    const before = await countRows(world.server);
    for (const [name, assertion] of Object.entries(broken)) {
      const answer = await introspectBy(assertion);
      expect([answer.status, answer.body.error], name).toEqual([401, 'invalid_client']);
      expect(answer.headers.get('www-authenticate'), name).toMatch(/^Basic realm=/);
    }
    expect(await countRows(world.server)).toEqual(before);
  });

  test('a key that has expired proves nothing any more', async () => {
    const { server } = world;
    const shortLived = await seedApplicationKey(server, keyApi, { expiresAtMs: server.clock.now() - 1 });
    expect((await introspectBy(assert({}, {}, shortLived))).status).toBe(401);
  });

  test('ZITADEL dialect: only access tokens are active; refresh tokens, ID tokens and anything else say nothing', async () => {
    const { server, api } = world;
    const texts = [
      refreshToken,
      idToken,
      'nonsense',
      'lk_at_',
      'a.b.c',
      '😀',
      'x'.repeat(20_000),
      "' or 1=1 --",
    ];
    for (const token of texts) expect(await introspect(server, api, token)).toEqual({ active: false });
  });

  test('a token is inactive once its time is over', async () => {
    const { server, api, spa, ada } = world;
    const fresh = await tokensFor(server, spa, ada);
    server.clock.advance(890_000);
    expect(await introspect(server, api, fresh.accessToken)).toMatchObject({ active: true });
    server.clock.advance(11_000);
    expect(await introspect(server, api, fresh.accessToken)).toEqual({ active: false });
  });
});
