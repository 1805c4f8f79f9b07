// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest';
import { createAuthFetch } from '../auth-fetch.ts';
import { openBrowserPage } from '../page.ts';
import { createBffClient } from './bff-client.ts';
import type { BffClientOptions } from './bff-options.ts';

const ada = { id: '1', name: 'Ada', roles: ['editor'], claims: { sub: '1', name: 'Ada' } };

interface Sent {
  readonly path: string;
  readonly method: string;
  readonly csrf: string | null;
}

/** A client at a backend for frontend that answers by path, on a page that goes nowhere. */
function build(answers: Record<string, () => Response>, options: Partial<BffClientOptions> = {}) {
  const sent: Sent[] = [];
  const navigations: string[] = [];
  const fetchFake: typeof fetch = async (input, init) => {
    const url = new URL(String(input), window.location.origin);
    const headers = new Headers(init?.headers);
    sent.push({
      path: url.pathname + url.search,
      method: init?.method ?? 'GET',
      csrf: headers.get('x-latchkey-csrf'),
    });
    const answer = answers[url.pathname];
    if (answer === undefined) throw new TypeError('Failed to fetch');
    return answer();
  };
  const openPage = () => ({ ...openBrowserPage(), navigate: (url: string) => void navigations.push(url) });
  const client = createBffClient(openPage, { mode: 'bff', fetch: fetchFake, ...options });
  clients.push(client);
  return { client, sent, navigations, authFetch: createAuthFetch(client, { fetch: fetchFake }) };
}

const clients: { stop(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.stop();
  await Promise.resolve();
  window.history.replaceState(null, '', '/');
});

const json = (body: unknown) => () => Response.json(body);
const problem = (status: number, code: string) => () =>
  Response.json({ code, detail: `It is ${code}.` }, { status, headers: { 'x-latchkey-error': code } });

test('the state comes from the session endpoint', async () => {
  const { client, sent } = build({ '/auth/session': json({ user: ada, expiresAt: 1 }) });
  expect(client.getSnapshot().status).toBe('loading');
  await client.start();
  expect(client.getSnapshot()).toMatchObject({ status: 'signed-in', user: { id: '1', roles: ['editor'] } });
  expect(sent).toEqual([{ path: '/auth/session', method: 'GET', csrf: '1' }]);
});

test('nobody signed in is signed-out; a failed sign-in is an error with its code', async () => {
  const nobody = build({ '/auth/session': json({ user: null }) });
  await nobody.client.start();
  expect(nobody.client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'none' });

  const failed = build({
    '/auth/session': json({ user: null, error: { code: 'access_denied', message: 'No.' } }),
  });
  await failed.client.start();
  expect(failed.client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { name: 'CallbackError', code: 'access_denied' },
  });
});

test('a server that does not answer is a NetworkError; one without the endpoint a ConfigurationError', async () => {
  const away = build({});
  await away.client.start();
  expect(away.client.getSnapshot()).toMatchObject({ status: 'error', error: { name: 'NetworkError' } });
  const page = build({ '/auth/session': () => new Response('<html>', { status: 404 }) });
  await page.client.start();
  expect(page.client.getSnapshot()).toMatchObject({ error: { name: 'ConfigurationError', code: 'no_bff' } });
});

test('signIn asks for the address with the CSRF header and goes there; returnTo is where the user is', async () => {
  window.history.replaceState(null, '', '/saved?page=2#top');
  const { client, sent, navigations } = build({
    '/auth/sign-in': json({ redirectTo: 'https://id.test/authorize?x' }),
  });
  await client.signIn({ maxAge: 300, acrValues: 'mfa', prompt: 'login' });
  expect(navigations).toEqual(['https://id.test/authorize?x']);
  const query = new URL(sent[0]?.path ?? '', window.location.origin).searchParams;
  expect(Object.fromEntries(query)).toEqual({
    returnTo: '/saved?page=2#top',
    prompt: 'login',
    max_age: '300',
    acr_values: 'mfa',
  });
  expect(sent[0]?.csrf).toBe('1');
});

test('signIn throws NetworkError while the issuer is away, and ConfigurationError for a scope', async () => {
  const { client, navigations } = build({ '/auth/sign-in': problem(503, 'issuer_unavailable') });
  await expect(client.signIn()).rejects.toMatchObject({ name: 'NetworkError', code: 'issuer_unavailable' });
  await expect(client.signIn({ scope: 'openid x' })).rejects.toMatchObject({ name: 'ConfigurationError' });
  expect(navigations).toEqual([]);
});

test('signOut posts with the CSRF header, signs out other tabs, and goes to the issuer', async () => {
  const answers = {
    '/auth/session': json({ user: ada }),
    '/auth/sign-out': json({ redirectTo: 'https://id.test/end?post_logout_redirect_uri=x' }),
  };
  const one = build(answers);
  const other = build(answers);
  await Promise.all([one.client.start(), other.client.start()]);
  await one.client.signOut({ returnTo: '/bye' });
  expect(one.sent.at(-1)).toEqual({ path: '/auth/sign-out', method: 'POST', csrf: '1' });
  expect(one.client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'sign-out' });
  await expect.poll(() => other.client.getSnapshot().status).toBe('signed-out');
  const left = new URL(one.navigations[0] ?? '');
  expect(left.origin).toBe('https://id.test');

  // Back from there, the page shows the wanted path.
  window.history.replaceState(null, '', `/?state=${left.searchParams.get('state')}`);
  const shown: string[] = [];
  const back = build(
    { '/auth/session': json({ user: null }) },
    { onReturn: (path) => void shown.push(path) },
  );
  await back.client.start();
  expect(shown).toEqual(['/bye']);
});

test('a sign-in in one tab reaches the others', async () => {
  let user: typeof ada | null = null;
  const session = () => Response.json({ user });
  const one = build({ '/auth/session': session });
  await one.client.start();
  expect(one.client.getSnapshot().status).toBe('signed-out');
  user = ada;
  const other = build({ '/auth/session': session });
  await other.client.start();
  await expect.poll(() => one.client.getSnapshot().status).toBe('signed-in');
});

test('getAccessToken and the organization of another sign-in: the first is refused, the second goes to the server', async () => {
  const { client, sent } = build({ '/auth/sign-in': json({ redirectTo: 'https://id.test/' }) });
  await expect(client.getAccessToken()).rejects.toMatchObject({ code: 'no_token_in_bff_mode' });
  await client.switchOrganization('42');
  expect(sent[0]?.path).toContain('organization=42');
});

test('authFetch sends same-origin requests with the CSRF header and no token; others pass as they are', async () => {
  const { authFetch, sent } = build({
    '/auth/session': json({ user: ada }),
    '/api/me': json({ ok: true }),
    '/elsewhere': json({}),
  });
  await authFetch('/api/me');
  await authFetch('https://elsewhere.test/elsewhere');
  expect(sent.slice(1).map(({ path, csrf }) => [path, csrf])).toEqual([
    ['/api/me', '1'],
    ['/elsewhere', null],
  ]);
});

test('RFC 9470 §3: a challenge for a stronger sign-in reaches the app as StepUpRequired', async () => {
  const challenge = 'DPoP error="insufficient_user_authentication", acr_values="mfa", max_age="300"';
  const { authFetch } = build({
    '/auth/session': json({ user: ada }),
    '/api/strong': () => new Response('{}', { status: 401, headers: { 'www-authenticate': challenge } }),
  });
  await expect(authFetch('/api/strong')).rejects.toMatchObject({
    name: 'StepUpRequired',
    acrValues: 'mfa',
    maxAge: 300,
  });
});

test('a session that ended meanwhile is LoginRequired and shows in the state; an API that is away is an answer', async () => {
  const { client, authFetch } = build({
    '/auth/session': json({ user: ada }),
    '/api/me': problem(401, 'login_required'),
    '/api/away': problem(502, 'api_unavailable'),
    '/api/issuer': problem(503, 'issuer_unavailable'),
    '/api/foreign': problem(403, 'csrf'),
  });
  expect((await authFetch('/api/away')).status).toBe(502);
  await expect(authFetch('/api/issuer')).rejects.toMatchObject({ name: 'NetworkError' });
  await expect(authFetch('/api/foreign')).rejects.toMatchObject({ name: 'ConfigurationError', code: 'csrf' });
  await expect(authFetch('/api/me')).rejects.toMatchObject({ name: 'LoginRequired' });
  expect(client.getSnapshot()).toMatchObject({ status: 'signed-out', reason: 'expired' });
  await expect(authFetch('/api/away')).rejects.toMatchObject({ name: 'LoginRequired' });
});

test('apiOrigins other than this one and a base path that is none are refused when the client is made', () => {
  const { client } = build({});
  expect(() => createAuthFetch(client, { apiOrigins: ['https://api.test'] })).toThrow(/createBff/);
  expect(() => createAuthFetch(client, { apiOrigins: [window.location.origin] })).not.toThrow();
  for (const basePath of ['', 'auth', '/auth/', '//evil.test', 'https://evil.test/auth', '/a?b'])
    expect(() => build({}, { basePath }), basePath).toThrow(/basePath/);
});
