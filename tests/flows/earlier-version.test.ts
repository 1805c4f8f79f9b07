import { packAccessToken, reservedScopes, unpackTokenId } from '@latchkey/protocol';
import { createBrowserAgent, leftFor, openInstance, pageOf } from '@latchkey/testkit';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, introspect, payloadOf } from './flow-world.ts';
import { redeemWalk, type SizeWorld, startSizeWorld, walk } from './size-world.ts';

type Instance = Awaited<ReturnType<typeof openInstance>>;

describe('what an earlier version issued', () => {
  let world: SizeWorld;
  let instance: Instance;
  beforeAll(async () => {
    world = await startSizeWorld('pglite', { roles: 40, applications: 5, personRoles: 2 });
    instance = await openInstance(world.server);
  });
  afterAll(() => world?.stop());

  /** A sealed text as an earlier version wrote it: not deflated. */
  function resealed(kind: 'code' | 'login-step', text: string): string {
    const payload = instance.sealer.open(kind, text);
    if (payload === undefined) throw new Error(`no ${kind}: ${text}`);
    return instance.sealer.seal(kind, payload);
  }

  test('a JWT whose jti holds all facts is active', async () => {
    const { server, jwt, api, ada } = world;
    const { access_token: now = '' } = await redeemWalk(server, jwt, await walk(world, jwt));
    const payload = payloadOf(now);
    const { alg, kid, typ } = decodeProtectedHeader(now);
    const facts = unpackTokenId(instance.sealer.open('token-id', String(payload.jti)) ?? '', payload, kid);
    const key = instance.signingKeys.find(({ keyId }) => keyId === kid);
    if (facts === undefined || key === undefined || alg === undefined) throw new Error('not a token of ours');
    const { isForWholeProject: _, ...earlier } = facts;
    const jti = instance.sealer.seal('token-id', packAccessToken(earlier));
    const header = { alg, ...(kid === undefined ? {} : { kid }), ...(typ === undefined ? {} : { typ }) };
    const token = await new SignJWT({ ...payload, jti }).setProtectedHeader(header).sign(key.privateKey);
    expect(await introspect(server, api, token)).toMatchObject({ active: true, sub: ada.id });
  });

  test('a sign-in and a code that are not deflated go on', async () => {
    const { server, opaque, ada } = world;
    const flow = await beginFlow(server, opaque, { scope: 'openid' });
    const agent = createBrowserAgent(server);
    const address = pageOf(await agent.open(flow.url)).url;
    address.searchParams.set('request', resealed('login-step', address.searchParams.get('request') ?? ''));
    const named = await agent.submit(pageOf(await agent.open(address)), { loginName: ada.loginName });
    const { url: callback } = leftFor(await agent.submit(pageOf(named), { password: ada.password }));
    callback.searchParams.set('code', resealed('code', callback.searchParams.get('code') ?? ''));
    const tokens = await redeemWalk(server, opaque, { callback, verifier: flow.verifier });
    expect(tokens.access_token).toMatch(/^lk_at_/);
  });

  test('a grant that lists each role of its project gives out tokens with one scope for them', async () => {
    const { server, jwt, roleKeys } = world;
    const { refresh_token: refreshToken = '' } = await redeemWalk(server, jwt, await walk(world, jwt));
    const scopes = ['openid', 'offline_access', ...roleKeys.map(reservedScopes.roleOf)];
    await server.store.db.updateTable('grants').set({ scopes }).execute();
    const { body } = await call(server, '/oauth/v2/token', {
      form: { grant_type: 'refresh_token', refresh_token: refreshToken },
      headers: basicOf(jwt),
    });
    expect(String(body.scope).split(' ')).toEqual(scopes);
    const told = `openid offline_access ${reservedScopes.everyRole}`;
    expect(payloadOf(String(body.access_token)).scope).toBe(told);
  });
});
