import { expect, test } from 'vitest';
import { appOrigin, createWatchedStore, openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();

test('a person signs in, calls an API through the proxy by DPoP, and signs out', async () => {
  const app = world().createApp();
  const browser = openAppBrowser(world(), app);
  expect(await browser.session()).toEqual({ user: null });
  expect(await browser.signIn(world().user, '?returnTo=/saved%3Fpage%3D2')).toBe('/saved?page=2');
  const { user } = await browser.session();
  expect(user).toMatchObject({ id: world().user.id, name: 'Grace Hopper', roles: ['editor'] });

  const answer = await browser.call('/api/me');
  expect([answer.status, await answer.json()]).toEqual([200, { who: world().user.id }]);
  expect(world().api.calls.at(-1)?.headers.get('authorization')).toMatch(/^DPoP /);

  const signedOut = await browser.call('/auth/sign-out', { method: 'POST' });
  const { redirectTo } = await signedOut.json();
  expect(redirectTo).toContain('/oidc/v1/end_session?');
  expect(new URL(redirectTo).searchParams.get('post_logout_redirect_uri')).toBe(`${appOrigin}/`);
  expect(await browser.session()).toEqual({ user: null });
  expect((await browser.call('/api/me')).status).toBe(401);
});

test('with a store the cookie is an ID and the store holds no token in the clear', async () => {
  const store = createWatchedStore();
  const browser = openAppBrowser(world(), world().createApp({ store }));
  await browser.signIn(world().user);
  expect(browser.cookies.get('__Host-latchkey')).toMatch(/^[\w-]{43}$/);
  const [[key, value] = []] = store.entries;
  expect(key).toMatch(/^session:/);
  expect(key).not.toContain(browser.cookies.get('__Host-latchkey'));
  expect(value).toMatch(/^eyJ/);
  expect((await browser.call('/api/me')).status).toBe(200);
});
