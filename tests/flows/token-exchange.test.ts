import { endSessions, listEventsOf, updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  type SeededMachine,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedMachine,
  seedManager,
  seedOrganization,
  seedPersonalAccessToken,
  seedUser,
  setState,
  signAssertion,
} from '@latchkey/testkit';
import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, countRows, engines, introspect, payloadOf, tokensFor } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const type = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`;
const userIdType = 'urn:zitadel:params:oauth:token-type:user_id';

describe.each(engines)('token exchange on $engine', ({ engine }) => {
  let world: ShopWorld;
  /** May exchange tokens, in the shop. */
  let broker: SeededApplication;
  /** May act as anybody. */
  let helper: SeededMachine;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    const { server, shop } = world;
    broker = await seedApplication(server, shop, { type: 'api', grantTypes: [grantType] });
    helper = await seedMachine(server);
    await seedManager(server, helper.id, 'IAM_ADMIN_IMPERSONATOR');
    await changeAsOperator(server, (change) =>
      updateInstanceSettings(change, { isImpersonationEnabled: true }),
    );
  });
  afterAll(() => world?.stop());

  const exchange = (form: Readonly<Record<string, string>>, by: SeededApplication | SeededMachine = broker) =>
    call(world.server, '/oauth/v2/token', {
      form: { grant_type: grantType, ...form },
      headers: basicOf(by),
    });
  const byAccess = (subject_token: string) => ({ subject_token, subject_token_type: type('access_token') });
  const byId = (subject_token: string) => ({ subject_token, subject_token_type: type('id_token') });
  const named = (id: string) => ({ subject_token: id, subject_token_type: userIdType });
  const actedBy = (actor_token: string) => ({ actor_token, actor_token_type: type('access_token') });

  async function machineToken(robot: SeededMachine, scope = 'openid profile email'): Promise<string> {
    const form = { grant_type: 'client_credentials', scope };
    const { body } = await call(world.server, '/oauth/v2/token', { form, headers: basicOf(robot) });
    return String(body.access_token);
  }

  async function expectRefused(form: Readonly<Record<string, string>>, error: string, by = broker) {
    const before = await countRows(world.server);
    const { status, body } = await exchange(form, by);
    expect([status, body.error]).toEqual([400, error]);
    expect(await countRows(world.server)).toEqual(before);
  }

  const eventsOf = (userId: string) =>
    listEventsOf(world.server.store.db, { instanceId: world.server.instanceId }, 'user', userId);

  test('RFC 8693 §2.2.1: an access token is exchanged for a narrower one of the application that asks', async () => {
    const { server, spa, api } = world;
    const user = await seedUser(server);
    const { accessToken } = await tokensFor(server, spa, user);
    const { status, body, headers } = await exchange({ ...byAccess(accessToken), scope: 'openid email' });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      issued_token_type: type('access_token'),
      token_type: 'Bearer',
      scope: 'openid email',
    });
    expect(body).not.toHaveProperty('refresh_token');
    const answer = await introspect(server, api, String(body.access_token));
    expect(answer).toMatchObject({ active: true, sub: user.id, client_id: broker.clientId, amr: ['pwd'] });
    expect(answer).not.toHaveProperty('act');
    const [event] = (await eventsOf(user.id)).filter((one) => one.type === 'token.exchanged');
    expect(event?.detail).toMatchObject({
      userId: user.id,
      clientId: broker.clientId,
      scopes: ['openid', 'email'],
    });
  });

  test('RFC 8693 §2.1: no scope is added, no unknown token type taken, no refresh token given', async () => {
    const { server, spa, ada } = world;
    const { accessToken, refreshToken } = await tokensFor(server, spa, ada, 'openid offline_access');
    const subject = byAccess(accessToken);
    await expectRefused({ ...subject, scope: 'openid email' }, 'invalid_scope');
    await expectRefused({ ...subject, scope: 'a"b' }, 'invalid_scope');
    await expectRefused({ ...subject, requested_token_type: type('refresh_token') }, 'invalid_request');
    await expectRefused({ ...subject, subject_token_type: type('saml2') }, 'invalid_request');
    await expectRefused({ subject_token: accessToken }, 'invalid_request');
    await expectRefused(byAccess(refreshToken), 'invalid_request');
    await expectRefused(byAccess('nonsense'), 'invalid_request');
    await expectRefused(byId(accessToken), 'invalid_request');
    const { body } = await exchange(subject);
    expect(body.scope).toBe('openid');
  });

  test('RFC 8693 §3: a JWT or an ID token can be asked for', async () => {
    const { server, spa, ada } = world;
    const { accessToken } = await tokensFor(server, spa, ada);
    const keys = jose.createLocalJWKSet(await (await server.fetch('/oauth/v2/keys')).json());
    const options = { issuer: server.issuer, currentDate: new Date(server.clock.now()) };
    const asked = { ...byAccess(accessToken), requested_token_type: type('jwt') };
    const jwt = (await exchange(asked)).body;
    expect(jwt).toMatchObject({ issued_token_type: type('jwt'), token_type: 'Bearer' });
    const access = await jose.jwtVerify(String(jwt.access_token), keys, { ...options, typ: 'JWT' });
    expect(access.payload).toMatchObject({ sub: ada.id, client_id: broker.clientId });
    const id = (await exchange({ ...asked, requested_token_type: type('id_token') })).body;
    expect(id).toMatchObject({ issued_token_type: type('id_token'), token_type: 'N_A' });
    const idToken = await jose.jwtVerify(String(id.access_token), keys, {
      ...options,
      audience: broker.clientId,
    });
    expect(idToken.payload).toMatchObject({ sub: ada.id, azp: broker.clientId, sid: expect.any(String) });
    expect(id.expires_in).toBe(Number(idToken.payload.exp) - Math.floor(server.clock.now() / 1000));
    await expectRefused(
      { ...asked, requested_token_type: type('id_token'), scope: 'email' },
      'invalid_scope',
    );
  });

  test('RFC 8693 §2.1: an ID token of the project stands for its person, with the scope openid', async () => {
    const { server, spa, ada, api } = world;
    const { idToken } = await tokensFor(server, spa, ada);
    const { body } = await exchange(byId(idToken));
    expect(body.scope).toBe('openid');
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({
      active: true,
      sub: ada.id,
    });
    await expectRefused({ ...byId(idToken), scope: 'openid email' }, 'invalid_scope');
    await expectRefused(byAccess(idToken), 'invalid_request');
    server.clock.advance(901_000);
    await expectRefused(byId(idToken), 'invalid_request');
  });

  test('RFC 9700 §4.9: neither access nor ID token for another project is exchanged', async () => {
    const { server, ledger, ada } = world;
    const other = await seedApplication(server, ledger, { type: 'user_agent' });
    const tokens = await tokensFor(server, other, ada);
    await expectRefused(byAccess(tokens.accessToken), 'invalid_request');
    await expectRefused(byId(tokens.idToken), 'invalid_request');
    const meant = await tokensFor(server, other, ada, `openid ${audienceScope(world.shop)}`);
    expect((await exchange(byAccess(meant.accessToken))).status).toBe(200);
  });

  test('an application of a third party exchanges its own tokens only', async () => {
    const { server, spa, ada, shop } = world;
    const guest = await seedApplication(server, shop, {
      type: 'web',
      isThirdParty: true,
      grantTypes: [grantType],
    });
    const { accessToken, idToken } = await tokensFor(server, spa, ada);
    for (const subject of [byAccess(accessToken), byId(idToken)])
      await expectRefused(subject, 'invalid_request', guest);
  });

  test('RFC 8693 §2.1: audience and resource say where the token shall be used, and must exist', async () => {
    const { server, spa, ada, ledger, ledgerApi, shop, api } = world;
    const resource = 'https://vault.example.com/api';
    const vault = await seedApplication(server, ledger, { type: 'api', resourceUris: [resource] });
    const subject = byAccess((await tokensFor(server, spa, ada)).accessToken);
    for (const audience of [ledger.id, ledgerApi.clientId]) {
      const { body } = await exchange({ ...subject, audience });
      expect(await introspect(server, ledgerApi, String(body.access_token))).toMatchObject({ active: true });
    }
    for (const target of [{ resource }, { audience: resource }]) {
      const token = String((await exchange({ ...subject, ...target })).body.access_token);
      expect(await introspect(server, vault, token)).toMatchObject({ aud: [resource, vault.clientId] });
      expect(await introspect(server, api, token)).toEqual({ active: false });
    }
    expect((await exchange({ ...subject, audience: shop.id })).status).toBe(200);
    await expectRefused({ ...subject, audience: '404' }, 'invalid_target');
    await expectRefused({ ...subject, resource: 'https://nobody.example.com' }, 'invalid_target');
    await expectRefused({ ...subject, resource: 'not a uri' }, 'invalid_target');
  });

  test('RFC 8693 §5: only an application that authenticates and is allowed the grant type may exchange', async () => {
    const { server, spa, ada, robot, web, shop } = world;
    const subject = byAccess((await tokensFor(server, spa, ada)).accessToken);
    await expectRefused(subject, 'unauthorized_client', web);
    const machine = await exchange(subject, robot);
    expect([machine.status, machine.body.error]).toEqual([400, 'unauthorized_client']);
    const open = await seedApplication(server, shop, { type: 'native', grantTypes: [grantType] });
    const form = { grant_type: grantType, client_id: open.clientId, ...subject };
    const answer = await call(server, '/oauth/v2/token', { form });
    expect([answer.status, answer.body.error]).toEqual([400, 'unauthorized_client']);
  });

  test('an exchanged token ends no later than the one it came of, and with its session', async () => {
    const { server, spa, ada, api } = world;
    const { accessToken, idToken } = await tokensFor(server, spa, ada);
    server.clock.advance(600_000);
    const first = (await exchange(byAccess(accessToken))).body;
    expect(first.expires_in).toBeLessThanOrEqual(300);
    expect(first.expires_in).toBeGreaterThan(290);
    const second = (await exchange(byId(idToken))).body;
    const sid = String(payloadOf(idToken).sid);
    await changeAsOperator(server, (change) => endSessions(change, [sid], 'operator'));
    for (const token of [first.access_token, second.access_token])
      expect(await introspect(server, api, String(token))).toEqual({ active: false });
    await expectRefused(byAccess(accessToken), 'invalid_request');
    await expectRefused(byId(idToken), 'invalid_request');
  });

  test('ZITADEL dialect: an impersonator acts as a user by id; act and the event name both', async () => {
    const { server, ada, api, shop } = world;
    const form = { ...named(ada.id), ...actedBy(await machineToken(helper)) };
    const { status, body } = await exchange({ ...form, requested_token_type: type('jwt') });
    expect(status).toBe(200);
    const act = { iss: server.issuer, sub: helper.id };
    expect(payloadOf(String(body.access_token))).toMatchObject({ sub: ada.id, act });
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({
      active: true,
      sub: ada.id,
      act,
      'urn:zitadel:iam:org:project:roles': { editor: { [shop.organizationId]: 'localhost' } },
    });
    const id = await exchange({ ...form, requested_token_type: type('id_token') });
    expect(payloadOf(String(id.body.access_token))).toMatchObject({ sub: ada.id, act });
    const events = (await eventsOf(ada.id)).filter((one) => one.type === 'user.impersonated');
    expect(events).toHaveLength(2);
    expect(events[0]?.detail).toMatchObject({
      userId: ada.id,
      actorId: helper.id,
      clientId: broker.clientId,
    });
  });

  test('RFC 8693 §1.1: with the user’s own token the actor is named beside them, and later actors around it', async () => {
    const { server, spa, ada } = world;
    const { accessToken } = await tokensFor(server, spa, ada);
    const second = await seedMachine(server);
    await seedManager(server, second.id, 'IAM_END_USER_IMPERSONATOR');
    const once = await exchange({ ...byAccess(accessToken), ...actedBy(await machineToken(helper)) });
    const onceToken = String(once.body.access_token);
    const twice = await exchange({
      ...byAccess(onceToken),
      ...actedBy(await machineToken(second)),
      requested_token_type: type('jwt'),
    });
    const iss = server.issuer;
    expect(payloadOf(String(twice.body.access_token)).act).toEqual({
      iss,
      sub: second.id,
      act: { iss, sub: helper.id },
    });
    const kept = await exchange({ ...byAccess(onceToken), requested_token_type: type('jwt') });
    expect(payloadOf(String(kept.body.access_token)).act).toEqual({ iss, sub: helper.id });
  });

  test('ZITADEL dialect: a user may be named by a JWT that the application signed', async () => {
    const { server, shop, ada } = world;
    const app = await seedApplication(server, shop, {
      type: 'web',
      authMethod: 'private_key_jwt',
      grantTypes: [grantType],
    });
    const { keyFile } = app;
    if (keyFile === undefined) throw new Error('no key file');
    const options = () => ({ audience: server.issuer, nowSeconds: Math.floor(server.clock.now() / 1000) });
    const actor = actedBy(await machineToken(helper));
    const send = (subject_token: string) => {
      const form = {
        grant_type: grantType,
        ...{ subject_token, subject_token_type: type('jwt'), requested_token_type: type('jwt') },
        ...actor,
        client_assertion: signAssertion(keyFile, options()),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      };
      return call(server, '/oauth/v2/token', { form });
    };
    const jwt = (claims: Readonly<Record<string, unknown>> = {}) =>
      signAssertion(keyFile, { ...options(), claims: { sub: ada.id, ...claims } });
    const { body } = await send(jwt());
    expect(payloadOf(String(body.access_token))).toMatchObject({ sub: ada.id, act: { sub: helper.id } });
    const wrong = [
      jwt({ iss: 'somebody' }),
      jwt({ aud: 'https://elsewhere.example.com' }),
      jwt({ aud: [server.issuer, 'https://elsewhere.example.com'] }),
      jwt({ exp: options().nowSeconds - 60 }),
      jwt({ sub: '404' }),
      jwt({ sub: 7 }),
      `${jwt().slice(0, -4)}AAAA`,
      'nonsense',
    ];
    for (const text of wrong) expect((await send(text)).body.error).toBe('invalid_request');
  });

  test('ZITADEL dialect: whose role does not reach the user does not act as them', async () => {
    const { server, ada } = world;
    const [plain, local, foreign] = [
      await seedMachine(server),
      await seedMachine(server),
      await seedOrganization(server),
    ];
    await seedManager(server, local.id, 'ORG_END_USER_IMPERSONATOR');
    const stranger = await seedUser(server, { organizationId: foreign.id });
    const manager = await seedUser(server);
    await seedManager(server, manager.id, 'ORG_OWNER');
    const attempt = async (user: SeededUser, robot: SeededMachine) => {
      const { status, body } = await exchange({ ...named(user.id), ...actedBy(await machineToken(robot)) });
      return status === 200 ? 'issued' : body.error;
    };
    expect(await attempt(ada, plain)).toBe('access_denied');
    expect(await attempt(ada, local)).toBe('issued');
    expect(await attempt(stranger, local)).toBe('access_denied');
    expect(await attempt(manager, local)).toBe('access_denied');
    expect(await attempt(manager, helper)).toBe('issued');
    await expectRefused(named(ada.id), 'invalid_request');
  });

  test('ZITADEL dialect: with impersonation switched off nobody acts as anybody', async () => {
    const { server, ada } = world;
    const form = { ...named(ada.id), ...actedBy(await machineToken(helper)) };
    const set = (isImpersonationEnabled: boolean) =>
      changeAsOperator(server, (change) => updateInstanceSettings(change, { isImpersonationEnabled }));
    const answer = async () => (await exchange(form)).body.error ?? 'issued';
    await set(false);
    await expect.poll(answer, { interval: 10, timeout: 5000 }).toBe('access_denied');
    await set(true);
    await expect.poll(answer, { interval: 10, timeout: 5000 }).toBe('issued');
  });

  test('what a locked or removed actor began is dead, and a locked user is not acted for', async () => {
    const { server, api, shop } = world;
    const robot = await seedMachine(server);
    await seedManager(server, robot.id, 'IAM_END_USER_IMPERSONATOR');
    const user = await seedUser(server);
    await seedAuthorization(server, { userId: user.id, project: shop });
    const actor = actedBy(await machineToken(robot));
    const { body } = await exchange({ ...named(user.id), ...actor });
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({ active: true });
    await setState(server, 'user', robot.id, 'locked');
    expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
    await expectRefused({ ...named(user.id), ...actor }, 'invalid_request');
    await setState(server, 'user', user.id, 'locked');
    await expectRefused({ ...named(user.id), ...actedBy(await machineToken(helper)) }, 'invalid_grant');
    await expectRefused({ ...named('404'), ...actedBy(await machineToken(helper)) }, 'invalid_request');
  });

  test('a person who acts as another: the token ends with the session of the one who acts', async () => {
    const { server, spa, ada, api } = world;
    const support = await seedUser(server);
    await seedManager(server, support.id, 'IAM_ADMIN_IMPERSONATOR');
    const tokens = await tokensFor(server, spa, support);
    const { body } = await exchange({ ...named(ada.id), ...actedBy(tokens.accessToken) });
    expect(body).not.toHaveProperty('id_token');
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({ sub: ada.id });
    await tokens.signedIn.agent.open(`/oidc/v1/end_session?id_token_hint=${tokens.idToken}`);
    expect(await introspect(server, api, String(body.access_token))).toEqual({ active: false });
  });

  test('RFC 9449 §7: a bound token is exchanged with a proof of its key only, for one bound to it', async () => {
    const { server, shop, robot } = world;
    const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
    const jwk = await jose.exportJWK(publicKey);
    const proof = (key: CryptoKey, header: jose.JWK): Promise<string> =>
      new jose.SignJWT({ htm: 'POST', htu: `${server.issuer}/oauth/v2/token`, jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: header })
        .setIssuedAt(Math.floor(server.clock.now() / 1000))
        .sign(key);
    const ask = async (
      form: Readonly<Record<string, string>>,
      by: SeededApplication | SeededMachine,
      dpop: string,
    ) => call(server, '/oauth/v2/token', { form, headers: { ...basicOf(by), dpop } });
    const bound = await ask(
      { grant_type: 'client_credentials', scope: `openid ${audienceScope(shop)}` },
      robot,
      await proof(privateKey, jwk),
    );
    expect(bound.body.token_type).toBe('DPoP');
    const form = { grant_type: grantType, ...byAccess(String(bound.body.access_token)) };
    await expectRefused(form, 'invalid_request');
    const other = await jose.generateKeyPair('ES256');
    const stolen = await ask(
      form,
      broker,
      await proof(other.privateKey, await jose.exportJWK(other.publicKey)),
    );
    expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_request']);
    const { body } = await ask(form, broker, await proof(privateKey, jwk));
    expect(body.token_type).toBe('DPoP');
    expect(await introspect(server, world.api, String(body.access_token))).toMatchObject({
      cnf: { jkt: await jose.calculateJwkThumbprint(jwk) },
    });
  });

  test('ZITADEL dialect: a personal access token serves as actor token', async () => {
    const { server, ada } = world;
    const { token } = await seedPersonalAccessToken(server, helper.id);
    const { status, body } = await exchange({ ...named(ada.id), ...actedBy(token) });
    expect([status, body.expires_in]).toEqual([200, 900]);
  });
});
