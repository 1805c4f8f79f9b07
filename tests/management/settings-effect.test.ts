import {
  completeSignIn,
  createBrowserAgent,
  type HtmlPage,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedMachine,
  seedProject,
  seedUser,
} from '@latchkey/testkit';
import { decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { basicOf, beginFlow, call } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const svg = (fill: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><rect fill="${fill}"/></svg>`).toString('base64')}`;

describe('what settings do to the sign-in', () => {
  let world: ManagementWorld;
  let spa: SeededApplication;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
    spa = await seedApplication(world.server, await seedProject(world.server), { type: 'user_agent' });
  });
  afterAll(() => world.stop());
  beforeEach(() => world.server.clock.pause());
  afterEach(async () => {
    world.server.clock.resume();
    await setInstance({ password: null, lockout: null, login: null, branding: null });
    await setOther({ password: null, lockout: null, login: null, branding: null });
  });

  const setInstance = (body: unknown) => world.owner.call('updateInstanceSettings', { body });
  const setOther = (body: unknown) =>
    world.owner.call('updateOrganizationSettings', {
      path: { organizationId: world.otherOrganizationId },
      body,
    });
  const organizationScope = (): string => `openid urn:zitadel:iam:org:id:${world.otherOrganizationId}`;

  async function firstPage(params: Readonly<Record<string, string>> = {}): Promise<HtmlPage> {
    const flow = await beginFlow(world.server, spa, params);
    return pageOf(await createBrowserAgent(world.server).open(flow.url));
  }

  async function guess(loginName: string, attempts: number): Promise<readonly number[]> {
    const agent = createBrowserAgent(world.server);
    const name = pageOf(await agent.open((await beginFlow(world.server, spa)).url));
    const page = pageOf(await agent.submit(name, { loginName }));
    const statuses: number[] = [];
    for (let attempt = 0; attempt < attempts; attempt += 1)
      statuses.push(pageOf(await agent.submit(page, { password: `wrong ${attempt}` })).status);
    return statuses;
  }

  test('branding of the organization a request names reaches the page and its policy; others keep that of the instance', async () => {
    await setInstance({ branding: { accentColorLight: '#7a2e8a', radiusPx: 2 } });
    await setOther({
      branding: {
        accentColorLight: '#0a5f8a',
        backgroundColorLight: '#e8f1f5',
        logoUrlLight: 'https://cdn.example/logo.svg',
        logoUrlDark: svg('white'),
        themeMode: 'auto',
      },
    });
    const own = await firstPage({ scope: organizationScope() });
    expect(own.html).toContain('--accent:#0a5f8a');
    expect(own.html).toContain('--canvas:#e8f1f5');
    expect(own.html).toContain('<img class="logo" src="https://cdn.example/logo.svg"');
    expect(own.html).toContain(`srcset="${svg('white')}"`);
    const policy = own.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("img-src 'self' data: https://cdn.example;");
    expect(policy).toMatch(/style-src 'nonce-[^']+';/);
    const other = await firstPage();
    expect(other.html).toContain('--accent:#7a2e8a');
    expect(other.html).toContain('--radius:0.125rem');
    expect(other.html).not.toContain('cdn.example');
    expect(other.headers.get('content-security-policy')).toContain("img-src 'self' data:;");
  });

  test('pages without a request, errors and sign-out have the look of the instance', async () => {
    await setInstance({
      branding: { accentColorDark: '#e0a3f0', themeMode: 'dark', hideLatchkeyMark: true },
    });
    const agent = createBrowserAgent(world.server);
    for (const path of ['/login', '/device', '/logout/done', '/oauth/v2/authorize?client_id=nobody']) {
      const page = pageOf(await agent.open(new URL(path, world.server.issuer)));
      expect(page.html, path).toContain('color-scheme:dark;--accent:#e0a3f0');
      expect(page.html, path).not.toContain('<svg class="key-mark"');
    }
  });

  test('links to help, terms and privacy stand below the page', async () => {
    await setInstance({
      login: { helpUrl: 'https://example.com/help', privacyUrl: 'https://example.com/privacy' },
    });
    const { links } = await firstPage();
    expect(links['site-help']).toBe('https://example.com/help');
    expect(links['site-privacy']).toBe('https://example.com/privacy');
    expect(links['site-terms']).toBeUndefined();
  });

  test('only allowed languages are shown and offered, the first of them to whoever wants another', async () => {
    await setOther({ login: { allowedLanguages: ['de'] } });
    const page = await firstPage({ scope: organizationScope(), ui_locales: 'en' });
    expect(page.language).toBe('de');
    expect(page.html).not.toContain('hreflang="en"');
    expect((await firstPage()).language).toBe('en');
  });

  test('whoever signs in without an application goes on to the address of their organization', async () => {
    await setOther({ login: { defaultRedirectUri: 'https://portal.example/start' } });
    const user = await seedUser({ ...world.server, organizationId: world.otherOrganizationId });
    const agent = createBrowserAgent(world.server);
    const start = await agent.open(new URL('/login', world.server.issuer));
    const page = pageOf(await completeSignIn(agent, start, user));
    expect(page.name).toBe('signed-in');
    expect(page.links.continue).toBe('https://portal.example/start');
    expect(page.html).toContain('http-equiv="refresh" content="0;url=https://portal.example/start"');
    // Whoever comes back to the page stays on it.
    const again = pageOf(await agent.open(new URL('/login', world.server.issuer)));
    expect(again.html).not.toContain('http-equiv="refresh"');
  });

  test('lockout is that of the person’s organization, and names nobody has there answer alike', async () => {
    await setOther({ lockout: { freeAttempts: 2, softLockAttempts: 3, softLockSeconds: 60 } });
    const { primaryDomain } = await world.server.store.db
      .selectFrom('organizations')
      .select('primaryDomain')
      .where('id', '=', world.otherOrganizationId)
      .executeTakeFirstOrThrow();
    const there = await seedUser(
      { ...world.server, organizationId: world.otherOrganizationId },
      { loginName: `ada@${primaryDomain}` },
    );
    expect(await guess(there.loginName, 4)).toEqual([400, 400, 429, 429]);
    expect(await guess(`nobody@${primaryDomain}`, 4)).toEqual([400, 400, 429, 429]);
    const here = await seedUser(world.server);
    expect(await guess(here.loginName, 4)).toEqual([400, 400, 400, 400]);
  });

  test('an e-mail address signs in only where the organization allows it; the login name always does', async () => {
    const email = 'ada.lovelace@example.com';
    const user = await seedUser(
      { ...world.server, organizationId: world.otherOrganizationId },
      { loginName: 'ada-l', email, emailCanonical: email },
    );
    const signIn = async (loginName: string) => {
      const agent = createBrowserAgent(world.server);
      const flow = await beginFlow(world.server, spa);
      return await completeSignIn(agent, await agent.open(flow.url), { ...user, loginName });
    };
    expect(leftFor(await signIn(email)).url.searchParams.has('code')).toBe(true);
    await setOther({ login: { allowLoginByEmail: false } });
    expect(pageOf(await signIn(email)).status).toBe(400);
    expect(leftFor(await signIn('ada-l')).url.searchParams.has('code')).toBe(true);
  });

  test('the length of a new password is that of the organization it is for', async () => {
    await setInstance({ features: { selfRegistration: true } });
    await setOther({ password: { minimumLength: 40 }, login: { allowRegistration: true } });
    const agent = createBrowserAgent(world.server);
    const flow = await beginFlow(world.server, spa, { scope: organizationScope() });
    const page = pageOf(await agent.click(pageOf(await agent.open(flow.url)), 'register'));
    expect(page.html).toContain('40');
    const person = {
      givenName: 'Mary',
      familyName: 'Somerville',
      loginName: 'mary@example.com',
      password: 'connexion-of-the-sciences',
    };
    const refused = pageOf(await agent.submit(page, person));
    expect([refused.status, refused.textOf('password-problem') ?? '']).toEqual([
      400,
      expect.stringContaining('40'),
    ]);
    const longer = { ...person, password: 'connexion-of-the-physical-sciences-in-1834' };
    expect(leftFor(await agent.submit(refused, longer)).url.searchParams.has('code')).toBe(true);
    await setInstance({ features: { selfRegistration: false } });
  });

  test('the instance decides the header typ of JWT access tokens where an application or machine user does not', async () => {
    const { server } = world;
    const typOf = async (seed: Parameters<typeof seedMachine>[1]) => {
      const headers = basicOf(await seedMachine(server, { accessTokenType: 'jwt', ...seed }));
      const form = { grant_type: 'client_credentials', scope: 'openid' };
      const { body } = await call(server, '/oauth/v2/token', { form, headers });
      return decodeProtectedHeader(String(body.access_token)).typ;
    };
    expect(await typOf({})).toBe('JWT');
    await setInstance({ tokens: { accessTokenJwtType: 'at+jwt' } });
    expect([await typOf({}), await typOf({ accessTokenJwtType: 'JWT' })]).toEqual(['at+jwt', 'JWT']);
    await setInstance({ tokens: { accessTokenJwtType: 'JWT' } });
  });

  test('lifetimes hold for tokens issued from then on', async () => {
    await setInstance({ lifetimes: { accessTokenSeconds: 77 } });
    const user = await seedUser(world.server);
    const agent = createBrowserAgent(world.server);
    const flow = await beginFlow(world.server, spa);
    const { url } = leftFor(await completeSignIn(agent, await agent.open(flow.url), user));
    const token = await world.server.fetch('/oauth/v2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        redirect_uri: spa.redirectUri,
        client_id: spa.clientId,
        code_verifier: flow.verifier,
      }).toString(),
    });
    expect(await token.json()).toMatchObject({ expires_in: 77 });
  });
});

test('another node shows changed settings as soon as it has heard of them from the log', async () => {
  const world = await startManagementWorld('postgres');
  const node = await world.server.startNode();
  const shown = async (): Promise<string> => await (await node.fetch('/logout/done')).text();
  expect(await shown()).not.toContain('#0a5f8a');
  await world.owner.call('updateInstanceSettings', {
    body: { branding: { accentColorLight: '#0a5f8a' } },
  });
  await vi.waitFor(async () => expect(await shown()).toContain('--accent:#0a5f8a'), 5000);
  await node.close();
  await world.stop();
});
