import { seedApplication } from '@latchkey/testkit';
import { expect, test } from 'vitest';
import { appOrigin, copyBrowser, createWatchedStore, openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const hourMs = 3_600_000;

/** A browser that has come to the callback's address without opening it. */
async function atCallback() {
  const app = world().createApp();
  const browser = openAppBrowser(world(), app);
  const address = new URL(await browser.answer(await browser.begin('?returnTo=/saved'), world().user));
  return { app, browser, address };
}

const without = (address: URL, name: string, value?: string): string => {
  const changed = new URL(address);
  if (value === undefined) changed.searchParams.delete(name);
  else changed.searchParams.set(name, value);
  return changed.href;
};

test('RFC 9126: the request is pushed, so the browser carries nothing that could be changed', async () => {
  const browser = openAppBrowser(world(), world().createApp());
  const { searchParams } = new URL(await browser.begin());
  expect([...searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
});

test.each([
  ['foreign', 'x'.repeat(61)],
  ['of the right form', `0mchance0abcdefgh.${'A'.repeat(43)}`],
  ['missing', undefined],
])('a state that is %s signs nobody in, and the page is told', async (_, state) => {
  const { browser, address } = await atCallback();
  const response = await browser.send(without(address, 'state', state));
  expect(response.headers.get('location')).toBe('/');
  expect(await browser.session()).toMatchObject({ user: null, error: { code: 'unknown_state' } });
  // It is told once.
  expect(await browser.session()).toEqual({ user: null });
  // The sign-in that waits goes on all the same.
  await browser.send(address.href);
  expect((await browser.session()).user?.id).toBe(world().user.id);
});

test.each([['https://evil.example'], [undefined]])(
  'RFC 9207 §2.4: an answer with the issuer %s signs nobody in',
  async (iss) => {
    const { browser, address } = await atCallback();
    const response = await browser.send(without(address, 'iss', iss));
    expect(response.headers.get('location')).toBe('/saved');
    expect(await browser.session()).toMatchObject({ user: null, error: { code: 'invalid_response' } });
  },
);

test('OpenID Connect Core §3.1.3.7: an ID token with the nonce of another sign-in signs nobody in', async () => {
  let idToken: string | undefined;
  const fetchSwapped: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).endsWith('/token')) return response;
    const body = await response.json();
    const earlier = idToken;
    idToken ??= body.id_token;
    return Response.json({ ...body, id_token: earlier ?? body.id_token }, { headers: response.headers });
  };
  const app = world().createApp({ fetch: fetchSwapped });
  const first = openAppBrowser(world(), app);
  await first.signIn(world().user);
  expect((await first.session()).user).not.toBeNull();
  const second = openAppBrowser(world(), app);
  await second.signIn(world().user);
  expect(await second.session()).toMatchObject({ user: null, error: { code: 'invalid_response' } });
});

test('the answer of one sign-in does not finish another (RFC 7636 §4.6)', async () => {
  const { browser, address } = await atCallback();
  const other = new URL(await browser.answer(await browser.begin(), world().user));
  await browser.send(without(other, 'code', address.searchParams.get('code') ?? ''));
  expect((await browser.session()).user).toBeNull();
});

test('a callback opened twice leaves the session as it is', async () => {
  const { browser, address } = await atCallback();
  await browser.send(address.href);
  const again = await browser.send(address.href);
  expect(again.headers.get('location')).toBe('/');
  expect(await browser.session()).toMatchObject({ user: { id: world().user.id } });
  expect(await browser.session()).not.toHaveProperty('error');
});

test('a callback opened in another browser signs nobody in there', async () => {
  const { app, address } = await atCallback();
  const other = openAppBrowser(world(), app);
  await other.send(address.href);
  expect(await other.session()).toMatchObject({ user: null, error: { code: 'unknown_state' } });
});

test('a callback opened after two hours signs nobody in', async () => {
  const { browser, address } = await atCallback();
  world().server.clock.advance(2 * hourMs);
  try {
    await browser.send(address.href);
    expect(await browser.session()).toMatchObject({ user: null, error: { code: 'unknown_state' } });
  } finally {
    world().server.clock.advance(-2 * hourMs);
  }
});

test('two tabs sign in side by side; of many attempts the last four can be finished', async () => {
  const app = world().createApp();
  const browser = openAppBrowser(world(), app);
  const addresses: string[] = [];
  for (let tab = 0; tab < 7; tab += 1)
    addresses.push(await browser.answer(await browser.begin(`?returnTo=/tab-${tab}`), world().user));
  expect(browser.cookies.names().filter((name) => name.includes('-tx-'))).toHaveLength(4);
  const places: (string | null)[] = [];
  for (const address of addresses) places.push((await browser.send(address)).headers.get('location'));
  expect(places).toEqual(['/', '/', '/', '/tab-3', '/tab-4', '/tab-5', '/tab-6']);
});

test('session fixation: each sign-in has a new ID, and the session before it is over', async () => {
  const store = createWatchedStore();
  const app = world().createApp({ store });
  const browser = openAppBrowser(world(), app);
  await browser.signIn(world().user);
  const before = browser.cookies.get('__Host-latchkey') ?? '';
  const stolen = copyBrowser(world(), app, browser);
  expect((await stolen.session()).user).not.toBeNull();
  await browser.signIn(world().user, '?prompt=login');
  expect(browser.cookies.get('__Host-latchkey')).not.toBe(before);
  expect((await stolen.session()).user).toBeNull();
  expect((await browser.session()).user).not.toBeNull();
});

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '/.//evil.example',
  '/auth/sign-in',
  '/x\nset-cookie: a=b',
  `/${'a'.repeat(2000)}`,
])('a returnTo that leaves this origin, or is too long, leads to the front page (%#)', async (returnTo) => {
  const browser = openAppBrowser(world(), world().createApp());
  expect(await browser.signIn(world().user, `?returnTo=${encodeURIComponent(returnTo)}`)).toBe('/');
});

test.each([
  'prompt=whatever',
  'max_age=-1',
  'max_age=soon',
  'organization=a%20b',
  `login_hint=${'a'.repeat(400)}`,
])('sign-in refuses %s and asks the issuer nothing', async (query) => {
  const app = world().createApp();
  const response = await openAppBrowser(world(), app).send(`/auth/sign-in?${query}`);
  expect(response.status).toBe(400);
  expect(app.asked).toEqual([]);
});

test('a refusal of the issuer comes back as a notice: nobody signed in at prompt=none', async () => {
  const browser = openAppBrowser(world(), world().createApp());
  const { searchParams } = new URL(await browser.begin('?prompt=none&returnTo=/quiet'));
  const answer = await world().server.fetch(`/oauth/v2/authorize?${searchParams}`);
  const response = await browser.send(answer.headers.get('location') ?? '');
  expect(response.headers.get('location')).toBe('/quiet');
  expect(await browser.session()).toMatchObject({ user: null, error: { code: 'login_required' } });
});

test('max_age and acr_values reach the issuer: a sign-in that is too old is asked for again', async () => {
  const app = world().createApp();
  const browser = openAppBrowser(world(), app);
  await browser.signIn(world().user);
  world().server.clock.advance(600_000);
  try {
    const response = await browser.signIn(world().user, '?max_age=300&returnTo=/again');
    expect(response).toBe('/again');
    expect((await browser.session()).user).not.toBeNull();
  } finally {
    world().server.clock.advance(-600_000);
  }
});

test('a key file in place of a secret: private_key_jwt (RFC 7523 §2.2)', async () => {
  const { server, project, user } = world();
  const keyed = await seedApplication(server, project, {
    type: 'web',
    authMethod: 'private_key_jwt',
    redirectUris: [`${appOrigin}/auth/callback`],
  });
  const browser = openAppBrowser(
    world(),
    world().createApp({ clientId: keyed.clientId, keyFile: keyed.keyFile }),
  );
  await browser.signIn(user);
  expect((await browser.session()).user?.id).toBe(user.id);
  expect((await browser.call('/api/me')).status).toBe(200);
});
