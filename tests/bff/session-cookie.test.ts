import { seedApplication, seedAuthorization, seedProject, seedUser } from '@latchkey/testkit';
import { expect, test } from 'vitest';
import { cookieSecret, copyBrowser, createWatchedStore, openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const name = '__Host-latchkey';

async function signedIn(options: Parameters<ReturnType<typeof world>['createApp']>[0] = {}) {
  const app = world().createApp(options);
  const browser = openAppBrowser(world(), app);
  await browser.signIn(world().user);
  return { app, browser };
}

test('cookies on https are __Host-, Secure, HttpOnly, SameSite=Lax and for the whole host', async () => {
  const app = world().createApp();
  const browser = openAppBrowser(world(), app);
  const address = await browser.answer(await browser.begin(), world().user);
  const lines = (await browser.send(address)).headers.getSetCookie();
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) {
    expect(line).toMatch(/^__Host-latchkey/);
    expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    expect(line).not.toMatch(/domain/i);
  }
});

test('no token and no claim can be read in a cookie, and none in what the page is told', async () => {
  const { app, browser } = await signedIn();
  const { token } = await app.bff.getAccessToken(new Headers({ cookie: browser.cookies.header() }));
  const told = await (await browser.send('/auth/session')).text();
  for (const text of [browser.cookies.header(), told]) {
    expect(text).not.toContain(token);
    expect(text).not.toMatch(/refresh|id_token|lk_rt_/i);
  }
  expect(browser.cookies.header()).not.toContain(btoa('Grace').slice(0, 6));
});

test('a cookie without the __Host- prefix, as a subdomain could set it, is ignored', async () => {
  const { app, browser } = await signedIn();
  const own = browser.cookies.names().map((each) => [each, browser.cookies.get(each) ?? ''] as const);
  const seenAs = async (cookie: string) => (await app.bff.getSession(new Headers({ cookie })))?.user.id;
  const as = (prefix: string) =>
    own.map(([each, value]) => `${each.replace(name, prefix)}=${value}`).join('; ');
  expect(await seenAs(as(name))).toBe(world().user.id);
  for (const other of ['latchkey', '__Secure-latchkey', 'latchkey-dev-443', '__host-latchkey'])
    expect(await seenAs(as(other))).toBeUndefined();
  expect(await seenAs(`theme=dark, ${as(name).replaceAll('; ', ', ')}`)).toBeUndefined();
});

test('a tampered cookie is no session: each part changed, cut, of another purpose, or not sealed at all', async () => {
  const { app, browser } = await signedIn();
  const sealed = browser.cookies.get(name) ?? '';
  expect((await copyBrowser(world(), app, browser).session()).user).not.toBeNull();
  await browser.begin();
  const transaction = browser.cookies.names().find((each) => each.includes('-tx-')) ?? '';
  const flipAt = (index: number) =>
    `${sealed.slice(0, index)}${sealed[index] === 'A' ? 'B' : 'A'}${sealed.slice(index + 1)}`;
  const bad = [
    ...[0, 1, 5, 40, 100, Math.floor(sealed.length / 2), sealed.length - 2].map(flipAt),
    ...[sealed.slice(0, -10), `${sealed}A`, `1${sealed.slice(1)}`, `9${sealed.slice(1)}`],
    ...['', 'null', '{}', '1~', `1~${browser.cookies.get(transaction)}`, `1~${btoa('{"user":1}')}`],
    '1~eyJhbGciOiJkaXIiLCJlbmMiOiJub25lIn0..AAAA.AAAA.AAAA',
    `1~${'A'.repeat(100_000)}`,
  ];
  for (const value of bad) {
    const attacker = copyBrowser(world(), app, browser, { [name]: value });
    expect((await attacker.session()).user, value.slice(0, 40)).toBeNull();
    expect((await attacker.call('/api/me')).status).toBe(401);
  }
});

test('secrets rotate: a new one seals, the old one still opens until it is taken out', async () => {
  const { browser } = await signedIn();
  const next = 'another secret of the test, long enough';
  const rotated = copyBrowser(world(), world().createApp({ cookieSecret: [next, cookieSecret] }), browser);
  expect((await rotated.session()).user).not.toBeNull();
  const late = copyBrowser(world(), world().createApp({ cookieSecret: next }), browser);
  expect((await late.session()).user).toBeNull();
});

test('a session ID of a store that was guessed, or is a key of the store, is no session', async () => {
  const store = createWatchedStore();
  const { app, browser } = await signedIn({ store });
  const [key = ''] = store.entries.keys();
  for (const value of [
    'A'.repeat(43),
    key,
    key.replace('session:', ''),
    '../x',
    `${browser.cookies.get(name)}A`,
  ]) {
    const attacker = openAppBrowser(world(), app);
    attacker.cookies.set(name, value);
    expect((await attacker.session()).user).toBeNull();
  }
});

test('the session ends after its lifetime, whatever is refreshed', async () => {
  const { browser } = await signedIn({ sessionLifetimeSeconds: 3600 });
  const { expiresAt = 0 } = await browser.session();
  expect(Math.abs(expiresAt - world().server.clock.now() / 1000 - 3600)).toBeLessThan(30);
  world().server.clock.advance(3_601_000);
  try {
    expect((await browser.session()).user).toBeNull();
  } finally {
    world().server.clock.advance(-3_601_000);
  }
});

test('150 roles in the ID token: the sealed session is refused with sizes and a way out, a store takes it', async () => {
  const { server } = world();
  const roleKeys = Array.from({ length: 150 }, (_, index) => `role-${index}`);
  const crowded = await seedProject(server, { roleKeys, roleAssertion: true });
  const app = await seedApplication(server, crowded, {
    type: 'web',
    idTokenUserinfoAssertion: true,
    idTokenRoleAssertion: true,
    redirectUris: ['https://app.example.com/auth/callback'],
  });
  const user = await seedUser(server);
  await seedAuthorization(server, { userId: user.id, project: crowded, roleKeys });
  const { clientId, clientSecret } = app;
  const client = { clientId, clientSecret, projectId: crowded.id };

  const sealed = openAppBrowser(world(), world().createApp(client));
  await sealed.signIn(user);
  expect(await sealed.session()).toMatchObject({ user: null, error: { code: 'session_too_large' } });
  expect(world().log.join()).toMatch(/claims \d{5}, access token \d+.*createBff\(\{ store \}\)/);

  const stored = openAppBrowser(world(), world().createApp({ ...client, store: createWatchedStore() }));
  await stored.signIn(user);
  expect((await stored.session()).user?.roles).toHaveLength(150);
});

test('a session that needs two cookies has two, and without its ID token when it needs three', async () => {
  const { server, user } = world();
  const chatty = (size: number) => ({
    fetch: (async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith('/token')) return response;
      const body = await response.json();
      return Response.json({ ...body, refresh_token: 'r'.repeat(size) }, { headers: response.headers });
    }) satisfies typeof fetch,
  });
  const two = openAppBrowser(world(), world().createApp(chatty(1500)));
  await two.signIn(user);
  expect([...two.cookies.names()].sort()).toEqual([name, `${name}-1`]);
  for (const each of two.cookies.names()) expect(two.cookies.get(each)?.length).toBeLessThan(4000);
  expect((await two.session()).user?.id).toBe(user.id);

  const large = openAppBrowser(world(), world().createApp(chatty(3500)));
  await large.signIn(user);
  expect((await large.session()).user?.id).toBe(user.id);
  expect(world().log.join()).toContain('its ID token was dropped');
  const { redirectTo } = await (await large.call('/auth/sign-out', { method: 'POST' })).json();
  expect(new URL(redirectTo).searchParams.has('id_token_hint')).toBe(false);
  expect(new URL(redirectTo).searchParams.get('logout_hint')).toBe(user.loginName);
  expect(large.cookies.names()).toEqual([]);
  expect(server.issuer).toBe(new URL(redirectTo).origin);
});
