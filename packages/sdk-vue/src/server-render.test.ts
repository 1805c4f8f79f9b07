import { expect, test } from 'vitest';
import { createSSRApp, defineComponent, h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createMemoryHistory, createRouter, RouterView } from 'vue-router';
import {
  createAuth,
  RequireAuth,
  requireAuth,
  SignedIn,
  SignedOut,
  UserButton,
  useAccessToken,
  useAuth,
} from './index.ts';

const options = { issuer: 'https://issuer.example', clientId: '1', apiOrigins: ['https://api.example'] };

test('on a server without a window the package loads and components render loading', async () => {
  expect(typeof window).toBe('undefined');
  const Status = defineComponent(() => {
    const { status } = useAuth();
    const { accessToken } = useAccessToken();
    return () => [
      h('p', `${status.value} ${accessToken.value}`),
      h(SignedIn, null, () => 'in'),
      h(SignedOut, null, () => 'out'),
      h(RequireAuth, null, { default: () => 'secret', fallback: () => 'One moment' }),
      h(UserButton),
    ];
  });
  const html = await renderToString(createSSRApp(Status).use(createAuth(options)));
  expect(html.replaceAll(/<!--.*?-->/g, '')).toBe('<p>loading undefined</p>One moment');
});

test('on a server a guarded route does not wait for a session that only the browser knows', async () => {
  const routes = [{ path: '/', component: { render: () => h('p', 'page') }, beforeEnter: requireAuth() }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  const app = createSSRApp(RouterView).use(createAuth(options)).use(router);
  await router.push('/');
  expect(await renderToString(app)).toContain('page');
});
