import { createBrowserAgent, leftFor, pageOf, seedApplication } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basicOf, beginFlow, call, introspect, payloadOf, signIn } from './flow-world.ts';
import { redeemWalk, type SizeWorld, seedSizedProject, startSizeWorld, walk } from './size-world.ts';

const plainRoles = 'urn:zitadel:iam:org:project:roles';
const browser = { accept: 'text/html,application/xhtml+xml', 'accept-language': 'de' };

function noise(length: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
    .toString('base64url')
    .slice(0, length);
}

describe('requests that are long', () => {
  let world: SizeWorld;
  beforeAll(async () => {
    world = await startSizeWorld('pglite', {
      roles: 500,
      applications: 3,
      personRoles: 150,
      jwtRoles: 'told',
    });
  });
  afterAll(() => world?.stop());

  test('RFC 6749 §4.1.2: a state of 8 kB comes back whole from a sign-in', async () => {
    const state = noise(8192);
    const { callback } = await walk(world, world.opaque, { state });
    expect(callback.searchParams.get('state')).toBe(state);
    expect(callback.href.length - state.length).toBeLessThan(1000);
  });

  test('RFC 9126 §2: a long request that is pushed signs in, with parameters nobody reads left out', async () => {
    const { server, opaque } = world;
    const state = noise(8000);
    const claims = JSON.stringify({
      userinfo: Object.fromEntries(Array.from({ length: 40 }, () => [noise(40), null])),
    });
    const flow = await beginFlow(server, opaque, { state, claims, extension: 'x'.repeat(30_000) });
    const form = Object.fromEntries(flow.url.searchParams);
    const pushed = await call(server, '/oauth/v2/par', { form, headers: basicOf(opaque) });
    const reference = String(pushed.body.request_uri);
    const { agent } = await signIn(server, opaque, world.ada);
    const query = new URLSearchParams({ client_id: opaque.clientId, request_uri: reference });
    const left = leftFor(await agent.open(`/oauth/v2/authorize?${query}`));
    expect(left.url.searchParams.get('state')).toBe(state);
  });

  async function longHint(): Promise<string> {
    const { server, opaque } = world;
    const application = await seedApplication(server, opaque.project, {
      type: 'web',
      idTokenRoleAssertion: true,
    });
    const walked = await walk(world, application, { scope: 'openid' });
    const { id_token: hint = '' } = await redeemWalk(server, application, walked);
    expect(hint.length).toBeGreaterThan(16_384);
    return hint;
  }

  test('OpenID Connect Core §3.1.2.1: a long id_token_hint is read, and not carried on', async () => {
    const { server, opaque } = world;
    const hint = await longHint();
    const flow = await beginFlow(server, opaque, { id_token_hint: hint });
    const { url } = pageOf(await createBrowserAgent(server).open(flow.url));
    expect(url.href.length).toBeLessThan(1500);
    const form = Object.fromEntries(flow.url.searchParams);
    const pushed = await call(server, '/oauth/v2/par', { form, headers: basicOf(opaque) });
    expect(String(pushed.body.request_uri).length).toBeLessThan(1500);
    // The hint counts: nobody of this browser is the person it names.
    const silent = { ...form, prompt: 'none' };
    const again = await call(server, '/oauth/v2/par', { form: silent, headers: basicOf(opaque) });
    const query = { client_id: opaque.clientId, request_uri: String(again.body.request_uri) };
    const left = await createBrowserAgent(server).open(`/oauth/v2/authorize?${new URLSearchParams(query)}`);
    expect(leftFor(left).url.searchParams.get('error')).toBe('login_required');
  });

  test('RP-Initiated Logout 1.0 §2: a long id_token_hint is taken by GET and by POST', async () => {
    const { server } = world;
    const hint = await longHint();
    const byGet = await server.fetch(`/oidc/v1/end_session?id_token_hint=${hint}`, { headers: browser });
    expect([200, 302]).toContain(byGet.status);
    const byPost = await server.fetch('/oidc/v1/end_session', {
      method: 'POST',
      headers: browser,
      body: new URLSearchParams({ id_token_hint: hint }),
    });
    expect(byPost.status).toBe(303);
    const location = byPost.headers.get('location') ?? '';
    expect(location.length).toBeLessThan(500);
    const { pathname, search } = new URL(location);
    expect([200, 302]).toContain((await server.fetch(pathname + search, { headers: browser })).status);
  });

  test.each([
    ['a page', browser, /<html lang="de"/],
    ['JSON', { accept: 'application/json' }, /"error":"invalid_request"/],
  ])('RFC 9110 §15.5.15: an address beyond the limit is answered with %s', async (_, headers, said) => {
    const answer = await world.server.fetch(`/oidc/v1/end_session?id_token_hint=${noise(40_000)}`, {
      headers,
    });
    expect(answer.status).toBe(414);
    expect(await answer.text()).toMatch(said);
  });

  test('a token that roles would make too long leaves them out and says where they are', async () => {
    const { server, ada } = world;
    const estate = { roles: 500, applications: 3, personRoles: 500, jwtRoles: 'told' } as const;
    const { jwt, api } = await seedSizedProject(server, ada, estate);
    const { access_token: token = '' } = await redeemWalk(server, jwt, await walk(world, jwt));
    const payload = payloadOf(token);
    expect(payload).not.toHaveProperty([plainRoles]);
    expect(payload._claim_names).toHaveProperty([plainRoles], 'userinfo');
    expect(payload._claim_sources).toEqual({ userinfo: { endpoint: `${server.issuer}/oidc/v1/userinfo` } });
    const told = await introspect(server, api, token);
    expect(Object.keys(Object(told[plainRoles]))).toHaveLength(500);
  });
});
