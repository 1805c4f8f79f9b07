// @vitest-environment jsdom
import '../test-support/one-realm.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_ID, createFakeIssuer, type FakeIssuer } from '../test-support/fake-issuer.ts';
import { createFakePage, type FakePage, visit } from '../test-support/fake-page.ts';
import { type AuthClient, createAuthClientOn } from './auth-client.ts';
import { CallbackError, ConfigurationError } from './auth-error.ts';
import type { AuthClientOptions } from './settings.ts';

const ISSUER = 'https://issuer.example';
let issuer: FakeIssuer;
const clients: AuthClient[] = [];

beforeEach(async () => {
  issuer = await createFakeIssuer(ISSUER);
  sessionStorage.clear();
  localStorage.clear();
  visit('/news?page=2#top');
});

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
});

function build(options: Partial<AuthClientOptions> = {}, page: FakePage = createFakePage(issuer)) {
  const client = createAuthClientOn(() => page, {
    issuer: ISSUER,
    clientId: CLIENT_ID,
    fetch: issuer.fetch,
    ...options,
  });
  clients.push(client);
  return { client, page };
}

/** Starts a sign-in and puts the issuer's answer into the address bar. */
async function goToIssuerAndBack(
  options: Partial<AuthClientOptions> = {},
  returnTo?: string,
  change?: (url: URL) => void,
) {
  const { client, page } = build(options);
  await client.start();
  await client.signIn({ returnTo });
  const answer = new URL(issuer.authorize(page.navigations.at(-1) ?? '', 'signed in'));
  change?.(answer);
  visit(answer.href);
}

describe('sign-in', () => {
  test('RFC 7636 §4.3: the request carries an S256 challenge, state and nonce, and the redirect URI /callback', async () => {
    const { client, page } = build({ projectId: '42' });
    await client.start();
    expect(client.getSnapshot()).toEqual({ status: 'signed-out', reason: 'none' });
    await client.signIn({ prompt: 'login', loginHint: 'ada', uiLocales: 'de', maxAge: 60 });
    const request = new URL(page.navigations[0] ?? '').searchParams;
    expect(Object.fromEntries(request)).toMatchObject({
      client_id: CLIENT_ID,
      redirect_uri: `${location.origin}/callback`,
      response_type: 'code',
      scope: 'openid profile email offline_access urn:zitadel:iam:org:project:id:42:aud',
      code_challenge_method: 'S256',
      prompt: 'login',
      login_hint: 'ada',
      ui_locales: 'de',
      max_age: '60',
    });
    expect(request.get('state')).toMatch(/^[\w-]{43}$/);
    expect(request.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(request.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(page.navigations[0]).not.toContain('code_verifier');
  });

  test('signUp asks the issuer for its registration page', async () => {
    const { client, page } = build();
    await client.signUp();
    expect(new URL(page.navigations[0] ?? '').searchParams.get('prompt')).toBe('create');
  });

  test('the answer is redeemed, the address is cleaned and the user is back where they were', async () => {
    await goToIssuerAndBack();
    const { client } = build();
    await client.start();
    expect(client.getSnapshot()).toMatchObject({
      status: 'signed-in',
      user: { id: 'user-1', name: 'Ada Lovelace', email: 'ada@example.com', roles: [] },
    });
    expect(location.href).toBe(`${location.origin}/news?page=2#top`);
    expect(sessionStorage.length).toBe(0);
    expect(await client.getAccessToken()).toMatch(/^at_/);
  });

  test.each([`${location.origin}/`, location.origin])(
    'the redirect URI may be the bare origin: %s',
    async (redirectUri) => {
      await goToIssuerAndBack({ redirectUri }, '/feed');
      const { client } = build({ redirectUri });
      await client.start();
      expect(client.getSnapshot().status).toBe('signed-in');
      expect(location.pathname).toBe('/feed');
    },
  );

  test('the issuer may be given with a trailing slash', async () => {
    await goToIssuerAndBack({ issuer: `${ISSUER}/` });
    const { client } = build({ issuer: `${ISSUER}/` });
    await client.start();
    expect(client.getSnapshot().status).toBe('signed-in');
  });

  test('starting twice, stopping and starting again redeems the code once', async () => {
    await goToIssuerAndBack();
    const { client } = build();
    const first = client.start();
    client.stop();
    const second = client.start();
    await Promise.all([first, second]);
    expect(client.getSnapshot().status).toBe('signed-in');
    expect(issuer.count('/oauth/v2/token')).toBe(1);
  });

  test('two clients of one page redeem the code once and both are signed in', async () => {
    await goToIssuerAndBack();
    const one = build().client;
    const other = build().client;
    await Promise.all([one.start(), other.start()]);
    await expect
      .poll(() => [one.getSnapshot().status, other.getSnapshot().status])
      .toEqual(['signed-in', 'signed-in']);
    expect(issuer.count('/oauth/v2/token')).toBe(1);
  });

  test('a name missing in the ID token is read from userinfo', async () => {
    issuer.bend.idTokenClaims = {};
    issuer.bend.userinfo = {
      given_name: 'Ada',
      family_name: 'Lovelace',
      'urn:zitadel:iam:org:project:roles': { editor: { 1: 'a' } },
    };
    await goToIssuerAndBack();
    const { client } = build();
    await client.start();
    expect(client.getSnapshot().user).toMatchObject({ name: 'Ada Lovelace', roles: ['editor'] });
  });

  test('userinfo of another user is not taken', async () => {
    issuer.bend.idTokenClaims = {};
    issuer.bend.userinfo = { sub: 'user-2', name: 'Mallory' };
    await goToIssuerAndBack();
    const { client } = build();
    await client.start();
    expect(client.getSnapshot().user).toMatchObject({ id: 'user-1', name: undefined });
  });
});

describe('what must be refused', () => {
  const cases: readonly [string, (fake: FakeIssuer) => void, ((url: URL) => void)?][] = [
    [
      'RFC 9207 §2.4: an answer of another issuer',
      (fake) => {
        fake.bend.issParameter = 'https://evil.example';
      },
    ],
    [
      'RFC 9207 §2.4: an answer without the iss that was promised',
      (fake) => {
        fake.bend.issParameter = null;
      },
    ],
    [
      'OpenID Connect Core §3.1.3.7: a wrong nonce',
      (fake) => {
        fake.bend.idTokenClaims = { nonce: 'other' };
      },
    ],
    [
      'OpenID Connect Core §3.1.3.7: a wrong issuer in the ID token',
      (fake) => {
        fake.bend.idTokenClaims = { iss: 'https://evil.example' };
      },
    ],
    [
      'OpenID Connect Core §3.1.3.7: a wrong audience',
      (fake) => {
        fake.bend.idTokenClaims = { aud: 'another-client' };
      },
    ],
    [
      'OpenID Connect Core §3.1.3.7: an ID token expired by more than a minute',
      (fake) => {
        fake.bend.idTokenClaims = { exp: Math.floor(Date.now() / 1000) - 70 };
      },
    ],
    [
      'OpenID Connect Core §3.1.3.7: a signature of a foreign key',
      (fake) => {
        fake.bend.signWith = 'foreign key';
      },
    ],
    [
      'RFC 7519 §2: an exp of 2^60',
      (to) => {
        to.bend.idTokenClaims = { exp: 2 ** 60 };
      },
    ],
    [
      'OpenID Connect Core §2: a lifetime of more than 31 days',
      (to) => {
        to.bend.idTokenClaims = { exp: Math.floor(Date.now() / 1000) + 32 * 86_400 };
      },
    ],
    [
      'OpenID Connect Core §3.1.3.7 rule 10: an iat a day ahead',
      (to) => {
        to.bend.idTokenClaims = {
          iat: Math.floor(Date.now() / 1000) + 86_400,
          exp: Math.floor(Date.now() / 1000) + 86_700,
        };
      },
    ],
    [
      'OpenID Connect Core §2: an auth_time a day ahead',
      (to) => {
        to.bend.idTokenClaims = { auth_time: Math.floor(Date.now() / 1000) + 86_400 };
      },
    ],
    [
      'RFC 6749 §10.12: a state this tab did not send',
      () => {},
      (url) => url.searchParams.set('state', 'x'.repeat(43)),
    ],
    ['RFC 6749 §3.1: a parameter given twice', () => {}, (url) => url.searchParams.append('code', 'other')],
  ];
  test.each(cases)('%s', async (_rule, bend, change) => {
    bend(issuer);
    await goToIssuerAndBack({}, undefined, change);
    const { client } = build();
    await client.start();
    const state = client.getSnapshot();
    expect(state.status).toBe('error');
    expect(state.error).toBeInstanceOf(CallbackError);
    expect(location.search).toBe('');
    await expect(client.getAccessToken()).rejects.toBe(state.error);
  });

  test('an ID token is taken when the clocks differ by less than a minute', async () => {
    issuer.bend.idTokenClaims = { exp: Math.floor(Date.now() / 1000) - 50 };
    await goToIssuerAndBack();
    const { client } = build();
    await client.start();
    expect(client.getSnapshot().status).toBe('signed-in');
  });

  test('an ID token is taken when the clock of the device is a few minutes behind', async () => {
    const iat = Math.floor(Date.now() / 1000) + 280;
    issuer.bend.idTokenClaims = { iat, auth_time: iat, exp: iat + 900 };
    await goToIssuerAndBack();
    const { client } = build();
    await client.start();
    expect(client.getSnapshot().status).toBe('signed-in');
  });

  test('a request of another client of this origin is not redeemed', async () => {
    await goToIssuerAndBack();
    const { client } = build({ clientId: 'another-client' });
    await client.start();
    expect(client.getSnapshot().error).toMatchObject({ code: 'unknown_state' });
    expect(issuer.count('/oauth/v2/token')).toBe(0);
  });

  test('the error the issuer answers with becomes a typed error that says what to do', async () => {
    await goToIssuerAndBack({}, undefined, (url) => {
      url.searchParams.delete('code');
      url.searchParams.set('error', 'access_denied');
    });
    const { client } = build();
    await client.start();
    expect(client.getSnapshot().error).toMatchObject({
      name: 'CallbackError',
      code: 'access_denied',
      message: expect.stringContaining('Sign in again'),
    });
  });

  test('plain http is for loopback issuers only', () => {
    expect(() => build({ issuer: 'http://issuer.example' })).toThrow(ConfigurationError);
    expect(() => build({ issuer: 'http://localhost.evil.example' })).toThrow(ConfigurationError);
    for (const loopback of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080']) {
      expect(build({ issuer: loopback }).client.getSnapshot()).toEqual({ status: 'loading' });
    }
  });

  test('a redirect URI that is only a path is named in words', () => {
    expect(() => build({ redirectUri: '/callback' })).toThrow('"/callback" is not a whole address');
  });

  test('a redirect URI at another origin is named in words before the browser leaves', async () => {
    const { client, page } = build({ redirectUri: 'http://127.0.0.1:3000/callback' });
    await expect(client.signIn()).rejects.toThrow(
      /This page is at http:\/\/localhost:3000.*redirect URI is http:\/\/127\.0\.0\.1:3000\/callback/,
    );
    expect(page.navigations).toEqual([]);
  });

  test('an issuer that calls itself something else is named in words', async () => {
    issuer.bend.advertisedIssuer = 'https://other.example';
    const { client } = build();
    await expect(client.signIn()).rejects.toMatchObject({
      code: 'issuer_mismatch',
      message: expect.stringContaining('https://other.example'),
    });
  });
});

test('onTrace tells what travelled, with the secrets masked and the claims decoded', async () => {
  const events: { kind: string; detail: unknown }[] = [];
  await goToIssuerAndBack({ onTrace: (event) => events.push(event) });
  const { client } = build({ onTrace: (event) => events.push(event) });
  await client.start();
  expect(events.map((event) => event.kind)).toEqual(
    expect.arrayContaining(['discovery', 'authorize-request', 'callback', 'token-request', 'token-response']),
  );
  const text = JSON.stringify(events);
  const sent = issuer.requests.find((request) => request.path === '/oauth/v2/token')?.form;
  for (const secret of [sent?.get('code'), sent?.get('code_verifier'), await client.getAccessToken()]) {
    expect(text).not.toContain(secret);
  }
  expect(events.find((event) => event.kind === 'token-response')?.detail).toMatchObject({
    accessTokenFormat: 'opaque',
    idTokenClaims: { sub: 'user-1', name: 'Ada Lovelace' },
  });
});
