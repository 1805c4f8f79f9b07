import { createHash } from 'node:crypto';
import {
  type ApplicationSeed,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedProject,
} from '@latchkey/testkit';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, discover, engines, introspect, payloadOf, redeem, signIn } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const plainRoles = 'urn:zitadel:iam:org:project:roles';
const rolesOf = (id: string): string => `urn:zitadel:iam:org:project:${id}:roles`;

describe.each(engines)('claims of tokens on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  async function tokensWith(
    settings: Partial<ApplicationSeed>,
    scope: string,
    metadata: Partial<client.ClientMetadata> = {},
    project = world.shop,
  ) {
    const { server, ada } = world;
    const application = await seedApplication(server, project, { type: 'web', ...settings });
    const config = await discover(server, application, undefined, metadata);
    const tokens = await redeem(config, await signIn(server, application, ada, { params: { scope } }));
    return {
      application,
      tokens,
      idToken: payloadOf(tokens.id_token ?? ''),
      accessToken: tokens.access_token,
    };
  }

  test('OpenID Connect Core §2: an ID token says who, for whom, when and how, and no profile unless the application asks', async () => {
    const { server, ada } = world;
    const { application, idToken } = await tokensWith({}, 'openid profile email');
    const nowSeconds = server.clock.now() / 1000;
    expect(Object.keys(idToken).sort()).toEqual([
      'amr',
      'at_hash',
      'aud',
      'auth_time',
      'azp',
      'exp',
      'iat',
      'iss',
      'nonce',
      'sid',
      'sub',
    ]);
    expect(idToken).toMatchObject({
      iss: server.issuer,
      sub: ada.id,
      aud: [application.clientId],
      azp: application.clientId,
      amr: ['pwd'],
    });
    expect(Number(idToken.exp) - Number(idToken.iat)).toBe(900);
    expect(Math.abs(Number(idToken.iat) - nowSeconds)).toBeLessThan(5);
    expect(Number(idToken.auth_time)).toBeLessThanOrEqual(Number(idToken.iat));
  });

  test('ZITADEL dialect: "User Info inside ID Token" adds the claims of the scopes granted, and no others', async () => {
    const { ada } = world;
    const { idToken } = await tokensWith({ idTokenUserinfoAssertion: true }, 'openid profile');
    expect(idToken).toMatchObject({
      name: 'Ada Lovelace',
      given_name: 'Ada',
      family_name: 'Lovelace',
      preferred_username: ada.loginName,
      locale: 'en',
    });
    expect(idToken).not.toHaveProperty('email');
    expect(typeof idToken.updated_at).toBe('number');
    const withEmail = await tokensWith({ idTokenUserinfoAssertion: true }, 'openid email');
    expect(withEmail.idToken).toMatchObject({ email: ada.loginName, email_verified: true });
    expect(withEmail.idToken).not.toHaveProperty('name');
  });

  test.each(['RS256', 'ES256'] as const)(
    'OpenID Connect Core §3.1.3.6: at_hash binds the access token to an ID token signed with %s',
    async (alg) => {
      const settings = { idTokenSigningAlg: alg };
      const { tokens, idToken } = await tokensWith(settings, 'openid', { id_token_signed_response_alg: alg });
      const half = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16);
      expect(idToken.at_hash).toBe(half.toString('base64url'));
      expect(decodeProtectedHeader(tokens.id_token ?? '')).toMatchObject({ alg, typ: 'JWT' });
    },
  );

  test.each(['RS256', 'ES256'] as const)(
    'RFC 9068 §2.2: a JWT access token signed with %s verifies with the published keys and introspects as active',
    async (alg) => {
      const { server, api, ada } = world;
      const settings = { accessTokenType: 'jwt', accessTokenSigningAlg: alg } as const;
      const { application, accessToken } = await tokensWith(settings, 'openid profile email');
      const keys = createRemoteJWKSet(new URL(`${server.issuer}/oauth/v2/keys`));
      const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
        issuer: server.issuer,
        audience: api.clientId,
        algorithms: [alg],
        typ: 'JWT',
        requiredClaims: ['exp', 'iat', 'nbf', 'jti', 'sub', 'client_id', 'scope'],
      });
      expect(protectedHeader.alg).toBe(alg);
      expect(payload).toMatchObject({ sub: ada.id, client_id: application.clientId });
      expect(payload).not.toHaveProperty('email');
      expect(await introspect(server, api, accessToken)).toMatchObject({ active: true, sub: ada.id });
    },
  );

  test('ZITADEL dialect: JWT access tokens say JWT, or at+jwt where the application or the machine user wants it', async () => {
    const { server } = world;
    const jwt = { accessTokenType: 'jwt' } as const;
    const wanted = { ...jwt, accessTokenJwtType: 'at+jwt' } as const;
    const typOfMachine = async (seed: Parameters<typeof seedMachine>[1]) => {
      const headers = basicOf(await seedMachine(server, seed));
      const form = { grant_type: 'client_credentials', scope: 'openid' };
      const { body } = await call(server, '/oauth/v2/token', { form, headers });
      return decodeProtectedHeader(String(body.access_token)).typ;
    };
    const typOf = async (settings: Partial<ApplicationSeed>) =>
      decodeProtectedHeader((await tokensWith(settings, 'openid')).accessToken).typ;
    expect([await typOf(jwt), await typOf(wanted)]).toEqual(['JWT', 'at+jwt']);
    expect([await typOfMachine(jwt), await typOfMachine(wanted)]).toEqual(['JWT', 'at+jwt']);
  });

  test('ZITADEL dialect: an ID token names its client in client_id where the application wants it, in azp always', async () => {
    const plain = await tokensWith({}, 'openid');
    expect(plain.idToken).not.toHaveProperty('client_id');
    expect(plain.idToken.azp).toBe(plain.application.clientId);
    const dialect = await tokensWith({ idTokenClientIdAssertion: true }, 'openid');
    expect(dialect.idToken).toMatchObject({
      azp: dialect.application.clientId,
      client_id: dialect.application.clientId,
    });
  });

  test('ZITADEL dialect: a person’s token is for every application of the project and the project itself', async () => {
    const { server, shop, spa, web, api } = world;
    const { application, accessToken } = await tokensWith({}, `openid ${audienceScope(world.ledger)}`);
    const { aud } = await introspect(server, api, accessToken);
    const expected = [
      spa.clientId,
      web.clientId,
      api.clientId,
      application.clientId,
      shop.id,
      world.ledger.id,
    ];
    expect(aud).toEqual(expect.arrayContaining(expected));
  });

  test('ZITADEL dialect: an audience scope of a project that does not exist adds nothing', async () => {
    const { server, api } = world;
    const { accessToken } = await tokensWith({}, 'openid urn:zitadel:iam:org:project:id:404:aud');
    expect((await introspect(server, api, accessToken)).aud).not.toContain('404');
  });

  test('ZITADEL dialect: roles stand in the ID token if asked for and the application asserts them', async () => {
    const { shop, server } = world;
    const { primaryDomain } = await server.store.db
      .selectFrom('organizations')
      .select('primaryDomain')
      .where('id', '=', server.organizationId)
      .executeTakeFirstOrThrow();
    const roleScope = 'openid urn:zitadel:iam:org:project:role:reader';
    const asked = await tokensWith({ idTokenRoleAssertion: true }, roleScope);
    // A single role scope does not filter (dialect): every role of the project is told.
    const granted = { [server.organizationId]: primaryDomain };
    expect(asked.idToken[plainRoles]).toEqual({ editor: granted, reader: granted });
    expect(asked.idToken[rolesOf(shop.id)]).toEqual(asked.idToken[plainRoles]);
    const silent = await tokensWith({ idTokenRoleAssertion: false }, roleScope);
    expect(silent.idToken).not.toHaveProperty([plainRoles]);
    const unasked = await tokensWith({ idTokenRoleAssertion: true }, 'openid');
    expect(unasked.idToken).not.toHaveProperty([plainRoles]);
  });

  test('ZITADEL dialect: roles stand in a JWT access token by its own switch', async () => {
    const roleScope = 'openid urn:zitadel:iam:org:project:role:reader';
    const jwt = { accessTokenType: 'jwt' } as const;
    const on = await tokensWith({ ...jwt, accessTokenRoleAssertion: true }, roleScope);
    expect(payloadOf(on.accessToken)).toHaveProperty([plainRoles, 'reader']);
    const off = await tokensWith({ ...jwt, accessTokenRoleAssertion: false }, roleScope);
    expect(payloadOf(off.accessToken)).not.toHaveProperty([plainRoles]);
  });

  test('ZITADEL dialect: project role assertion asks for every role of the project without a scope', async () => {
    const { server, ada } = world;
    const asserting = await seedProject(server, { roleAssertion: true, roleKeys: ['pilot', 'navigator'] });
    await seedAuthorization(server, { userId: ada.id, project: asserting, roleKeys: ['pilot'] });
    const { tokens, idToken } = await tokensWith({ idTokenRoleAssertion: true }, 'openid', {}, asserting);
    expect(tokens.scope?.split(' ')).toEqual([
      'openid',
      'urn:zitadel:iam:org:project:role:navigator',
      'urn:zitadel:iam:org:project:role:pilot',
    ]);
    expect(Object.keys(Object(idToken[plainRoles]))).toEqual(['pilot']);
  });

  test('ZITADEL dialect: roles of other projects are told when projects:roles names them by audience', async () => {
    const { ledger, shop } = world;
    const scope = `openid urn:zitadel:iam:org:projects:roles ${audienceScope(ledger)}`;
    const { idToken } = await tokensWith({ idTokenRoleAssertion: true }, scope);
    expect(idToken).toHaveProperty([rolesOf(ledger.id), 'auditor']);
    expect(idToken).toHaveProperty([rolesOf(shop.id), 'reader']);
    expect(idToken).not.toHaveProperty([plainRoles, 'auditor']);
  });

  test('ZITADEL dialect: clock skew moves exp on and iat, nbf and auth_time back', async () => {
    const { idToken, accessToken } = await tokensWith(
      { clockSkewSeconds: 5, accessTokenType: 'jwt' },
      'openid',
    );
    expect(Number(idToken.exp) - Number(idToken.iat)).toBe(910);
    const payload = payloadOf(accessToken);
    expect(Number(payload.exp) - Number(payload.nbf)).toBe(910);
    expect(payload.iat).toBe(payload.nbf);
  });

  test('lifetimes of an application win over those of the instance', async () => {
    const settings = { accessTokenLifetimeSeconds: 60, idTokenLifetimeSeconds: 120 };
    const { tokens, idToken } = await tokensWith(settings, 'openid');
    expect(tokens.expires_in).toBe(60);
    expect(Number(idToken.exp) - Number(idToken.iat)).toBe(120);
  });

  test('OpenID Connect Core §3.1.2.1: unknown scopes are dropped and the answer says which were granted', async () => {
    const scope = 'openid nonsense urn:zitadel:iam:org:project:role:nobody profile openid';
    const { tokens } = await tokensWith({}, scope);
    expect(tokens.scope).toBe('openid profile');
  });

  test('OpenID Connect Core §11: no refresh token without offline_access, nor for an application that may not refresh', async () => {
    expect((await tokensWith({}, 'openid')).tokens.refresh_token).toBeUndefined();
    expect((await tokensWith({}, 'openid offline_access')).tokens.refresh_token).toMatch(/^lk_rt_/);
    const without = await tokensWith({ grantTypes: ['authorization_code'] }, 'openid offline_access');
    expect(without.tokens).toMatchObject({ scope: 'openid' });
    expect(without.tokens.refresh_token).toBeUndefined();
  });
});
