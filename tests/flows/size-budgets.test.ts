import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, call, introspect, payloadOf } from './flow-world.ts';
import { redeemWalk, roleKeyOf, type SizeWorld, startSizeWorld, walk } from './size-world.ts';

const plainRoles = 'urn:zitadel:iam:org:project:roles';
const mark = 'urn:latchkey:project:roles';
const tenRoles = Array.from({ length: 10 }, (_, index) => roleKeyOf(index));

describe('a project of 500 roles and 300 applications, a person with 10 roles', () => {
  let world: SizeWorld;
  beforeAll(async () => {
    world = await startSizeWorld('pglite', { roles: 500, applications: 300, personRoles: 10 });
  });
  afterAll(() => world?.stop());

  test.each(['opaque', 'jwt'] as const)(
    'addresses, codes and tokens stay within their budgets (%s access tokens)',
    async (kind) => {
      const { server } = world;
      const application = world[kind];
      const walked = await walk(world, application);
      const tokens = await redeemWalk(server, application, walked);
      const sizes = {
        loginAddress: walked.loginAddress.length,
        callback: walked.callback.href.length - walked.state.length,
        code: walked.callback.searchParams.get('code')?.length ?? 0,
        accessToken: tokens.access_token?.length ?? 0,
        refreshToken: tokens.refresh_token?.length ?? 0,
        idToken: tokens.id_token?.length ?? 0,
      };
      const budgets: Readonly<Record<string, number>> = {
        loginAddress: 1500,
        callback: 1000,
        code: 600,
        accessToken: kind === 'opaque' ? 600 : 2500,
        refreshToken: 600,
        idToken: 2500,
      };
      for (const [name, size] of Object.entries(sizes)) {
        expect(size, name).toBeGreaterThan(0);
        expect(size, name).toBeLessThanOrEqual(budgets[name] ?? 0);
      }
    },
  );

  test.each(['opaque', 'jwt'] as const)(
    'the whole flow works: introspection, userinfo, refresh, exchange, sign-out (%s access tokens)',
    async (kind) => {
      const { server, api, ada } = world;
      const application = world[kind];
      const tokens = await redeemWalk(server, application, await walk(world, application));
      const {
        access_token: accessToken = '',
        refresh_token: refreshToken = '',
        id_token: hint = '',
      } = tokens;
      const told = await introspect(server, api, accessToken);
      expect(told).toMatchObject({ active: true, sub: ada.id, email: ada.loginName });
      expect(Object.keys(Object(told[plainRoles]))).toEqual(tenRoles);
      // ZITADEL dialect: every application of the project is in the audience.
      expect(told.aud).toHaveLength(301);
      const headers = { authorization: `Bearer ${accessToken}` };
      const { body } = await call(server, '/oidc/v1/userinfo', { headers });
      expect(Object.keys(Object(body[plainRoles]))).toEqual(tenRoles);
      const refreshed = await call(server, '/oauth/v2/token', {
        form: { grant_type: 'refresh_token', refresh_token: refreshToken, scope: tokens.scope ?? '' },
        headers: basicOf(application),
      });
      expect(refreshed.body).toMatchObject({ scope: tokens.scope });
      const exchanged = await call(server, '/oauth/v2/token', {
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: String(refreshed.body.access_token),
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        },
        headers: basicOf(application),
      });
      expect(exchanged.status).toBe(200);
      const again = await introspect(server, api, String(exchanged.body.access_token));
      expect(Object.keys(Object(again[plainRoles]))).toEqual(tenRoles);
      const signOut = `/oidc/v1/end_session?${new URLSearchParams({ id_token_hint: hint })}`;
      expect((await server.fetch(signOut)).status).toBe(302);
    },
  );

  test('a JWT names the client, the project and the oldest APIs, and leaves roles to its scope', async () => {
    const { server, jwt, api } = world;
    const tokens = await redeemWalk(server, jwt, await walk(world, jwt));
    const { aud, scope } = payloadOf(tokens.access_token ?? '');
    expect(aud).toEqual(expect.arrayContaining([jwt.clientId, api.clientId, jwt.project.id]));
    expect(Object(aud).length).toBeLessThanOrEqual(22);
    expect(String(scope).split(' ')).toContain(mark);
  });

  test('who was granted every role may ask for some of them, and keeps no more', async () => {
    const { server, opaque } = world;
    const tokens = await redeemWalk(server, opaque, await walk(world, opaque));
    const refresh = async (scope: string) =>
      await call(server, '/oauth/v2/token', {
        form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '', scope },
        headers: basicOf(opaque),
      });
    const one = `openid urn:zitadel:iam:org:project:role:${roleKeyOf(499)}`;
    expect((await refresh(one)).body.scope).toBe(one);
    const foreign = 'openid urn:zitadel:iam:org:project:id:1:aud';
    expect((await refresh(foreign)).body.error).toBe('invalid_scope');
  });
});
