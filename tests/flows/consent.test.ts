import { findConsent, lockProject, removeConsent, updateProject } from '@latchkey/store';
import {
  type BrowserAgent,
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  basicOf,
  beginFlow,
  call,
  countRows,
  discover,
  engines,
  introspect,
  managementProjectIdOf,
  redeem,
  signIn,
} from './flow-world.ts';
import { audienceScope, type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('consent on $engine', ({ engine }) => {
  let world: ShopWorld;
  let partner: SeededApplication;
  let ada: SeededUser;
  let agent: BrowserAgent;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());
  beforeEach(async () => {
    const { server, shop } = world;
    ada = await seedUser(server, { displayName: 'Ada Lovelace' });
    agent = createBrowserAgent(server);
    partner = await seedApplication(server, shop, {
      type: 'web',
      name: 'Partner',
      isThirdParty: true,
      clientUri: 'https://partner.example/about',
      policyUri: 'https://partner.example/privacy',
      tosUri: 'http://partner.example/terms',
      logoUri: 'javascript:alert(1)',
    });
  });

  type Params = Readonly<Record<string, string>>;

  async function begin(params: Params = {}, application = partner) {
    const flow = await beginFlow(world.server, application, params);
    return { flow, stop: await completeSignIn(agent, await agent.open(flow.url), ada) };
  }

  async function consentPage(params: Params = {}, application = partner): Promise<HtmlPage> {
    const page = pageOf((await begin(params, application)).stop);
    expect(page.name).toBe('consent');
    return page;
  }

  function itemsOf(page: HtmlPage): readonly string[] {
    return [...page.html.matchAll(/data-item="([a-z-]+)"/g)].map(([, item = '']) => item);
  }

  async function remembered(): Promise<readonly string[] | undefined> {
    const { store, instanceId } = world.server;
    return await findConsent(store.db, { instanceId }, { userId: ada.id, applicationId: partner.id });
  }

  async function allow(params: Params = {}): Promise<void> {
    leftFor(await agent.submit(await consentPage(params), {}, { buttonId: 'submit' }));
  }

  test('OpenID Connect Core §3.1.2.4: an application of somebody else gets a code only after the person said yes', async () => {
    const { server } = world;
    const { flow, stop } = await begin();
    const page = pageOf(stop);
    expect([page.name, page.status]).toEqual(['consent', 200]);
    expect(itemsOf(page)).toEqual(['identity', 'profile', 'email']);
    expect(page.html).toContain('Partner');
    expect(page.html).toContain('Ada Lovelace');
    expect(await remembered()).toBeUndefined();
    const { url } = leftFor(await agent.submit(page, {}, { buttonId: 'submit' }));
    const tokens = await redeem(await discover(server, partner), { flow, callback: url });
    expect(tokens.claims()?.sub).toBe(ada.id);
    expect([...((await remembered()) ?? [])].sort()).toEqual(['email', 'openid', 'profile']);
  });

  test('OpenID Connect Core §3.1.2.4: who says no sends access_denied to the application, and nothing is remembered', async () => {
    const before = await countRows(world.server);
    const { flow, stop } = await begin();
    const { url } = leftFor(await agent.submit(pageOf(stop), {}, { buttonId: 'cancel' }));
    expect(url.searchParams.get('error')).toBe('access_denied');
    expect(url.searchParams.get('state')).toBe(flow.state);
    expect(url.searchParams.has('code')).toBe(false);
    expect(await remembered()).toBeUndefined();
    expect(await countRows(world.server)).toMatchObject({ grants: before.grants, consumed: before.consumed });
  });

  test('OpenID Connect Core §3.1.2.4: remembered consent is not asked for again, for less neither, for more it is', async () => {
    await allow();
    expect(leftFor((await begin()).stop).url.searchParams.has('code')).toBe(true);
    expect(leftFor((await begin({ scope: 'openid' })).stop).url.searchParams.has('code')).toBe(true);
    const more = await consentPage({ scope: 'openid phone' });
    expect(itemsOf(more)).toEqual(['identity', 'phone']);
    leftFor(await agent.submit(more, {}, { buttonId: 'submit' }));
    leftFor((await begin({ scope: 'openid phone profile email' })).stop);
  });

  test('OpenID Connect Core §3.1.2.1: prompt=consent asks again, whoever the application belongs to', async () => {
    const { spa } = world;
    await allow();
    for (const application of [partner, spa]) {
      const page = await consentPage({ prompt: 'consent' }, application);
      const { url } = leftFor(await agent.submit(page, {}, { buttonId: 'submit' }));
      expect(url.searchParams.has('code')).toBe(true);
    }
    expect(leftFor((await begin({}, spa)).stop).url.searchParams.has('code')).toBe(true);
  });

  test('OpenID Connect Core §3.1.2.6: prompt=none is consent_required until there is consent, then silent', async () => {
    await consentPage();
    const errorOf = async (params: Params) =>
      leftFor((await begin({ prompt: 'none', ...params })).stop).url.searchParams.get('error');
    expect(await errorOf({})).toBe('consent_required');
    await allow();
    expect(await errorOf({})).toBeNull();
    expect(await errorOf({ scope: 'openid address' })).toBe('consent_required');
  });

  test('OpenID Connect Core §11: offline access stands on the page in words', async () => {
    const page = await consentPage({ scope: 'openid offline_access' });
    expect(itemsOf(page)).toEqual(['identity', 'offline-access']);
    expect(page.html).toContain('Keep this access when you’re not using it');
    const german = await consentPage({ scope: 'openid offline_access', ui_locales: 'de' });
    expect(german.html).toContain('diesen Zugriff behalten');
  });

  test('OpenID Connect Core §5.5: a claim asked for by name is asked about as its scope is', async () => {
    await allow({ scope: 'openid' });
    const claims = JSON.stringify({ userinfo: { email: null }, id_token: { phone_number: null } });
    expect(itemsOf(await consentPage({ scope: 'openid', claims }))).toEqual(['identity', 'email', 'phone']);
  });

  test('ZITADEL dialect: roles and audiences are put into words a person knows, each project by its name', async () => {
    const { server, ledger } = world;
    const open = await seedProject(server, { name: 'Travel desk', isOpenToThirdParties: true });
    const scope = `openid urn:zitadel:iam:org:projects:roles ${audienceScope(open)} ${audienceScope(ledger)}`;
    const page = await consentPage({ scope });
    expect(itemsOf(page)).toEqual(['identity', 'roles', 'project']);
    expect(page.html.replaceAll(/<[^>]+>/g, '')).toMatch(/Use “Travel desk” of .+ on your behalf/);
    expect(page.html).not.toMatch(/urn:zitadel/);
    const german = await consentPage({ scope, ui_locales: 'de' });
    expect(german.html.replaceAll(/<[^>]+>/g, '')).toMatch(/„Travel desk“ von .+ in Ihrem Namen nutzen/);
    await allow({ scope });
    // What was not shown is not remembered.
    expect(await remembered()).not.toContain(audienceScope(ledger));
    const second = await seedProject(server, { isOpenToThirdParties: true });
    expect(itemsOf(await consentPage({ scope: `openid ${audienceScope(second)}` }))).toEqual([
      'identity',
      'project',
    ]);
  });

  test('management access of a third party is unmistakable on the page', async () => {
    const { server, shop } = world;
    const marked = await seedApplication(server, shop, {
      type: 'web',
      isThirdParty: true,
      isManagementClient: true,
    });
    for (const name of ['zitadel', await managementProjectIdOf(server)]) {
      const page = await consentPage({ scope: `openid ${audienceScope({ id: name })}` }, marked);
      expect(itemsOf(page)).toEqual(['identity', 'management-api']);
      expect(page.html).toContain('Manage this Latchkey instance with all your administrator permissions');
    }
    const scope = `openid ${audienceScope({ id: 'zitadel' })}`;
    expect(itemsOf(await consentPage({ scope }))).toEqual(['identity']);
  });

  test('OpenID Connect Registration §2: links of the application are shown, https ones alone', async () => {
    const { links } = await consentPage();
    expect(links['application-client']).toBe('https://partner.example/about');
    expect(links['application-policy']).toBe('https://partner.example/privacy');
    expect(links).not.toHaveProperty('application-tos');
    expect(links).not.toHaveProperty('application-logo');
  });

  test('the question is for one person in one browser: who has signed out meanwhile signs in again', async () => {
    const page = await consentPage();
    const { server } = world;
    const [other, thief] = [createBrowserAgent(server), createBrowserAgent(server)];
    const grace = await seedUser(server, { displayName: 'Grace Hopper' });
    await signIn(server, world.spa, grace, { agent: other });
    expect(pageOf(await other.open(page.url)).textOf('error-code')).toBe('other-browser');
    expect(pageOf(await thief.open(page.url)).textOf('error-code')).toBe('other-browser');
    const signOut = pageOf(await agent.open(`${server.issuer}/oidc/v1/end_session`));
    await agent.submit(signOut, {}, { buttonId: 'submit' });
    expect(pageOf(await agent.submit(page, {}, { buttonId: 'submit' })).name).toBe('login-name');
    expect(pageOf(await agent.open(page.url)).name).toBe('login-name');
    expect(await remembered()).toBeUndefined();
  });

  test('who is somebody else signs in as themselves and is asked for themselves', async () => {
    const grace = await seedUser(world.server, { displayName: 'Grace Hopper' });
    const page = await consentPage();
    const next = await completeSignIn(agent, await agent.click(page, 'other-account'), grace);
    expect(pageOf(next).name).toBe('consent');
    expect(pageOf(next).html).toContain('Grace Hopper');
    leftFor(await agent.submit(pageOf(next), {}, { buttonId: 'submit' }));
    expect(await remembered()).toBeUndefined();
  });

  test('a consent from elsewhere is not believed', async () => {
    const page = await consentPage();
    const { server } = world;
    const body = new URLSearchParams({ ...page.forms[0]?.fields, decision: 'allow' });
    const answer = await server.fetch('/login/consent', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: agent.cookies.header(),
        origin: 'https://partner.example',
      },
      body,
    });
    expect(answer.status).toBe(403);
    expect(await remembered()).toBeUndefined();
    const empty = pageOf(await agent.open(`${server.issuer}/login/consent?request=not-ours`));
    expect([empty.status, empty.textOf('error-code')]).toEqual([400, 'request-expired']);
  });

  test('consent taken back ends what came of it, and is asked for again', async () => {
    const { server, api } = world;
    await changeAsOperator(server, async (change) => {
      const before = await lockProject(change, world.shop.id);
      if (before !== undefined) await updateProject(change, before, { allowedClientIds: [partner.clientId] });
    });
    const { flow, stop } = await begin({ scope: `openid offline_access ${audienceScope(world.shop)}` });
    const { url } = leftFor(await agent.submit(pageOf(stop), {}, { buttonId: 'submit' }));
    const tokens = await redeem(await discover(server, partner), { flow, callback: url });
    expect(await introspect(server, api, tokens.access_token)).toMatchObject({ active: true });
    const key = { userId: ada.id, applicationId: partner.id };
    expect(await changeAsOperator(server, (change) => removeConsent(change, key))).toBe('removed');
    expect(await changeAsOperator(server, (change) => removeConsent(change, key))).toBe('not-found');
    expect(await introspect(server, api, tokens.access_token)).toEqual({ active: false });
    const refreshed = await call(server, '/oauth/v2/token', {
      form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' },
      headers: basicOf(partner),
    });
    expect([refreshed.status, refreshed.body.error]).toEqual([400, 'invalid_grant']);
    await consentPage({ scope: 'openid offline_access' });
  });

  test('of two consents at the same moment neither is lost', async () => {
    const pages = [
      await consentPage({ scope: 'openid email' }),
      await consentPage({ scope: 'openid phone' }),
    ];
    await Promise.all(pages.map((page) => agent.submit(page, {}, { buttonId: 'submit' })));
    expect(await remembered()).toEqual(['email', 'openid', 'phone']);
  });
});
