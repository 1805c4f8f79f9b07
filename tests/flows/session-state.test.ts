import { createHash } from 'node:crypto';
import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededUser,
  seedApplication,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, engines, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

/** What the frame would say, as Session Management 1.0 §3.2 has it computed. */
function hashFor(clientId: string, origin: string, state: string, salt: string): string {
  return createHash('sha256').update(`${clientId} ${origin} ${state} ${salt}`).digest('hex');
}

describe.each(engines)('session state on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  function stateOf(agent: BrowserAgent): string {
    return agent.cookies.get('latchkey_state') ?? '';
  }

  async function sessionStateFrom(agent: BrowserAgent, params: Readonly<Record<string, string>> = {}) {
    const { url } = leftFor(await agent.open((await beginFlow(world.server, world.spa, params)).url));
    return url.searchParams.get('session_state') ?? '';
  }

  function expectUnchanged(sessionState: string, agent: BrowserAgent): void {
    const [hash, salt = ''] = sessionState.split('.');
    expect(hash).toBe(hashFor(world.spa.clientId, 'https://spa.example.com', stateOf(agent), salt));
  }

  test('Session Management §2: a sign-in’s answer carries session_state, which agrees with the cookie the frame reads', async () => {
    const { server, spa, ada } = world;
    const { agent, callback } = await signIn(server, spa, ada);
    expectUnchanged(callback.searchParams.get('session_state') ?? '', agent);
    expectUnchanged(await sessionStateFrom(agent), agent);
    expectUnchanged(await sessionStateFrom(agent, { prompt: 'none' }), agent);
  });

  test('Session Management §2: session_state is in success responses alone', async () => {
    const { server, spa } = world;
    const silent = await beginFlow(server, spa, { prompt: 'none' });
    const { url } = leftFor(await createBrowserAgent(server).open(silent.url));
    expect(url.searchParams.get('error')).toBe('login_required');
    expect(url.searchParams.has('session_state')).toBe(false);
  });

  test('the state changes with each sign-in of somebody else and each sign-out, and not by giving a password again', async () => {
    const { server, spa, ada } = world;
    const grace: SeededUser = await seedUser(server);
    const { agent } = await signIn(server, spa, ada);
    const states = [stateOf(agent)];
    const again = await agent.open((await beginFlow(server, spa, { prompt: 'login' })).url);
    leftFor(await completeSignIn(agent, again, ada));
    expect(stateOf(agent)).toBe(states[0]);
    const chosen = pageOf(await agent.open((await beginFlow(server, spa, { prompt: 'select_account' })).url));
    leftFor(await completeSignIn(agent, await agent.click(chosen, 'other-account'), grace));
    states.push(stateOf(agent));
    const confirm = pageOf(await agent.open(`/oidc/v1/end_session?logout_hint=${grace.id}`));
    await agent.submit(confirm, {}, { buttonId: 'submit' });
    expect(stateOf(agent)).toBe(states[0]);
    const last = pageOf(await agent.open('/oidc/v1/end_session'));
    await agent.submit(last, {}, { buttonId: 'submit' });
    expect(agent.cookies.get('latchkey_state')).toBeUndefined();
    expect((await signIn(server, spa, ada, { agent })).callback.searchParams.has('session_state')).toBe(true);
    states.push(stateOf(agent));
    expect(new Set(states).size).toBe(3);
  });

  test('a browser that lost the cookie gets it back with the next answer', async () => {
    const { server, spa, ada } = world;
    const { agent } = await signIn(server, spa, ada);
    const before = stateOf(agent);
    agent.cookies.set('latchkey_state', 'old');
    const sessionState = await sessionStateFrom(agent);
    expect(stateOf(agent)).toBe(before);
    expectUnchanged(sessionState, agent);
  });

  test('no two answers share a session_state, none tells the cookie, and the cookie tells no session', async () => {
    const { server, spa, ada } = world;
    const { agent, callback } = await signIn(server, spa, ada);
    const all = [callback.searchParams.get('session_state'), await sessionStateFrom(agent)];
    expect(new Set(all.map((one) => one?.split('.')[0])).size).toBe(2);
    expect(new Set(all.map((one) => one?.split('.')[1])).size).toBe(2);
    expect(callback.href).not.toContain(stateOf(agent));
    const [id = '', secret = ''] = agent.cookies.get('latchkey_sessions')?.split('.') ?? [];
    expect(stateOf(agent)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const told of [id, secret, createHash('sha256').update(id).digest('base64url')])
      expect(stateOf(agent)).not.toContain(told);
  });

  test('an answer to an address without an origin has no session_state', async () => {
    const { server, shop, ada } = world;
    const app = await seedApplication(server, shop, {
      type: 'native',
      redirectUris: ['com.example.app:/callback'],
    });
    const { callback } = await signIn(server, app, ada);
    expect(callback.searchParams.has('code')).toBe(true);
    expect(callback.searchParams.has('session_state')).toBe(false);
  });

  test('a sign-in sets three cookies in three headers: two only the server reads, one for the frame’s script', async () => {
    const { server, spa, ada } = world;
    const agent = createBrowserAgent(server);
    const name = pageOf(await agent.open((await beginFlow(server, spa)).url));
    const password = pageOf(await agent.submit(name, { loginName: ada.loginName }));
    const response = await server.fetch('/login/password', {
      body: new URLSearchParams({ ...password.forms[0]?.fields, password: ada.password }),
      headers: { cookie: agent.cookies.header(), origin: server.issuer },
    });
    const [sessions = '', state = '', known = '', ...others] = response.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(sessions).toMatch(
      /^latchkey_sessions=\d+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
    );
    expect(state).toMatch(/^latchkey_state=[\w-]{43}; Path=\/; SameSite=Lax; Max-Age=\d+$/);
    expect(known).toMatch(/^latchkey_known=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=15552000$/);
  });

  test('Session Management §3.3: the frame’s page may be framed by any site, holds nothing to click and one script', async () => {
    const { server } = world;
    const response = await server.fetch('/oidc/v1/check_session');
    const html = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(response.status).toBe(200);
    expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[^']+'; .*frame-ancestors \*$/);
    expect(response.headers.has('x-frame-options')).toBe(false);
    expect(html.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonce}">`]);
    expect(html).not.toMatch(/<(a|button|form|input|iframe)\b/);
    expect((await server.fetch('/oidc/v1/check_session', { method: 'POST' })).status).toBe(405);
  });

  test('OpenID Connect logout specifications: back-channel and front-channel support are announced with sid, and so is the frame', async () => {
    const { server } = world;
    const response = await server.fetch('/.well-known/openid-configuration');
    const discovery: unknown = JSON.parse(await response.text());
    expect(discovery).toMatchObject({
      check_session_iframe: `${server.issuer}/oidc/v1/check_session`,
      end_session_endpoint: `${server.issuer}/oidc/v1/end_session`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    });
  });
});
