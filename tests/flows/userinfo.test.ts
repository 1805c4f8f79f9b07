import { seedApplication, seedProject, setState } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, discover, engines, redeem, signIn, tokensFor } from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

const path = '/oidc/v1/userinfo';

describe.each(engines)('userinfo on $engine', ({ engine }) => {
  let world: ShopWorld;
  let accessToken: string;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    ({ accessToken } = await tokensFor(world.server, world.spa, world.ada));
  });
  afterAll(() => world?.stop());

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test('RFC 6750 §2: the token is taken from the header of a GET, of a POST, and from the form of a POST', async () => {
    const { server, ada } = world;
    const answers = await Promise.all([
      call(server, path, { headers: bearer(accessToken) }),
      call(server, path, { headers: { authorization: `bearer ${accessToken}` } }),
      call(server, path, { method: 'POST', headers: bearer(accessToken) }),
      call(server, path, { form: { access_token: accessToken } }),
      call(server, path, {
        form: { access_token: accessToken },
        headers: { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' },
      }),
    ]);
    for (const { status, body, headers } of answers) {
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toMatchObject({
        sub: ada.id,
        email: ada.loginName,
        name: 'Ada Lovelace',
        email_verified: true,
      });
    }
  });

  test('OpenID Connect Core §5.4: scopes decide what is told', async () => {
    const { server, spa, ada } = world;
    const told = async (scope: string): Promise<readonly string[]> => {
      const tokens = await tokensFor(server, spa, ada, scope);
      return Object.keys((await call(server, path, { headers: bearer(tokens.accessToken) })).body).sort();
    };
    expect(await told('openid')).toEqual(['sub']);
    expect(await told('openid email')).toEqual(['email', 'email_verified', 'sub']);
    expect(await told('openid phone address')).toEqual(['sub']);
    const profile = [
      'family_name',
      'given_name',
      'locale',
      'name',
      'preferred_username',
      'sub',
      'updated_at',
    ];
    expect(await told('openid profile')).toEqual(profile);
  });

  test('ZITADEL dialect: roles are told when asked for; of other projects only by audience and projects:roles', async () => {
    const { server, spa, ada, shop, ledger } = world;
    const told = async (scope: string) => {
      const tokens = await tokensFor(server, spa, ada, scope);
      return (await call(server, path, { headers: bearer(tokens.accessToken) })).body;
    };
    const rolesOf = (id: string): readonly string[] => [`urn:zitadel:iam:org:project:${id}:roles`];
    expect(await told('openid')).not.toHaveProperty(['urn:zitadel:iam:org:project:roles']);
    const own = await told('openid urn:zitadel:iam:org:project:role:reader');
    expect(own).toHaveProperty(['urn:zitadel:iam:org:project:roles', 'reader', server.organizationId]);
    expect(own).not.toHaveProperty([...rolesOf(ledger.id)]);
    const all = await told(`openid urn:zitadel:iam:org:projects:roles ${audienceScope(ledger)}`);
    expect(all).toHaveProperty([...rolesOf(ledger.id), 'auditor']);
    expect(all).toHaveProperty([...rolesOf(shop.id), 'editor']);
  });

  test('ZITADEL dialect: project role assertion alone tells no roles of other projects', async () => {
    const { server, ada, ledger } = world;
    const project = await seedProject(server, { roleAssertion: true });
    const app = await seedApplication(server, project, { type: 'user_agent' });
    const tokens = await tokensFor(server, app, ada, `openid ${audienceScope(ledger)}`);
    const { body } = await call(server, path, { headers: bearer(tokens.accessToken) });
    expect(body).toEqual({ sub: ada.id });
  });

  test('RFC 6750 §3.1: each refusal has its status, code and challenge', async () => {
    const { server, spa, ada, robot } = world;
    const { refreshToken, idToken } = await tokensFor(server, spa, ada);
    const machine = await call(server, '/oauth/v2/token', {
      form: { grant_type: 'client_credentials', scope: 'profile' },
      headers: basicOf(robot),
    });
    const form = { access_token: accessToken };
    const rows: readonly (readonly [string, Parameters<typeof call>[2], number, string, RegExp])[] = [
      ['nothing', {}, 401, 'invalid_request', /^Bearer realm="Latchkey"$/],
      ['a refresh token', { headers: bearer(refreshToken) }, 401, 'invalid_token', /error="invalid_token"/],
      ['an ID token', { headers: bearer(idToken) }, 401, 'invalid_token', /error="invalid_token"/],
      ['nonsense', { headers: bearer('nonsense') }, 401, 'invalid_token', /error="invalid_token"/],
      [
        'no openid',
        { headers: bearer(String(machine.body.access_token)) },
        403,
        'insufficient_scope',
        /scope="openid"/,
      ],
      ['Basic', { headers: basicOf(robot) }, 400, 'invalid_request', /error="invalid_request"/],
      [
        'a bare word',
        { headers: { authorization: 'Bearer' } },
        400,
        'invalid_request',
        /error="invalid_request"/,
      ],
      ['two words', { headers: bearer('a b') }, 400, 'invalid_request', /error="invalid_request"/],
      ['two ways', { form, headers: bearer(accessToken) }, 400, 'invalid_request', /error="invalid_request"/],
      [
        'twice',
        { form: `access_token=${accessToken}&access_token=x` },
        400,
        'invalid_request',
        /invalid_request/,
      ],
    ];
    for (const [name, options, status, error, challenge] of rows) {
      const answer = await call(server, path, options);
      expect([answer.status, answer.body.error], name).toEqual([status, error]);
      expect(answer.headers.get('www-authenticate'), name).toMatch(challenge);
    }
    // RFC 6750 §2.3: a token in the query is never looked at.
    expect((await call(server, `${path}?access_token=${accessToken}`)).status).toBe(401);
  });

  test('OpenID Connect Core §5.5: claims asked for by name are told whatever the scopes', async () => {
    const { server, spa, ada } = world;
    const claims = JSON.stringify({
      userinfo: { email: { essential: true }, given_name: null, unknown: null },
    });
    const config = await discover(server, spa);
    const signedIn = await signIn(server, spa, ada, { params: { scope: 'openid', claims } });
    const { access_token: token } = await redeem(config, signedIn);
    const { body } = await call(server, path, { headers: bearer(token) });
    expect(Object.keys(body).sort()).toEqual(['email', 'given_name', 'sub']);
  });

  test('a token dies with its user', async () => {
    const { server, ada } = world;
    await setState(server, 'user', ada.id, 'inactive');
    const answer = await call(server, path, { headers: bearer(accessToken) });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_token']);
  });
});
