import { updateInstanceSettings } from '@latchkey/store';
import {
  type BrowserAgent,
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  seedApplication,
  seedUser,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { beginFlow, call, countRows, payloadOf } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

describe('cancelling a sign-in', () => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld('pglite');
    const { server } = world;
    await changeAsOperator(server, (change) =>
      updateInstanceSettings(change, { isSelfRegistrationEnabled: true }),
    );
    await vi.waitFor(async () => expect((await server.fetch('/login/register')).status).toBe(302));
  });
  afterAll(() => world?.stop());

  const pages: Readonly<Record<string, (agent: BrowserAgent, first: HtmlPage) => Promise<HtmlPage>>> = {
    'login-name': async (_, first) => first,
    password: async (agent, first) => pageOf(await agent.submit(first, { loginName: world.ada.loginName })),
    register: async (agent, first) => pageOf(await agent.click(first, 'register')),
    'new-password': async (agent, first) => {
      const given = await seedUser(world.server, { isPasswordChangeRequired: true });
      return pageOf(await completeSignIn(agent, { kind: 'page', page: first }, given));
    },
    accounts: async (agent, first) => {
      const { server, ada, spa } = world;
      leftFor(await completeSignIn(agent, await agent.open((await beginFlow(server, spa)).url), ada));
      return pageOf(await agent.open(`/login/accounts?request=${first.forms[0]?.fields.request}`));
    },
  };
  const cancelOf = (page: HtmlPage) =>
    page.forms.findIndex((form) => form.buttons.some(({ id }) => id === 'cancel'));

  async function pageWith(name: string, params: Readonly<Record<string, string>> = {}) {
    const agent = createBrowserAgent(world.server);
    const flow = await beginFlow(world.server, world.spa, params);
    const page = await pages[name]?.(agent, pageOf(await agent.open(flow.url)));
    if (page === undefined) throw new Error(`no page ${name}`);
    expect(page.name).toBe(name);
    return { agent, flow, page };
  }

  test.each(Object.keys(pages))(
    'RFC 6749 §4.1.2.1: who cancels on the %s page sends access_denied to the application, with state and iss',
    async (name) => {
      const { agent, flow, page } = await pageWith(name);
      const before = await countRows(world.server);
      const { url } = leftFor(await agent.submit(page, {}, { form: cancelOf(page), buttonId: 'cancel' }));
      expect(`${url.origin}${url.pathname}`).toBe(world.spa.redirectUri);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        error: 'access_denied',
        error_description: 'the person cancelled the sign-in',
        state: flow.state,
        iss: world.server.issuer,
      });
      expect(await countRows(world.server)).toEqual(before);
    },
  );

  test('the answer goes by the response mode of the request: fragment, form_post, JWT', async () => {
    const cancelled = async (mode: string) => {
      const { agent, flow, page } = await pageWith('password', { response_mode: mode });
      const left = leftFor(await agent.submit(page, {}, { form: cancelOf(page), buttonId: 'cancel' }));
      return { ...left, state: flow.state };
    };
    const fragment = await cancelled('fragment');
    const inFragment = new URLSearchParams(fragment.url.hash.slice(1));
    expect([inFragment.get('error'), inFragment.get('state')]).toEqual(['access_denied', fragment.state]);
    const posted = await cancelled('form_post');
    expect(posted.fields).toMatchObject({ error: 'access_denied', state: posted.state });
    const jwt = await cancelled('query.jwt');
    expect(payloadOf(jwt.url.searchParams.get('response') ?? '')).toMatchObject({
      error: 'access_denied',
      state: jwt.state,
      iss: world.server.issuer,
    });
  });

  test('the button says so in English and German, and what was typed is not sent with it', async () => {
    const { page } = await pageWith('password');
    const form = page.forms[cancelOf(page)];
    expect(form?.buttons[0]?.text).toBe('Cancel');
    expect(Object.keys(form?.fields ?? {})).toEqual(['request']);
    const german = await pageWith('password', { ui_locales: 'de' });
    expect(german.page.forms[cancelOf(german.page)]?.buttons[0]?.text).toBe('Abbrechen');
  });

  test('a cancellation from elsewhere or another browser is not believed', async () => {
    const { agent, page } = await pageWith('password');
    const { server } = world;
    const send = (headers: Readonly<Record<string, string>>) =>
      server.fetch('/login/cancel', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(page.forms[cancelOf(page)]?.fields).toString(),
      });
    expect((await send({ cookie: agent.cookies.header(), origin: 'https://evil.example' })).status).toBe(403);
    expect((await send({ origin: server.issuer })).status).toBe(400);
  });

  test('who came without an application has nothing to cancel', async () => {
    const page = pageOf(await createBrowserAgent(world.server).open('/login'));
    expect([page.name, cancelOf(page)]).toEqual(['login-name', -1]);
  });

  test('RFC 8628 §3.5: who cancels while connecting a device denies it, once', async () => {
    const { server, shop, ada } = world;
    const tv = await seedApplication(server, shop, { type: 'native', grantTypes: [deviceGrant] });
    const begin = async () => {
      const form = { client_id: tv.clientId, scope: 'openid' };
      const { body } = await call(server, '/oauth/v2/device_authorization', { form });
      const agent = createBrowserAgent(server);
      const entry = pageOf(await agent.open('/device'));
      const page = pageOf(await agent.submit(entry, { userCode: String(body.user_code) }));
      const poll = async () => {
        const fields = {
          grant_type: deviceGrant,
          device_code: String(body.device_code),
          client_id: tv.clientId,
        };
        return (await call(server, '/oauth/v2/token', { form: fields })).body;
      };
      return { agent, page, poll };
    };
    const cancelled = await begin();
    expect(cancelled.page.name).toBe('login-name');
    const choice = { form: cancelOf(cancelled.page), buttonId: 'cancel' };
    const done = pageOf(await cancelled.agent.submit(cancelled.page, {}, choice));
    expect(done.title).toContain('Device not connected');
    expect((await cancelled.poll()).error).toBe('access_denied');
    const again = pageOf(await cancelled.agent.submit(cancelled.page, {}, choice));
    expect(again.title).toContain('no longer valid');
    const approved = await begin();
    const confirm = pageOf(await completeSignIn(approved.agent, { kind: 'page', page: approved.page }, ada));
    await approved.agent.submit(confirm, {}, { buttonId: 'submit' });
    const late = { form: cancelOf(approved.page), buttonId: 'cancel' };
    expect(pageOf(await approved.agent.submit(approved.page, {}, late)).title).toContain('no longer valid');
    expect((await approved.poll()).access_token).toBeDefined();
  });
});
