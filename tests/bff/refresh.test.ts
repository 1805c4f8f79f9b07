import { seedUser, setState } from '@latchkey/testkit';
import { expect, test } from 'vitest';
import { copyBrowser, createWatchedStore, openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const tokenLifeMs = 43_200_000;

/** Lets the access token expire for the length of some work; the refresh token and the session at the issuer live on. */
async function later(byMs: number, work: () => Promise<void>): Promise<void> {
  world().server.clock.advance(byMs);
  try {
    await work();
  } finally {
    world().server.clock.advance(-byMs);
  }
}

async function signedIn(options: Parameters<ReturnType<typeof world>['createApp']>[0] = {}) {
  const app = world().createApp({ sessionLifetimeSeconds: 10 * 86_400, ...options });
  const browser = openAppBrowser(world(), app);
  // Someone new each time: the lockout of the server counts by a clock that goes back and forth here.
  const user = await seedUser(world().server);
  await browser.signIn(user);
  app.asked.length = 0;
  return { app, browser, user };
}

const refreshes = (asked: readonly string[]) => asked.filter((path) => path.endsWith('/token')).length;

test.each([
  ['sealed', () => ({})],
  ['stored', () => ({ store: createWatchedStore() })],
])('%s: twenty requests with an expired token share one refresh', async (_, options) => {
  const { app, browser } = await signedIn(options());
  await later(tokenLifeMs + 1000, async () => {
    const copies = Array.from({ length: 20 }, () => copyBrowser(world(), app, browser));
    const answers = await Promise.all(copies.map((copy) => copy.call('/api/me')));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(refreshes(app.asked)).toBe(1);
    // A request that left before the new cookie came still has the old one.
    expect((await copyBrowser(world(), app, browser).call('/api/me')).status).toBe(200);
    expect(refreshes(app.asked)).toBe(1);
    const [one] = copies;
    expect((await one?.call('/api/me'))?.status).toBe(200);
  });
});

test('two processes with one store and its lock refresh once', async () => {
  const entries = createWatchedStore();
  const queues = new Map<string, Promise<unknown>>();
  const store = {
    ...entries,
    lock<Outcome>(key: string, work: () => Promise<Outcome>): Promise<Outcome> {
      const turn = (queues.get(key) ?? Promise.resolve()).then(work, work);
      queues.set(key, turn);
      return turn;
    },
  };
  const { app, browser } = await signedIn({ store });
  const other = world().createApp({ store, sessionLifetimeSeconds: 10 * 86_400 });
  await later(tokenLifeMs + 1000, async () => {
    const there = copyBrowser(world(), other, browser);
    const answers = await Promise.all([browser.call('/api/me'), there.call('/api/me')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(refreshes(app.asked) + refreshes(other.asked)).toBe(1);
  });
});

test('with the issuer away the session lives on: requests work while the token does, then they are 503', async () => {
  const { app, browser } = await signedIn();
  const { expiresAt } = await app.bff.getAccessToken(new Headers({ cookie: browser.cookies.header() }));
  app.cutOff(true);
  await later(expiresAt * 1000 - world().server.clock.now() - 10_000, async () => {
    expect((await browser.call('/api/me')).status).toBe(200);
  });
  await later(tokenLifeMs + 1000, async () => {
    const refused = await browser.call('/api/me');
    expect([refused.status, refused.headers.get('x-latchkey-error')]).toEqual([503, 'issuer_unavailable']);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await browser.session()).user).not.toBeNull();
    app.cutOff(false);
    expect((await browser.call('/api/me')).status).toBe(200);
  });
});

test('with the issuer away a sign-in says so to a script, and leads a page back with a notice', async () => {
  const app = world().createApp();
  app.cutOff(true);
  const browser = openAppBrowser(world(), app);
  expect((await browser.call('/auth/sign-in')).status).toBe(503);
  const response = await browser.send('/auth/sign-in?returnTo=/saved');
  expect(response.headers.get('location')).toBe('/saved');
  expect(await browser.session()).toMatchObject({ user: null, error: { code: 'issuer_unavailable' } });
});

test('with the issuer away a sign-out ends the session here and is 503', async () => {
  const fresh = world().createApp();
  const { browser } = await signedIn();
  const there = copyBrowser(world(), fresh, browser);
  fresh.cutOff(true);
  expect((await there.call('/auth/sign-out', { method: 'POST' })).status).toBe(503);
  expect((await there.session()).user).toBeNull();
});

test('a session that has ended at the issuer ends here at the next refresh, with its cookies', async () => {
  const { browser, user } = await signedIn();
  await setState(world().server, 'user', user.id, 'inactive');
  await later(tokenLifeMs + 1000, async () => {
    const refused = await browser.call('/api/me');
    expect([refused.status, refused.headers.get('x-latchkey-error')]).toEqual([401, 'login_required']);
    expect(browser.cookies.names()).toEqual([]);
  });
});

test('a sign-out while a refresh is under way is not undone by it', async () => {
  for (const options of [{}, { store: createWatchedStore() }]) {
    let release: () => void = () => undefined;
    let isHeld = false;
    let started: () => void = () => undefined;
    const hasStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const fetchHeld: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (isHeld && String(input).endsWith('/token')) {
        started();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return response;
    };
    const { app, browser } = await signedIn({ ...options, fetch: fetchHeld });
    await later(tokenLifeMs + 1000, async () => {
      isHeld = true;
      const slow = copyBrowser(world(), app, browser);
      const pending = slow.call('/api/me');
      await hasStarted;
      await browser.call('/auth/sign-out', { method: 'POST' });
      release();
      expect((await pending).status).toBe(401);
      expect((await slow.session()).user).toBeNull();
    });
  }
});

test('getAccessToken of server code refreshes too, and hands over the cookies that came of it', async () => {
  const { app, browser } = await signedIn();
  await later(tokenLifeMs + 1000, async () => {
    const headers = new Headers({ cookie: browser.cookies.header() });
    const { tokenType, expiresAt } = await app.bff.getAccessToken(headers);
    expect(tokenType).toBe('DPoP');
    expect(expiresAt * 1000).toBeGreaterThan(world().server.clock.now());
    expect(app.bff.setCookies(headers).join()).toMatch(/^__Host-latchkey=/);
  });
});
