// @vitest-environment jsdom
import '../../sdk-browser/test-support/one-realm.ts';
import { type AuthState, LoginRequired } from '@latchkey/browser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { h } from 'vue';
import { createRouter, createWebHistory, RouterView } from 'vue-router';
import { CLIENT_ID, createFakeIssuer } from '../../sdk-browser/test-support/fake-issuer.ts';
import { createFakePage } from '../../sdk-browser/test-support/fake-page.ts';
import { clearPage, createStageClient, mountApp, signedIn, signedOut } from '../test-support/stage.ts';
import { createAuth, requireAuth } from './index.ts';

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
afterEach(clearPage);

const page = (text: string) => ({ render: () => h('p', text) });

/** Opens an address in an app where all but the front page is guarded. */
function open(path: string, state: AuthState) {
  window.history.replaceState(null, '', path);
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/', component: page('front') },
      { path: '/news', component: page('news'), beforeEnter: requireAuth() },
      { path: '/edit', component: page('edit'), beforeEnter: requireAuth({ roles: ['editor', 'chief'] }) },
      {
        path: '/admin',
        component: page('admin'),
        beforeEnter: requireAuth({ roles: ['admin'], forbidden: '/?forbidden' }),
      },
      { path: '/audit', component: page('audit'), beforeEnter: requireAuth({ roles: ['admin'] }) },
    ],
  });
  const made = createStageClient(state);
  mountApp(() => () => h(RouterView), createAuth({ client: made.client }), router);
  return { ...made, router };
}

test('a guarded route waits for the session and then opens', async () => {
  const { set, calls } = open('/news?page=2', { status: 'loading' });
  await expect.poll(() => calls).toContain('start');
  expect(document.body.textContent).toBe('');
  set(signedIn);
  await expect.poll(() => document.body.textContent).toBe('news');
  expect(window.location.search).toBe('?page=2');
});

test('nobody signed in: the browser leaves for the issuer and comes back to the same route', async () => {
  const { calls, router } = open('/news?page=2', signedOut);
  await expect.poll(() => calls).toContain('signIn /news?page=2');
  await router.push('/');
  await router.push('/edit');
  expect(calls.at(-1)).toBe('signIn /edit');
  expect(router.currentRoute.value.path).toBe('/');
});

test.each<[string, AuthState]>([
  ['a deliberate sign-out', { status: 'signed-out', reason: 'sign-out' }],
  ['a failed sign-in', { status: 'error', error: new LoginRequired('access_denied', 'Refused.') }],
])('after %s a guarded first page does not go back to the issuer by itself', async (_, state) => {
  const { calls, router } = open('/news', state);
  await expect.poll(() => document.body.textContent).toBe('front');
  expect(calls).not.toContain('signIn /news');
  // A click on the link is somebody who wants to sign in.
  await router.push('/news');
  expect(calls).toContain('signIn /news');
});

test('roles: one is enough; without any the navigation goes elsewhere or is cancelled', async () => {
  const { router } = open('/edit', signedIn);
  await expect.poll(() => document.body.textContent).toBe('edit');
  await router.push('/audit');
  expect(router.currentRoute.value.fullPath).toBe('/edit');
  await router.push('/admin');
  expect(router.currentRoute.value.fullPath).toBe('/?forbidden');
});

test('a guard on every route leaves the address of the callback to the router', async () => {
  const issuer = await createFakeIssuer('https://issuer.example');
  const options = { issuer: 'https://issuer.example', clientId: CLIENT_ID, fetch: issuer.fetch };
  const { createAuthClientOn } = await import('../../sdk-browser/src/auth-client.ts');
  const before = createFakePage(issuer);
  await createAuthClientOn(() => before, options).signIn({ returnTo: '/news?page=2' });
  window.history.replaceState(null, '', issuer.authorize(before.navigations[0] ?? '', 'signed in').slice(21));
  expect(window.location.pathname).toBe('/callback');
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/news', component: page('news') },
      { path: '/callback', component: page('callback') },
    ],
  });
  router.beforeEach(requireAuth());
  mountApp(() => () => h(RouterView), createAuth({ ...options, router }), router);
  await expect.poll(() => document.body.textContent).toBe('news');
  expect(window.location.pathname + window.location.search).toBe('/news?page=2');
  expect(router.currentRoute.value.fullPath).toBe('/news?page=2');
});
