// @vitest-environment jsdom
import '../../sdk-browser/test-support/one-realm.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSSRApp, defineComponent, h, nextTick } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { CLIENT_ID, createFakeIssuer } from '../../sdk-browser/test-support/fake-issuer.ts';
import { clearPage, createStageClient, mountApp, signedIn, signedOut } from '../test-support/stage.ts';
import { createAuth, useAccessToken, useAuth, useAuthFetch, useUser } from './index.ts';

const Greeting = defineComponent(() => {
  const { status, user } = useAuth();
  return () => h('p', user.value === undefined ? status.value : `Hello, ${user.value.name}`);
});

const text = () => document.body.textContent;

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  window.history.replaceState(null, '', '/');
});
afterEach(() => {
  clearPage();
  vi.restoreAllMocks();
});

describe('createAuth', () => {
  test('issuer and clientId are enough: the code is redeemed once and the user is where they wanted to be', async () => {
    const issuer = await createFakeIssuer('https://issuer.example');
    const assign = vi.fn<(url: string) => void>();
    const options = { issuer: 'https://issuer.example', clientId: CLIENT_ID, fetch: issuer.fetch };
    // What an earlier page left behind when it went to the issuer.
    const { createAuthClientOn } = await import('../../sdk-browser/src/auth-client.ts');
    const { createFakePage } = await import('../../sdk-browser/test-support/fake-page.ts');
    const before = createAuthClientOn(() => createFakePage(issuer, { navigate: assign }), options);
    await before.signIn({ returnTo: '/quotes' });
    const answer = new URL(issuer.authorize(assign.mock.calls[0]?.[0] ?? '', 'signed in'));
    window.history.replaceState(null, '', `${answer.pathname}${answer.search}`);
    mountApp(() => () => h(Greeting), createAuth(options));
    expect(text()).toBe('loading');
    await expect.poll(text).toBe('Hello, Ada Lovelace');
    expect(issuer.count('/oauth/v2/token')).toBe(1);
    expect(window.location.href).toBe(`${window.location.origin}/quotes`);
  });

  test('the client starts with the app and stops when it is unmounted', () => {
    const { client, calls, listeners } = createStageClient(signedOut);
    mountApp(() => () => undefined, createAuth({ client }));
    expect([calls, listeners.size]).toEqual([['start'], 1]);
    clearPage();
    expect([calls, listeners.size]).toEqual([['start', 'stop'], 0]);
  });

  test('the server and the first render show loading, or initialState, without a mismatch', async () => {
    const { client } = createStageClient(signedIn);
    const complaints = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
    for (const initialState of [undefined, signedIn]) {
      const createPage = () => createSSRApp(Greeting).use(createAuth({ client, initialState }));
      const html = await renderToString(createPage());
      expect(html).toContain(initialState === undefined ? 'loading' : 'Hello, Ada Lovelace');
      const container = document.createElement('div');
      container.innerHTML = html;
      const app = createPage();
      app.mount(container);
      expect(container.innerHTML).toBe(html);
      await nextTick();
      await nextTick();
      expect(container.textContent).toBe('Hello, Ada Lovelace');
      app.unmount();
    }
    for (const complaint of complaints) expect(complaint).not.toHaveBeenCalled();
  });

  test('a composable without the plugin says what is missing', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(() => mountApp(() => () => h(Greeting))).toThrow('app.use(createAuth(');
  });
});

describe('composables', () => {
  test('useAuth follows the client, and hasRole reads the roles of the user', async () => {
    const { client, set } = createStageClient({ status: 'loading' });
    mountApp(() => {
      const { status, isLoading, isAuthenticated, hasRole, signedOutReason } = useAuth();
      const user = useUser();
      return () =>
        h(
          'p',
          `${status.value} ${isLoading.value} ${isAuthenticated.value} ${hasRole('editor')} ${hasRole('admin')} ${user.value?.id} ${signedOutReason.value}`,
        );
    }, createAuth({ client }));
    expect(text()).toBe('loading true false false false undefined undefined');
    set(signedIn);
    await nextTick();
    expect(text()).toBe('signed-in false true true false 1 undefined');
    set(signedOut);
    await nextTick();
    expect(text()).toBe('signed-out false false false false undefined none');
  });

  test('useAccessToken gives a token while somebody is signed in, and none to the next one', async () => {
    const { client, set } = createStageClient(signedIn);
    const answers: ((token: string) => void)[] = [];
    const getAccessToken = () => new Promise<string>((resolve) => answers.push(resolve));
    mountApp(
      () => {
        const { accessToken } = useAccessToken();
        return () => h('p', accessToken.value ?? 'no token');
      },
      createAuth({ client: { ...client, getAccessToken } }),
    );
    await expect.poll(() => answers.length).toBe(1);
    set(signedOut);
    answers[0]?.('token of the session before');
    await nextTick();
    await nextTick();
    expect(text()).toBe('no token');
    set(signedIn);
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.('token-2');
    await expect.poll(text).toBe('token-2');
  });

  test('useAuthFetch sends the token to apiOrigins only', async () => {
    const sent = new Map<string, string | null>();
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      sent.set(String(input), new Headers(init?.headers).get('authorization'));
      return new Response('{}');
    });
    const { client } = createStageClient(signedIn);
    mountApp(
      () => {
        const authFetch = useAuthFetch();
        for (const url of ['https://api.example/quote', 'https://evil.example/']) void authFetch(url);
        return () => undefined;
      },
      createAuth({ client, apiOrigins: ['https://api.example'] }),
    );
    await expect.poll(() => sent.size).toBe(2);
    expect(Object.fromEntries(sent)).toEqual({
      'https://api.example/quote': 'Bearer token-1',
      'https://evil.example/': null,
    });
  });
});
