import {
  type BrowserAgent,
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  seedApplication,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, countRows, engines, signIn } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

describe.each(engines)('the sign-in pages on $engine', ({ engine }) => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await startShopWorld(engine);
  });
  afterAll(() => world?.stop());

  async function passwordPage(agent: BrowserAgent): Promise<HtmlPage> {
    const { server, spa, ada } = world;
    const name = pageOf(await agent.open((await beginFlow(server, spa)).url));
    return pageOf(await agent.submit(name, { loginName: ada.loginName }));
  }

  function post(page: HtmlPage, headers: Readonly<Record<string, string>>, fields = {}): Promise<Response> {
    const form = page.forms[0];
    const body = new URLSearchParams({ ...form?.fields, password: world.ada.password, ...fields });
    return world.server.fetch(form?.action ?? '', { body, headers });
  }

  test('every page has the headers that keep it from being framed, sniffed, stored or scripted', async () => {
    const { server } = world;
    const agent = createBrowserAgent(server);
    const pages = [
      await passwordPage(agent),
      pageOf(await agent.open('/login')),
      pageOf(await agent.open('/logout')),
      pageOf(await agent.open('/logout/done')),
      pageOf(await agent.open('/oauth/v2/authorize')),
      pageOf(await agent.open('/login/password?request=x')),
      pageOf(await agent.open('/nowhere')),
    ];
    const nonces = new Set<string>();
    for (const { name, headers, html } of pages) {
      const policy = headers.get('content-security-policy') ?? '';
      const nonce = /style-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      nonces.add(nonce);
      expect(policy, name).toMatch(/^default-src 'none'; /);
      for (const part of ["frame-ancestors 'none'", "base-uri 'none'", "img-src 'self' data:"])
        expect(policy, name).toContain(part);
      // Browsers would hold the application's own redirects to it (decision 0029).
      if (name === 'password') expect(policy, name).not.toContain('form-action');
      else expect(policy, name).toContain("form-action 'self'");
      expect(policy, name).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options'), name).toBe('nosniff');
      expect(headers.get('x-frame-options'), name).toBe('DENY');
      expect(headers.get('referrer-policy'), name).toBe('no-referrer');
      expect(headers.get('cache-control'), name).toBe('no-store');
      expect(headers.get('cross-origin-opener-policy'), name).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy'), name).toBe('same-origin');
      expect(headers.has('access-control-allow-origin'), name).toBe(false);
      expect(html, name).toContain(`<style nonce="${nonce}"`);
      expect(html, name).not.toMatch(/ on[a-z]+="| style="|<script(?! nonce)/);
    }
    expect(nonces.size).toBe(pages.length);
  });

  test('a sign-in ends at an application whose address is of a scheme of its own', async () => {
    const app = await seedApplication(world.server, world.shop, {
      type: 'native',
      redirectUris: ['com.example.app:/callback'],
    });
    const { callback } = await signIn(world.server, app, world.ada);
    expect(callback.href).toMatch(/^com\.example\.app:\/callback\?code=/);
  });

  test('cookies are HttpOnly, SameSite=Lax, for the whole host; Secure is for https issuers', async () => {
    const { server, spa, ada } = world;
    const first = await server.fetch((await beginFlow(server, spa)).url.href);
    const [browser = ''] = first.headers.getSetCookie();
    expect(browser).toMatch(/^latchkey_browser=[A-Za-z0-9_-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
    const { agent } = await signIn(server, spa, ada);
    expect(agent.cookies.get('latchkey_sessions')).toMatch(/^\d+\.[A-Za-z0-9_-]{43}$/);
  });

  test('a new proof gives the session a new secret, and the old one is worth nothing', async () => {
    const { server, spa, ada } = world;
    const { agent } = await signIn(server, spa, ada);
    const old = agent.cookies.get('latchkey_sessions') ?? '';
    const stop = await agent.open((await beginFlow(server, spa, { prompt: 'login' })).url);
    leftFor(await completeSignIn(agent, stop, ada));
    const renewed = agent.cookies.get('latchkey_sessions') ?? '';
    expect(renewed.split('.')[0]).toBe(old.split('.')[0]);
    expect(renewed).not.toBe(old);
    const thief = createBrowserAgent(server);
    thief.cookies.set('latchkey_sessions', old);
    const silent = leftFor(await thief.open((await beginFlow(server, spa, { prompt: 'none' })).url));
    expect(silent.url.searchParams.get('error')).toBe('login_required');
  });

  test('a session cookie that was changed by a letter, or names another session, is nobody’s', async () => {
    const { server, spa, ada } = world;
    const [one, two] = [await signIn(server, spa, ada), await signIn(server, spa, ada)].map(
      ({ agent }) => agent.cookies.get('latchkey_sessions')?.split('.') ?? [],
    );
    const forged = [
      `${one?.[0]}.${two?.[1]}`,
      `${one?.[0]}.${'A'.repeat(43)}`,
      `${one?.[0]}.`,
      `0.${one?.[1]}`,
      "1' or '1'='1",
      '~'.repeat(5000),
    ];
    for (const cookie of forged) {
      const thief = createBrowserAgent(server);
      thief.cookies.set('latchkey_sessions', cookie);
      const { url } = leftFor(await thief.open((await beginFlow(server, spa, { prompt: 'none' })).url));
      expect(url.searchParams.get('error'), cookie.slice(0, 60)).toBe('login_required');
    }
  });

  test('a form from another origin, another site, or a sender who tells neither, is refused and counts nothing', async () => {
    const { server } = world;
    const agent = createBrowserAgent(server);
    const page = await passwordPage(agent);
    const cookie = agent.cookies.header();
    const before = await countRows(server);
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { origin: 'https://evil.example.com' },
      { origin: 'https://evil.example.com', 'sec-fetch-site': 'same-origin' },
      { origin: server.issuer, 'sec-fetch-site': 'cross-site' },
      { origin: server.issuer, 'sec-fetch-site': 'same-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
      { origin: `${server.issuer}.evil.example.com` },
      { 'sec-fetch-site': 'none' },
      {},
    ];
    for (const headers of foreign) {
      const response = await post(page, { cookie, ...headers });
      expect([response.status, response.headers.getSetCookie()], JSON.stringify(headers)).toEqual([403, []]);
    }
    expect(await countRows(server)).toEqual(before);
    expect((await post(page, { cookie, origin: server.issuer })).status).toBe(303);
  });

  test('a sign-in begun in another browser, or without its cookie, goes no further (login CSRF)', async () => {
    const { server } = world;
    const [attacker, victim] = [createBrowserAgent(server), createBrowserAgent(server)];
    const theirs = await passwordPage(attacker);
    await passwordPage(victim);
    const before = await countRows(server);
    const stop = await victim.open(theirs.url);
    expect(pageOf(stop).textOf('error-code')).toBe('other-browser');
    const headers = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    for (const cookie of [victim.cookies.header(), '', 'latchkey_browser=', 'latchkey_browser=x'])
      expect((await post(theirs, { ...headers, cookie })).status).toBe(400);
    expect(await countRows(server)).toEqual(before);
  });

  test('a sign-in begun more than half an hour ago has expired', async () => {
    const { server, ada } = world;
    const agent = createBrowserAgent(server);
    const page = await passwordPage(agent);
    server.clock.advance(30 * 60_000 + 1000);
    const stop = await agent.submit(page, { password: ada.password });
    expect(pageOf(stop).textOf('error-code')).toBe('request-expired');
  });

  test('a form with a field twice, or larger than 64 kB, is refused', async () => {
    const { server } = world;
    const agent = createBrowserAgent(server);
    const page = await passwordPage(agent);
    const headers = {
      cookie: agent.cookies.header(),
      origin: server.issuer,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const body = `${new URLSearchParams(page.forms[0]?.fields)}&password=a&password=b`;
    expect((await server.fetch('/login/password', { body, headers })).status).toBe(400);
    expect((await post(page, headers, { password: 'x'.repeat(70_000) })).status).toBe(413);
  });

  test('names that people type are shown as text, never as HTML', async () => {
    const agent = createBrowserAgent(world.server);
    const { url } = await beginFlow(world.server, world.spa);
    const name = pageOf(await agent.open(url));
    const page = pageOf(await agent.submit(name, { loginName: '"><img src=x onerror=alert(1)>' }));
    expect(page.html).not.toContain('<img');
    expect(page.html).toContain('&lt;img');
  });

  test('no address of ours sends anybody where a stranger’s parameter says', async () => {
    const evil = 'https://evil.example.com/';
    const names = [
      'redirect',
      'redirect_uri',
      'returnTo',
      'return_to',
      'next',
      'url',
      'continue',
      'target',
      'request',
    ];
    const query = new URLSearchParams(names.map((name) => [name, evil]));
    const paths = [
      '/',
      '/login',
      '/login/password',
      '/login/accounts',
      '/logout',
      '/logout/done',
      '/oidc/v1/end_session',
    ];
    for (const path of [...paths, `//evil.example.com`, '/\\evil.example.com', '/login//evil.example.com']) {
      const response = await world.server.fetch(`${path}?${query}`);
      const location = response.headers.get('location');
      if (location !== null) expect(new URL(location).origin).toBe(world.server.issuer);
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).not.toContain(`href="${evil}`);
    }
  });

  test('somebody who comes without an application signs in and out', async () => {
    const { server, ada } = world;
    const agent = createBrowserAgent(server);
    const page = pageOf(await completeSignIn(agent, await agent.open('/'), ada));
    expect(page.name).toBe('signed-in');
    expect(page.html).toContain(ada.loginName.split('@')[0]);
    const confirm = pageOf(await agent.click(page, 'sign-out'));
    expect(pageOf(await agent.submit(confirm, {}, { buttonId: 'submit' })).name).toBe('signed-out');
    expect(pageOf(await agent.open('/login')).name).toBe('login-name');
  });
});
