// @vitest-environment jsdom
import '../test-support/one-realm.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_ID, createFakeIssuer, type FakeIssuer } from '../test-support/fake-issuer.ts';
import { createFakePage, type FakePage, visit } from '../test-support/fake-page.ts';
import { type AuthClient, createAuthClientOn } from './auth-client.ts';
import { LoginRequired, NetworkError } from './auth-error.ts';
import type { Page } from './page.ts';
import type { AuthClientOptions } from './settings.ts';

const ISSUER = 'https://issuer.example';
const MINUTE_MS = 60_000;
let issuer: FakeIssuer;
const clients: AuthClient[] = [];

beforeEach(async () => {
  issuer = await createFakeIssuer(ISSUER);
  sessionStorage.clear();
  localStorage.clear();
  visit('/');
});

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
});

function build(options: Partial<AuthClientOptions> = {}, overrides: Partial<Page> = {}) {
  const page = createFakePage(issuer, overrides);
  const client = createAuthClientOn(() => page, {
    issuer: ISSUER,
    clientId: CLIENT_ID,
    fetch: issuer.fetch,
    ...options,
  });
  clients.push(client);
  return { client, page };
}

async function signIn(
  { client, page }: { readonly client: AuthClient; readonly page: FakePage },
  options: Partial<AuthClientOptions> = {},
) {
  await client.signIn();
  visit(issuer.authorize(page.navigations.at(-1) ?? '', 'signed in'));
  const after = build(options);
  await after.client.start();
  expect(after.client.getSnapshot().status).toBe('signed-in');
  return after;
}

describe('getAccessToken', () => {
  test('a token is refreshed 30 s before it expires, and not earlier', async () => {
    const { client, page } = await signIn(build());
    const first = await client.getAccessToken();
    page.advance(14 * MINUTE_MS);
    expect(await client.getAccessToken()).toBe(first);
    page.advance(31_000);
    expect(await client.getAccessToken()).not.toBe(first);
    expect(issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
  });

  test('a token of a minute is refreshed in its last tenth', async () => {
    issuer.bend.accessLifeSeconds = 60;
    const { client, page } = await signIn(build());
    const first = await client.getAccessToken();
    page.advance(50_000);
    expect(await client.getAccessToken()).toBe(first);
    page.advance(5_000);
    expect(await client.getAccessToken()).not.toBe(first);
  });

  test('twenty callers at once share one refresh', async () => {
    const { client, page } = await signIn(build());
    page.advance(20 * MINUTE_MS);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => client.getAccessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
  });

  test('invalid_grant signs out and throws LoginRequired', async () => {
    const { client, page } = await signIn(build());
    issuer.endSession();
    page.advance(20 * MINUTE_MS);
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(LoginRequired);
    expect(client.getSnapshot()).toMatchObject({
      status: 'signed-out',
      reason: 'expired',
      error: { code: 'login_required' },
    });
  });

  test.each(['no network', 'issuer down'])(
    '%s throws NetworkError and the user stays signed in',
    async (trouble) => {
      const { client, page } = await signIn(build());
      page.advance(20 * MINUTE_MS);
      if (trouble === 'no network') issuer.bend.offline = 'yes';
      else issuer.bend.tokenStatus = 503;
      await expect(client.getAccessToken()).rejects.toBeInstanceOf(NetworkError);
      expect(client.getSnapshot().status).toBe('signed-in');
      issuer.bend.offline = 'no';
      issuer.bend.tokenStatus = 200;
      expect(await client.getAccessToken()).toMatch(/^at_/);
    },
  );

  test('a token that is still good outlives a lost network while it should be refreshed', async () => {
    const { client, page } = await signIn(build());
    const first = await client.getAccessToken();
    page.advance(15 * MINUTE_MS - 10_000);
    issuer.bend.offline = 'yes';
    expect(await client.getAccessToken()).toBe(first);
    page.advance(11_000);
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(NetworkError);
  });

  test('OpenID Connect Core §12.2: refreshed tokens of another user are thrown away', async () => {
    const { client, page } = await signIn(build());
    issuer.bend.idTokenClaims = { sub: 'user-2' };
    page.advance(20 * MINUTE_MS);
    await expect(client.getAccessToken()).rejects.toMatchObject({ code: 'user_changed' });
    expect(client.getSnapshot().status).toBe('signed-out');
  });

  test('signing out while a refresh is under way is not undone by its result', async () => {
    let noteSent = () => {};
    let release = () => {};
    const sent = new Promise<void>((resolve) => {
      noteSent = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const heldFetch: typeof fetch = async (input, init) => {
      const answer = await issuer.fetch(input, init);
      if (!String(init?.body).includes('grant_type=refresh_token')) return answer;
      noteSent();
      await released;
      return answer;
    };
    const { client, page } = await signIn(build(), { fetch: heldFetch });
    page.advance(20 * MINUTE_MS);
    const refreshing = client.getAccessToken();
    await sent;
    await client.signOut();
    release();
    await expect(refreshing).rejects.toBeInstanceOf(LoginRequired);
    expect(client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'sign-out' });
  });

  test('without a refresh token and at another site an expired session throws LoginRequired', async () => {
    issuer.bend.rotate = 'without refresh token';
    const { client, page } = await signIn(build());
    expect(await client.getAccessToken()).toMatch(/^at_/);
    page.advance(16 * MINUTE_MS);
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(LoginRequired);
    expect(page.frames).toEqual([]);
  });
});

describe('several tabs', () => {
  // The two ways tabs are kept apart: the browser's locks, or the page's own where those are missing.
  test('two tabs that need a token at once refresh once', async () => {
    const one = await signIn(build());
    const other = build();
    await other.client.start();
    expect(other.client.getSnapshot()).toMatchObject({ status: 'signed-in', user: { name: 'Ada Lovelace' } });
    for (const tab of [one, other]) tab.page.advance(20 * MINUTE_MS);
    const tokens = await Promise.all([one.client.getAccessToken(), other.client.getAccessToken()]);
    expect(tokens[0]).toBe(tokens[1]);
    expect(issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
  });

  test('a sign-in in one tab signs in the others', async () => {
    const waiting = build();
    await waiting.client.start();
    expect(waiting.client.getSnapshot().status).toBe('signed-out');
    await signIn(build());
    await expect.poll(() => waiting.client.getSnapshot().status).toBe('signed-in');
  });

  test('a sign-out in one tab signs out the others', async () => {
    const one = await signIn(build());
    const other = build();
    await other.client.start();
    await one.client.signOut();
    await expect.poll(() => other.client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'sign-out' });
    await expect(other.client.getAccessToken()).rejects.toBeInstanceOf(LoginRequired);
  });

  test('a page out of the back-forward cache sees that the user signed out meanwhile', async () => {
    const frozen = await signIn(build(), {});
    const other = build();
    await other.client.start();
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    // The other tab is not frozen.
    await other.client.start();
    await other.client.signOut();
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    expect(frozen.client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'sign-out' });
  });

  test('a page that is seen again refreshes a token that ran out meanwhile', async () => {
    const { client, page } = await signIn(build());
    page.advance(20 * MINUTE_MS);
    document.dispatchEvent(new Event('visibilitychange'));
    await expect.poll(() => issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
    expect(client.getSnapshot().status).toBe('signed-in');
  });

  test('a message that is no session is ignored', async () => {
    const { client } = build();
    await client.start();
    const channel = new BroadcastChannel(`latchkey:${ISSUER}:${CLIENT_ID}`);
    channel.postMessage({ type: 'session', session: { accessToken: 'x' } });
    channel.postMessage('signed-in');
    channel.postMessage({ type: 'ask' });
    const answered = new Promise((resolve) => channel.addEventListener('message', resolve, { once: true }));
    await answered;
    expect(client.getSnapshot().status).toBe('signed-out');
    channel.close();
  });
});

describe('after a reload', () => {
  async function reload(options: Partial<AuthClientOptions>, page: Partial<Page> = {}) {
    for (const client of clients.splice(0)) client.stop();
    const after = build(options, page);
    await after.client.start();
    return after;
  }

  test('memory: nothing of the session is in any storage, and the user is signed out', async () => {
    const { client } = await signIn(build());
    const token = await client.getAccessToken();
    const kept = JSON.stringify([{ ...sessionStorage }, { ...localStorage }]);
    expect(kept).not.toContain('rt_');
    expect(kept).not.toContain(token);
    expect((await reload({})).client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'none' });
  });

  test.each(['session', 'local'] as const)(
    'storage %s: the refresh token brings the session back',
    async (storage) => {
      const { client } = await signIn(build({ storage }), { storage });
      const token = await client.getAccessToken();
      expect(JSON.stringify([{ ...sessionStorage }, { ...localStorage }])).not.toContain(token);
      const after = await reload({ storage });
      expect(after.client.getSnapshot()).toMatchObject({
        status: 'signed-in',
        user: { name: 'Ada Lovelace' },
      });
      expect(issuer.count('/oauth/v2/token', 'refresh_token')).toBe(1);
    },
  );

  test('storage session: without a network the user stays signed in and is refreshed later', async () => {
    await signIn(build({ storage: 'session' }), { storage: 'session' });
    issuer.bend.offline = 'yes';
    const { client } = await reload({ storage: 'session' });
    expect(client.getSnapshot()).toMatchObject({ status: 'signed-in', user: { name: 'Ada Lovelace' } });
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(NetworkError);
    issuer.bend.offline = 'no';
    expect(await client.getAccessToken()).toMatch(/^at_/);
  });

  test('storage session: a sign-out leaves nothing to come back with', async () => {
    const { client } = await signIn(build({ storage: 'session' }), { storage: 'session' });
    await client.signOut();
    expect(sessionStorage.length).toBe(0);
    expect((await reload({ storage: 'session' })).client.getSnapshot().status).toBe('signed-out');
  });

  test('a same-site issuer that knows the user is asked in a hidden frame with prompt=none', async () => {
    issuer = await createFakeIssuer('http://localhost:8080');
    const options = { issuer: issuer.issuer };
    const { client, page } = await reload(options);
    expect(client.getSnapshot()).toMatchObject({ status: 'signed-in', user: { id: 'user-1' } });
    expect(new URL(page.frames[0] ?? '').searchParams.get('prompt')).toBe('none');
    issuer.bend.session = 'signed out';
    expect((await reload(options)).client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'none' });
    const silent = await reload(options, { runSilentFrame: async () => undefined });
    expect(silent.client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'none' });
  });
});

describe('signOut', () => {
  test('RP-Initiated Logout §2: the issuer gets the hint, the registered address and a state; the path comes back', async () => {
    const { client, page } = await signIn(build());
    await client.signOut({ returnTo: '/goodbye' });
    const url = new URL(page.navigations[0] ?? '');
    expect(`${url.origin}${url.pathname}`).toBe(`${ISSUER}/oidc/v1/end_session`);
    expect(url.searchParams.get('id_token_hint')).toMatch(/^ey/);
    expect(url.searchParams.get('client_id')).toBe(CLIENT_ID);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${location.origin}/`);
    await expect.poll(() => issuer.count('/oauth/v2/revoke')).toBe(1);
    visit(`/?state=${url.searchParams.get('state')}`);
    await build().client.start();
    expect(location.href).toBe(`${location.origin}/goodbye`);
  });

  test('postLogoutRedirectUri null ends at the page of the issuer', async () => {
    const { client, page } = await signIn(build(), { postLogoutRedirectUri: null });
    await client.signOut();
    expect(new URL(page.navigations[0] ?? '').searchParams.has('post_logout_redirect_uri')).toBe(false);
  });
});
