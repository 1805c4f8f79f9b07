import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedOrganization,
  seedProject,
  seedUser,
  setState,
} from '@latchkey/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, discover, engines, payloadOf, redeem, signIn, tokensFor } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('who is signed in, and who is asked, on $engine', ({ engine }) => {
  let world: ShopWorld;
  let grace: SeededUser;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    grace = await seedUser(world.server, { displayName: 'Grace Hopper' });
  });
  afterAll(() => world?.stop());

  type Params = Readonly<Record<string, string>>;

  async function open(agent: BrowserAgent, params: Params = {}) {
    const flow = await beginFlow(world.server, world.spa, params);
    return { flow, stop: await agent.open(flow.url) };
  }

  async function errorOf(agent: BrowserAgent, params: Params): Promise<string | null> {
    const { flow, stop } = await open(agent, params);
    const { url } = leftFor(stop);
    expect(url.searchParams.get('state')).toBe(flow.state);
    expect(url.searchParams.get('iss')).toBe(world.server.issuer);
    expect(url.searchParams.has('code')).toBe(false);
    return url.searchParams.get('error');
  }

  async function subjectOf(agent: BrowserAgent, params: Params): Promise<string | undefined> {
    const { flow, stop } = await open(agent, params);
    const config = await discover(world.server, world.spa);
    return (await redeem(config, { flow, callback: leftFor(stop).url })).claims()?.sub;
  }

  async function browserOf(...users: readonly SeededUser[]): Promise<BrowserAgent> {
    const agent = createBrowserAgent(world.server);
    for (const user of users) {
      const { stop } = await open(agent, { prompt: 'login' });
      let page = stop;
      if (page.kind === 'page' && page.page.name === 'password')
        page = await agent.click(page.page, 'other-account');
      leftFor(await completeSignIn(agent, page, user));
    }
    return agent;
  }

  test('OpenID Connect Core §3.1.2.1: prompt=none is login_required for a stranger and a code for who is signed in', async () => {
    const { server, ada } = world;
    expect(await errorOf(createBrowserAgent(server), { prompt: 'none' })).toBe('login_required');
    expect(await subjectOf(await browserOf(ada), { prompt: 'none' })).toBe(ada.id);
  });

  test('OpenID Connect Core §3.1.2.1: prompt=none with a hint of somebody else is login_required', async () => {
    const { server, spa, ada } = world;
    const agent = await browserOf(ada);
    const { idToken } = await tokensFor(server, spa, grace);
    expect(await errorOf(agent, { prompt: 'none', id_token_hint: idToken })).toBe('login_required');
    const own = await tokensFor(server, spa, ada);
    expect(await subjectOf(agent, { prompt: 'none', id_token_hint: own.idToken })).toBe(ada.id);
    expect(await subjectOf(agent, { prompt: 'none', id_token_hint: 'not a token' })).toBe(ada.id);
  });

  test('OpenID Connect Core §3.1.2.1: prompt=login asks for the password again and moves auth_time', async () => {
    const { server, ada, spa } = world;
    const config = await discover(server, spa);
    const first = await signIn(server, spa, ada);
    const before = payloadOf((await redeem(config, first)).id_token ?? '');
    server.clock.advance(5000);
    const { flow, stop } = await open(first.agent, { prompt: 'login' });
    expect(pageOf(stop).name).toBe('password');
    const left = leftFor(await completeSignIn(first.agent, stop, ada));
    const later = await discover(server, spa);
    const after = payloadOf((await redeem(later, { flow, callback: left.url })).id_token ?? '');
    expect(Number(after.auth_time) - Number(before.auth_time)).toBeGreaterThanOrEqual(5);
    expect(after.sid).toBe(before.sid);
  });

  test('OpenID Connect Core §3.1.2.1: max_age lets a fresh session through, asks an older one and fails it silently', async () => {
    const { server, ada, spa } = world;
    const agent = await browserOf(ada);
    expect(await subjectOf(agent, { max_age: '100' })).toBe(ada.id);
    server.clock.advance(101_000);
    expect(await errorOf(agent, { max_age: '100', prompt: 'none' })).toBe('login_required');
    const { flow, stop } = await open(agent, { max_age: '100' });
    const page = pageOf(stop);
    expect([page.name, page.html.includes(ada.loginName)]).toEqual(['password', true]);
    const { url } = leftFor(await completeSignIn(agent, stop, ada));
    await redeem(await discover(server, spa), { flow, callback: url }, { maxAge: 100 });
    expect(pageOf((await open(agent, { max_age: '0' })).stop).name).toBe('password');
  });

  test('OpenID Connect Core §3.1.2.1: login_hint fills the name in, and picks its session', async () => {
    const { ada } = world;
    const stranger = createBrowserAgent(world.server);
    const { stop } = await open(stranger, { login_hint: ada.loginName });
    expect(pageOf(stop).name).toBe('password');
    expect(leftFor(await completeSignIn(stranger, stop, ada)).url.searchParams.get('code')).not.toBeNull();
    const agent = await browserOf(ada, grace);
    expect(await subjectOf(agent, { login_hint: ada.loginName.toUpperCase() })).toBe(ada.id);
    expect(await subjectOf(agent, { login_hint: grace.loginName })).toBe(grace.id);
  });

  test('prompt=select_account and several accounts: the person chooses, or brings another one', async () => {
    const { ada, server, spa } = world;
    const agent = await browserOf(ada, grace);
    const { flow, stop } = await open(agent);
    const page = pageOf(stop);
    expect(page.name).toBe('accounts');
    expect(page.forms[0]?.buttons).toHaveLength(2);
    const choice = page.forms[0]?.buttons.find(({ text }) => text.includes(ada.loginName));
    const { url } = leftFor(await agent.submit(page, {}, { buttonId: choice?.id ?? '' }));
    expect((await redeem(await discover(server, spa), { flow, callback: url })).claims()?.sub).toBe(ada.id);
    const single = await browserOf(ada);
    const asked = pageOf((await open(single, { prompt: 'select_account' })).stop);
    expect(asked.name).toBe('accounts');
    expect(pageOf(await single.click(asked, 'other-account')).name).toBe('login-name');
  });

  test('a chosen account that is too old for max_age or prompt=login proves itself again', async () => {
    const { ada } = world;
    const agent = await browserOf(ada, grace);
    world.server.clock.advance(60_000);
    for (const params of [{ max_age: '30' }, { prompt: 'select_account login' }] as const) {
      const page = pageOf((await open(agent, { prompt: 'select_account', ...params })).stop);
      expect(page.name).toBe('accounts');
      expect(pageOf(await agent.submit(page, {}, { buttonId: 'account-1' })).name).toBe('password');
    }
  });

  test('an account chosen by a session id of another browser is not accepted', async () => {
    const { ada, server, spa } = world;
    const { sid } = payloadOf((await tokensFor(server, spa, ada)).idToken);
    const agent = await browserOf(grace);
    const page = pageOf((await open(agent, { prompt: 'select_account' })).stop);
    expect(pageOf(await agent.submit(page, { sessionId: String(sid) })).name).toBe('accounts');
  });

  test('the use of a session is noted at its sign-in, and of the session used last again after ten seconds', async () => {
    const { server, ada } = world;
    const { clock, store } = server;
    const user = await seedUser(server);
    const agent = await browserOf(user);
    const seen = async (): Promise<number> => {
      const rows = store.db.selectFrom('sessions').select('lastSeenAtMs').where('userId', '=', user.id);
      return (await rows.executeTakeFirstOrThrow()).lastSeenAtMs;
    };
    clock.pause();
    const first = await seen();
    clock.advance(first + 9000 - clock.now());
    await subjectOf(agent, { prompt: 'none' });
    expect(await seen()).toBe(first);
    clock.advance(1000);
    await subjectOf(agent, { prompt: 'none' });
    expect(await seen()).toBe(first + 10_000);
    const both = await browserOf(user, ada);
    clock.advance(5000);
    // Not the one used last: from now on it is.
    await subjectOf(both, { login_hint: user.loginName, prompt: 'none' });
    const { rows } = await sql<{ newest: number }>`select max(last_seen_at_ms) as newest from sessions
      where user_id = ${user.id}`.execute(store.db);
    expect(rows[0]?.newest).toBe(clock.now());
    clock.resume();
  });

  test('ui_locales chooses the language, the page’s links change it, Accept-Language is the fallback', async () => {
    const german = pageOf((await open(createBrowserAgent(world.server), { ui_locales: 'fr-CA de-AT' })).stop);
    expect([german.language, german.headers.get('content-language')]).toEqual(['de', 'de']);
    const agent = createBrowserAgent(world.server, { 'accept-language': 'de' });
    const byHeader = pageOf((await open(agent)).stop);
    expect(byHeader.language).toBe('de');
    const english = pageOf(await agent.click(byHeader, 'language-en'));
    expect([english.name, english.language]).toEqual(['login-name', 'en']);
    expect(pageOf(await agent.submit(english, { loginName: 'ada' })).language).toBe('en');
  });

  test('an ended, idle or expired session, or one of a locked user, does not count', async () => {
    const { server } = world;
    const user = await seedUser(server);
    const locked = await browserOf(user);
    await setState(server, 'user', user.id, 'locked');
    expect(await errorOf(locked, { prompt: 'none' })).toBe('login_required');
    await setState(server, 'user', user.id, 'active');
    expect(await errorOf(locked, { prompt: 'none' })).toBe('login_required');
    const idle = await browserOf(user);
    server.clock.advance(12 * 3_600_000 + 1000);
    expect(await errorOf(idle, { prompt: 'none' })).toBe('login_required');
  });

  test('ZITADEL dialect: an organization scope lets in its own people only, whichever way they come', async () => {
    const { server, ada, spa } = world;
    const partner = await seedOrganization(server);
    const pia = await seedUser(server, { organizationId: partner.id });
    const scope = `openid urn:zitadel:iam:org:id:${partner.id}`;
    const agent = await browserOf(ada);
    expect(await errorOf(agent, { scope, prompt: 'none' })).toBe('login_required');
    const { stop } = await open(agent, { scope });
    const refused = pageOf(await completeSignIn(agent, stop, ada));
    expect([refused.name, refused.status]).toEqual(['password', 403]);
    const { flow, callback } = await signIn(server, spa, pia, { params: { scope } });
    const tokens = await redeem(await discover(server, spa), { flow, callback });
    expect(tokens.claims()).toMatchObject({ sub: pia.id, 'urn:zitadel:iam:org:id': partner.id });
  });

  test('ZITADEL dialect: a domain scope lets in the people of that organization only', async () => {
    const { server, ada, spa } = world;
    const partner = await seedOrganization(server);
    const pia = await seedUser(server, { organizationId: partner.id });
    const scope = `openid urn:zitadel:iam:org:domain:primary:${partner.primaryDomain}`;
    const agent = await browserOf(ada);
    expect(await errorOf(agent, { scope, prompt: 'none' })).toBe('login_required');
    const { stop } = await open(agent, { scope });
    const refused = pageOf(await completeSignIn(agent, stop, ada));
    expect([refused.name, refused.status]).toEqual(['password', 403]);
    const { flow, callback } = await signIn(server, spa, pia, { params: { scope } });
    const tokens = await redeem(await discover(server, spa), { flow, callback });
    expect(tokens.claims()).toMatchObject({
      sub: pia.id,
      'urn:zitadel:iam:org:domain:primary': partner.primaryDomain,
    });
  });

  test('ZITADEL dialect: a project with role check answers access_denied to people without an authorization', async () => {
    const { server, ada } = world;
    const closed = await seedProject(server, { roleCheck: true, roleKeys: ['member'] });
    const app = await seedApplication(server, closed, { type: 'user_agent' });
    const flow = await beginFlow(server, app);
    const agent = createBrowserAgent(server);
    const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), ada));
    expect([url.searchParams.get('error'), url.searchParams.get('state')]).toEqual([
      'access_denied',
      flow.state,
    ]);
  });

  test('ZITADEL dialect: with project check people of other organizations need an authorization', async () => {
    const { server } = world;
    const partner = await seedOrganization(server);
    const pia = await seedUser(server, { organizationId: partner.id });
    const project = await seedProject(server, { hasProjectCheck: true, roleKeys: ['guest'] });
    const app = await seedApplication(server, project, { type: 'user_agent' });
    const answer = async (): Promise<URLSearchParams> =>
      (await signIn(server, app, pia)).callback.searchParams;
    expect((await answer()).get('error')).toBe('access_denied');
    await seedAuthorization(server, { userId: pia.id, project });
    await expect.poll(async () => (await answer()).has('code'), { timeout: 5000 }).toBe(true);
  });

  test('a browser remembers five accounts, the latest ones', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => seedUser(world.server)));
    const agent = await browserOf(...users);
    const page = pageOf((await open(agent)).stop);
    expect(page.forms[0]?.buttons).toHaveLength(5);
    expect(page.html).not.toContain(users[0]?.loginName);
  });
});
