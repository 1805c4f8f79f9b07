import { type Auth, createAuth } from '@latchkey/next';
import { beforeAll, expect, test } from 'vitest';
import { type AppBrowser, appOrigin, cookieSecret, openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const matchEverything = { protect: ['/account'] };
let auth: Auth;

beforeAll(() => {
  const { server, app, project, api, log } = world();
  auth = createAuth({
    ...{ issuer: server.issuer, clientId: app.clientId, clientSecret: app.clientSecret },
    ...{ baseUrl: appOrigin, cookieSecret, projectId: project.id, apis: { '/api': `${api.origin}/v1` } },
    // Proofs carry the time of this machine, which does not move along.
    dpop: false,
    now: () => server.clock.now(),
    // The socket's answers have the date of this machine too.
    async fetch(input, init) {
      const { body, status, headers } = await fetch(input, init);
      const date = new Date(server.clock.now()).toUTCString();
      return new Response(body, { status, headers: { ...Object.fromEntries(headers), date } });
    },
    log: (line) => void log.push(line),
  });
});

/** Signs in through the route handlers. */
async function signedInBrowser(): Promise<AppBrowser> {
  const { bff } = world().createApp({ dpop: false });
  const handle = (request: Request) =>
    (request.method === 'POST' ? auth.handlers.POST : auth.handlers.GET)(request);
  const browser = openAppBrowser(world(), { bff: { ...bff, handle } });
  await browser.signIn(world().user);
  return browser;
}

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const script = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

/** A request as proxy.ts gets it. */
const visit = (path: string, headers: Record<string, string>, browser?: AppBrowser) =>
  auth.proxy(matchEverything)(
    new Request(`${appOrigin}${path}`, {
      headers: { ...headers, ...(browser === undefined ? {} : { cookie: browser.cookies.header() }) },
    }),
  );
/** What proxy.ts hands on to the page. */
const forwarded = (response: Response, name: string) => response.headers.get(`x-middleware-request-${name}`);

test('proxy: pages behind a guard lead to the sign-in and back, scripts get 401, other paths pass', async () => {
  const guarded = await visit('/account/orders?page=2&_rsc=abc', page);
  expect([guarded.status, guarded.headers.get('location')]).toEqual([
    303,
    `${appOrigin}/auth/sign-in?returnTo=%2Faccount%2Forders%3Fpage%3D2`,
  ]);
  expect((await visit('/account', script)).status).toBe(401);
  expect((await visit('/%61ccount', page)).status).toBe(303);
  for (const path of ['/', '/accounts', '/auth/session', '/api/me'])
    expect((await visit(path, page)).headers.get('x-middleware-next'), path).toBe('1');
});

test('proxy: a signed-in user passes with the path for the page, whatever path the request claims', async () => {
  const browser = await signedInBrowser();
  const passed = await visit('/account?tab=1', { ...page, 'x-latchkey-path': '/elsewhere' }, browser);
  expect(passed.headers.get('x-middleware-next')).toBe('1');
  expect(forwarded(passed, 'x-latchkey-path')).toBe('/account?tab=1');
  expect(passed.headers.getSetCookie()).toEqual([]);
});

test('proxy: a token that is due is refreshed; browser and page get the new session, shared caches nothing', async () => {
  const browser = await signedInBrowser();
  const before = browser.cookies.get('__Host-latchkey');
  world().server.clock.advance(880_000);
  const passed = await visit('/account', page, browser);
  expect(passed.headers.get('x-middleware-next')).toBe('1');
  browser.cookies.store(passed.headers);
  const after = browser.cookies.get('__Host-latchkey');
  expect(after).not.toBe(before);
  expect(forwarded(passed, 'cookie')).toContain(`__Host-latchkey=${after}`);
  expect(passed.headers.get('cache-control')).toBe('private, no-store');
  expect((await visit('/account', page, browser)).headers.getSetCookie()).toEqual([]);
});

test('refresh: refreshes and goes back to the page; nowhere else; without a session to the sign-in', async () => {
  const browser = await signedInBrowser();
  const before = browser.cookies.get('__Host-latchkey');
  world().server.clock.advance(880_000);
  const back = await browser.send('/auth/refresh?returnTo=/account%3Ftab%3D1', { headers: page });
  expect([back.status, back.headers.get('location')]).toEqual([303, '/account?tab=1']);
  expect(browser.cookies.get('__Host-latchkey')).not.toBe(before);
  const foreign = await browser.send('/auth/refresh?returnTo=//evil.example', { headers: page });
  expect(foreign.headers.get('location')).toBe('/');
  browser.cookies.clear();
  const nobody = await auth.handlers.GET(
    new Request(`${appOrigin}/auth/refresh?returnTo=/account`, { headers: page }),
  );
  expect(nobody.headers.get('location')).toBe('/auth/sign-in?returnTo=%2Faccount');
});

test('the router of the page is refused where a redirect would lead it to another origin; unknown paths are 404', async () => {
  const get = (path: string, headers: Record<string, string>) =>
    auth.handlers.GET(new Request(`${appOrigin}${path}`, { headers }));
  expect((await get('/auth/sign-in', script)).status).toBe(401);
  expect((await get('/auth/refresh', script)).status).toBe(401);
  expect((await get('/auth/sign-in', page)).headers.get('location')).toContain(world().server.issuer);
  expect((await get('/elsewhere', page)).status).toBe(404);
  expect((await get('/auth/nothing', page)).status).toBe(404);
});

test('options that are missing are named at the first request, not when the module is loaded', async () => {
  const unset = createAuth({ issuer: undefined, clientId: '', baseUrl: appOrigin, cookieSecret });
  await expect(unset.handlers.GET(new Request(`${appOrigin}/auth/session`))).rejects.toThrow(
    'createAuth lacks issuer, clientId.',
  );
});
