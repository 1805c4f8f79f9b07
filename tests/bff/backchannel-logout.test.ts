import { randomUUID } from 'node:crypto';
import { type BffOptions, createMemoryStore } from '@latchkey/bff';
import { seedUser } from '@latchkey/testkit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AppBrowser, createWatchedStore, openAppBrowser, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const event = 'http://schemas.openid.net/event/backchannel-logout';

/** Keys a test may sign with, put in place of the issuer's. */
let ours: CryptoKeyPair;
let foreign: CryptoKeyPair;
beforeAll(async () => {
  [ours, foreign] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
});

/** The issuer's key set has a key of the test besides its own. */
const withOurKey: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!String(input).endsWith('/keys')) return response;
  const { keys } = await response.json();
  return Response.json({
    keys: [...keys, { ...(await exportJWK(ours.publicKey)), kid: 'ours', alg: 'ES256' }],
  });
};

async function signedIn(options: Partial<BffOptions>) {
  const app = world().createApp({ ...options, fetch: withOurKey });
  const browser = openAppBrowser(world(), app);
  const user = await seedUser(world().server);
  await browser.signIn(user);
  const { token } = await app.bff.getAccessToken(new Headers({ cookie: browser.cookies.header() }));
  expect(token).not.toBe('');
  return { app, browser, user };
}

async function logoutToken(
  claims: Readonly<Record<string, unknown>>,
  header: Record<string, string> = {},
  key = ours.privateKey,
) {
  const now = Math.floor(world().server.clock.now() / 1000);
  const usual = {
    ...{ iss: world().server.issuer, aud: world().app.clientId, iat: now, exp: now + 120 },
    ...{ jti: randomUUID(), events: { [event]: {} } },
  };
  const all = Object.fromEntries(
    Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'ES256', kid: 'ours', typ: 'logout+jwt', ...header })
    .sign(key);
}

const post = (browser: AppBrowser, token: string) =>
  browser.send('/auth/backchannel-logout', {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  });

describe.each([
  ['stored', () => ({ store: createWatchedStore() })],
  ['sealed, with a list of ended sessions', () => ({ endedSessions: createMemoryStore() })],
])('Back-Channel Logout §2.6, %s', (_, options) => {
  test('a token about the user ends the sessions begun before it, everywhere, and later ones not', async () => {
    const { app, browser, user } = await signedIn(options());
    const token = await logoutToken({ sub: user.id });
    const response = await post(openAppBrowser(world(), app), token);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect((await browser.session()).user).toBeNull();
    expect((await browser.call('/api/me')).status).toBe(401);

    await browser.signIn(user);
    expect((await browser.session()).user?.id).toBe(user.id);
    // Sent once more it changes nothing.
    expect((await post(openAppBrowser(world(), app), token)).status).toBe(200);
    expect((await browser.session()).user?.id).toBe(user.id);
  });

  test('a token about the session of somebody else leaves this one', async () => {
    const { app, browser, user } = await signedIn(options());
    expect(
      (await post(openAppBrowser(world(), app), await logoutToken({ sub: user.id, sid: 'another' }))).status,
    ).toBe(200);
    expect((await browser.session()).user?.id).toBe(user.id);
  });

  test.each<[string, Readonly<Record<string, unknown>>, Record<string, string>?]>([
    ['for another client', { aud: 'another' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that has expired', { iat: 1, exp: 2 }],
    ['of the future', { iat: 4_000_000_000, exp: 4_000_000_100 }],
    ['without an end', { exp: undefined }],
    ['without an ID', { jti: undefined }],
    ['without the event', { events: undefined }],
    ['with another event', { events: { 'https://example.com/other': {} } }],
    ['with an event that is no object', { events: { [event]: true } }],
    ['with a nonce', { nonce: 'n' }],
    ['about nobody', { sub: undefined }],
    ['of another type', {}, { typ: 'at+jwt' }],
  ])('a token %s is 400 and ends nothing', async (_name, claims, header) => {
    const { app, browser, user } = await signedIn(options());
    const response = await post(
      openAppBrowser(world(), app),
      await logoutToken({ sub: user.id, ...claims }, header),
    );
    expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_request']);
    expect((await browser.session()).user?.id).toBe(user.id);
  });

  test('a token that is forged, unsigned or signed by the client secret is 400 and ends nothing', async () => {
    const { app, browser, user } = await signedIn(options());
    const good = await logoutToken({ sub: user.id });
    const [header = '', payload = ''] = good.split('.');
    const none = btoa('{"alg":"none","typ":"logout+jwt"}').replaceAll('=', '');
    const bySecret = await new SignJWT({ sub: user.id })
      .setProtectedHeader({ alg: 'HS256', kid: 'ours', typ: 'logout+jwt' })
      .sign(new TextEncoder().encode(world().app.clientSecret));
    const bad = [
      await logoutToken({ sub: user.id }, {}, foreign.privateKey),
      ...[`${none}.${payload}.`, `${header}.${payload}.AAAA`, bySecret, 'x', ''],
    ];
    for (const token of bad) expect((await post(openAppBrowser(world(), app), token)).status).toBe(400);
    const json = { method: 'POST', body: JSON.stringify({ logout_token: good }) };
    expect((await browser.send('/auth/backchannel-logout', json)).status).toBe(400);
    const large = new URLSearchParams({ logout_token: `${good}${'A'.repeat(100_000)}` });
    expect((await browser.send('/auth/backchannel-logout', { method: 'POST', body: large })).status).toBe(
      400,
    );
    expect((await browser.session()).user?.id).toBe(user.id);
  });
});

test('a token about one session of a user leaves the other', async () => {
  const { app, browser, user } = await signedIn({ store: createWatchedStore() });
  const other = openAppBrowser(world(), app);
  await other.signIn(user);
  const { redirectTo } = await (await other.call('/auth/sign-out', { method: 'POST' })).json();
  const hint = new URL(redirectTo).searchParams.get('id_token_hint') ?? '';
  const { sid } = JSON.parse(atob(hint.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''));
  expect(sid).toMatch(/./);
  expect((await post(other, await logoutToken({ sub: user.id, sid }))).status).toBe(200);
  expect((await browser.session()).user?.id).toBe(user.id);
});

test('sealed sessions without a list cannot be reached: 400, and the log says what to hand in', async () => {
  const { app, browser, user } = await signedIn({});
  const response = await post(openAppBrowser(world(), app), await logoutToken({ sub: user.id }));
  expect([response.status, (await response.json()).error]).toEqual([400, 'unsupported']);
  expect(world().log.join()).toMatch(/createBff\(\{ store \}\) or createBff\(\{ endedSessions \}\)/);
  expect((await browser.session()).user?.id).toBe(user.id);
});
