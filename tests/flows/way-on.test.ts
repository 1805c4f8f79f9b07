import { updateInstanceSettings } from '@latchkey/store';
import {
  type BrowserAgent,
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type BegunFlow, basicOf, beginFlow, call, discover, redeem } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const halfHourMs = 30 * 60_000 + 1000;
const dayMs = 86_400_000;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

describe('ways on from an error page', () => {
  let world: ShopWorld;
  let agent: BrowserAgent;
  let partner: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld('pglite');
    const { server, shop } = world;
    await changeAsOperator(server, (change) =>
      updateInstanceSettings(change, { isSelfRegistrationEnabled: true }),
    );
    await vi.waitFor(async () => expect((await server.fetch('/login/register')).status).toBe(302));
    partner = await seedApplication(server, shop, { type: 'web', name: 'Partner', isThirdParty: true });
  });
  afterAll(() => world?.stop());

  type Params = Readonly<Record<string, string>>;

  /** Where each page of a sign-in can be left open. */
  const pages: Readonly<Record<string, (flow: BegunFlow, browser: BrowserAgent) => Promise<HtmlPage>>> = {
    'login-name': async (flow, browser) => pageOf(await browser.open(flow.url)),
    password: async (flow, browser) =>
      pageOf(await browser.submit(pageOf(await browser.open(flow.url)), { loginName: world.ada.loginName })),
    register: async (flow, browser) =>
      pageOf(await browser.click(pageOf(await browser.open(flow.url)), 'register')),
    accounts: async (flow, browser) => {
      const { server, ada, spa } = world;
      leftFor(await completeSignIn(browser, await browser.open((await beginFlow(server, spa)).url), ada));
      return pageOf(await browser.open(`${flow.url}&prompt=select_account`));
    },
    'new-password': async (flow, browser) => {
      const given = await seedUser(world.server, { isPasswordChangeRequired: true });
      return pageOf(await completeSignIn(browser, await browser.open(flow.url), given));
    },
    consent: async (flow, browser) =>
      pageOf(await completeSignIn(browser, await browser.open(flow.url), world.ada)),
  };
  const applicationOf = (name: string): SeededApplication => (name === 'consent' ? partner : world.spa);

  async function leftOpen(name: string, params: Params = {}) {
    agent = createBrowserAgent(world.server);
    const application = applicationOf(name);
    // Remembered consent would not be asked for.
    const prompt = name === 'consent' ? { prompt: 'consent' } : {};
    const flow = await beginFlow(world.server, application, { ...params, ...prompt });
    const page = await pages[name]?.(flow, agent);
    if (page === undefined) throw new Error(`no page ${name}`);
    expect(page.name).toBe(name);
    return { application, flow, page };
  }

  async function finish(page: HtmlPage, browser = agent): Promise<URL> {
    const start = await browser.click(page, 'way-again');
    const other =
      pageOf(start).name === 'accounts' ? await browser.click(pageOf(start), 'other-account') : start;
    const name = pageOf(other).name === 'register' ? await browser.click(pageOf(other), 'sign-in') : other;
    const stop = await completeSignIn(browser, name, world.ada);
    const allowed =
      stop.kind === 'page' && stop.page.name === 'consent'
        ? await browser.submit(stop.page, {}, { buttonId: 'submit' })
        : stop;
    return leftFor(allowed).url;
  }

  test.each(Object.keys(pages))(
    'after 31 minutes the %s page offers to begin again, and the same request comes to its end',
    async (name) => {
      const { application, flow, page } = await leftOpen(name);
      world.server.clock.advance(halfHourMs);
      const expired = pageOf(await agent.open(page.url));
      expect([expired.status, expired.textOf('error-code')]).toEqual([400, 'request-expired']);
      expect(expired.textOf('way-again')).toBe('Start again');
      expect(expired.textOf('way-application')).toContain('Go to');
      const posted = pageOf(await agent.submit(page, {}));
      expect(posted.links['way-again']).toBeDefined();
      const callback = await finish(expired);
      expect(callback.searchParams.get('state')).toBe(flow.state);
      const tokens = await redeem(await discover(world.server, application), { flow, callback });
      expect(tokens.claims()?.sub).toBe(world.ada.id);
    },
  );

  test.each(Object.keys(pages))(
    'in another browser the %s page leads to the application first, and begins again for whoever is there',
    async (name) => {
      const { page, flow } = await leftOpen(name);
      const other = createBrowserAgent(world.server);
      const stopped = pageOf(await other.open(page.url));
      expect(stopped.textOf('error-code')).toBe('other-browser');
      expect(Object.keys(stopped.links).filter((id) => id.startsWith('way-'))).toEqual([
        'way-application',
        'way-again',
      ]);
      expect((await finish(stopped, other)).searchParams.get('state')).toBe(flow.state);
    },
  );

  test('who is signed in already chooses an account instead of typing a password', async () => {
    const { page } = await leftOpen('accounts');
    world.server.clock.advance(halfHourMs);
    const again = pageOf(await agent.click(pageOf(await agent.open(page.url)), 'way-again'));
    expect(again.name).toBe('accounts');
    expect(
      leftFor(await agent.submit(again, {}, { buttonId: 'account-1' })).url.searchParams.has('code'),
    ).toBe(true);
  });

  test('a bookmark of yesterday leads to the application alone, and its request begins nothing', async () => {
    const { page } = await leftOpen('password');
    const young = page.url.searchParams.get('request') ?? '';
    world.server.clock.advance(dayMs + 1000);
    const old = pageOf(await agent.open(page.url));
    expect(old.links['way-application']).toBe(`${new URL(world.spa.redirectUri).origin}/`);
    expect(old.links).not.toHaveProperty('way-again');
    const forced = pageOf(await agent.open(`/login/again?request=${young}`));
    expect([forced.status, forced.textOf('error-code')]).toEqual([400, 'request-expired']);
    expect(forced.links).not.toHaveProperty('way-again');
  });

  test('OpenID Connect Core §4: an application that begins sign-ins itself is asked to, with the issuer', async () => {
    const { server, shop } = world;
    const registered = {
      initiateLoginUri: 'https://app.example.com/login?from=us',
      clientUri: 'https://example.com/',
    };
    const starter = await seedApplication(server, shop, { type: 'web', ...registered });
    const home = await seedApplication(server, shop, {
      type: 'native',
      clientUri: 'https://example.com/home',
    });
    for (const [application, expected] of [
      [starter, `https://app.example.com/login?from=us&iss=${encodeURIComponent(server.issuer)}`],
      [home, 'https://example.com/home'],
    ] as const) {
      agent = createBrowserAgent(server);
      const page = pageOf(await agent.open((await beginFlow(server, application)).url));
      const stopped = pageOf(await createBrowserAgent(server).open(page.url));
      expect(stopped.links['way-application']).toBe(expected);
    }
  });

  test('RFC 9700 §4.1.3: a redirect URI that is no longer registered is not begun again with', async () => {
    const { server, shop } = world;
    const gone = await seedApplication(server, shop, { type: 'web', name: 'Gone' });
    agent = createBrowserAgent(server);
    const page = pageOf(await agent.open((await beginFlow(server, gone)).url));
    await server.store.db
      .updateTable('applications')
      .set({ redirectUris: ['https://elsewhere.example/'] })
      .where('clientId', '=', gone.clientId)
      .execute();
    await changeAsOperator(server, (change) =>
      change.record({
        type: 'application.changed',
        objectKind: 'application',
        objectId: gone.id,
        detail: {},
        reach: 'waking',
      }),
    );
    server.clock.advance(halfHourMs);
    const request = page.url.searchParams.get('request') ?? '';
    await expect
      .poll(async () => pageOf(await agent.open(`/login/again?request=${request}`)).textOf('error-code'))
      .toBe('request-expired');
  });

  test('RFC 9126 §4: a pushed request is good once, so it leads to the application', async () => {
    const { server, web } = world;
    const { url } = await beginFlow(server, web);
    const form = Object.fromEntries(url.searchParams);
    const pushed = await call(server, '/oauth/v2/par', { form, headers: basicOf(web) });
    const query = new URLSearchParams({
      client_id: web.clientId,
      request_uri: String(pushed.body.request_uri),
    });
    agent = createBrowserAgent(server);
    const page = pageOf(await agent.open(`/oauth/v2/authorize?${query}`));
    server.clock.advance(halfHourMs);
    for (const address of [page.url, `/oauth/v2/authorize?${query}`]) {
      const stopped = pageOf(await agent.open(address));
      expect(stopped.textOf('error-code')).toBe('request-expired');
      expect(stopped.links).not.toHaveProperty('way-again');
      expect(stopped.links['way-application']).toBeDefined();
    }
  });

  test.each([
    ['/login?request=not-ours', 'way-start', '/login'],
    ['/login/consent?request=not-ours', 'way-start', '/login'],
    ['/login/again?request=not-ours', 'way-start', '/login'],
    ['/login/again', 'way-start', '/login'],
    ['/device?request=not-ours', 'way-start', '/device'],
    ['/login/requests?request=not-ours', 'way-start', '/login/requests'],
    ['/logout?request=not-ours', 'way-start', '/logout'],
    [
      '/oidc/v1/end_session?state=1&state=2&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F',
      'way-start',
      '/logout',
    ],
  ])('%s, of which nothing is known, leads to our own page to begin at', async (address, id, path) => {
    const { server } = world;
    const page = pageOf(await createBrowserAgent(server).open(address));
    expect(page.links[id]).toBe(`${server.issuer}${path}`);
    expect(page.html).not.toContain('href="https://evil');
  });

  test('an authorization request nobody verified leads nowhere', async () => {
    const page = pageOf(
      await createBrowserAgent(world.server).open(
        '/oauth/v2/authorize?client_id=nobody&redirect_uri=https%3A%2F%2Fevil.example%2F',
      ),
    );
    expect(page.name).toBe('error');
    expect(Object.keys(page.links).filter((id) => id.startsWith('way-'))).toEqual([]);
  });

  test('a device, the approvals and a sign-out that were left open begin again at their own page', async () => {
    const { server, shop } = world;
    const tv = await seedApplication(server, shop, { type: 'native', grantTypes: [deviceGrant] });
    const form = { client_id: tv.clientId, scope: 'openid' };
    const { body } = await call(server, '/oauth/v2/device_authorization', { form });
    agent = createBrowserAgent(server);
    const entry = pageOf(await agent.open(`/device?user_code=${body.user_code}`));
    const signIn = pageOf(await agent.submit(entry, { userCode: String(body.user_code) }));
    const requests = pageOf(await agent.open('/login/requests'));
    const signOut = pageOf(await agent.open('/logout'));
    server.clock.advance(halfHourMs);
    const device = pageOf(await agent.open(signIn.url));
    expect(device.links['way-again']).toBe(`${server.issuer}/device?user_code=${body.user_code}`);
    expect(pageOf(await agent.click(device, 'way-again')).name).toBe('device-code');
    expect(pageOf(await agent.open(requests.url)).textOf('error-code')).toBe('request-expired');
    const left = pageOf(await agent.open(signOut.url));
    expect(left.title).toContain('This sign-out has expired');
    expect(pageOf(await agent.click(left, 'way-start')).name).toBe('sign-out-confirm');
  });

  test.each([
    ['en', 'This sign-out link doesn’t work', /sign[- ]in\b/i],
    ['de', 'Dieser Abmeldelink funktioniert nicht', /Anmelde|anmelden/],
  ])('a refused sign-out speaks of signing out (%s)', async (language, heading, ofSignIn) => {
    const browser = createBrowserAgent(world.server, { 'accept-language': language });
    const page = pageOf(
      await browser.open(
        '/oidc/v1/end_session?state=1&state=2&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F',
      ),
    );
    expect(page.title).toContain(heading);
    expect(page.html.replace(/<style[\s\S]*?<\/style>/, '')).not.toMatch(ofSignIn);
  });
});
