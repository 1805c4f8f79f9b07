// @vitest-environment jsdom
import '../test-support/one-realm.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CLIENT_ID, createFakeIssuer, type FakeIssuer } from '../test-support/fake-issuer.ts';
import { createFakePage, type FakePage, visit } from '../test-support/fake-page.ts';
import { type AuthClient, createAuthClientOn } from './auth-client.ts';
import { ConsentRequired, LoginRequired } from './auth-error.ts';

const RESOURCE = 'https://billing.example';
let issuer: FakeIssuer;
const clients: AuthClient[] = [];

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  visit('/');
});

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
});

function build(page: FakePage) {
  const client = createAuthClientOn(() => page, {
    issuer: issuer.issuer,
    clientId: CLIENT_ID,
    fetch: issuer.fetch,
  });
  clients.push(client);
  return client;
}

/** A client at an issuer, signed in; `http://localhost…` is on the site of the page. */
async function signedIn(issuerUrl = 'https://issuer.example') {
  issuer = await createFakeIssuer(issuerUrl);
  issuer.bend.dpop = 'on';
  const first = createFakePage(issuer, { runSilentFrame: async () => undefined });
  const before = build(first);
  await before.signIn();
  before.stop();
  visit(issuer.authorize(first.navigations[0] ?? '', 'signed in'));
  const page = createFakePage(issuer);
  const client = build(page);
  await client.start();
  expect(client.getSnapshot().status).toBe('signed-in');
  return { client, page };
}

const refreshes = () => issuer.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token');

test('RFC 8707 §2.2: a token for a resource comes by the refresh token, once, and beside that of the session', async () => {
  const { client } = await signedIn();
  const own = await client.getAccessToken();
  const [one, other] = await Promise.all([
    client.getAccessToken({ resource: RESOURCE, scope: 'openid b a' }),
    client.getAccessToken({ resource: RESOURCE, scope: 'b a openid' }),
  ]);
  expect(one).toBe(other);
  expect(await client.getAccessToken({ resource: RESOURCE, scope: 'a b openid' })).toBe(one);
  expect(one).not.toBe(own);
  expect(refreshes()).toHaveLength(1);
  expect(refreshes()[0]?.form.get('resource')).toBe(RESOURCE);
  expect(await client.getAccessToken()).toBe(own);
});

test('the refresh token that took the place of the one used serves the session too', async () => {
  const { client, page } = await signedIn();
  await client.getAccessToken({ resource: RESOURCE });
  page.advance(20 * 60_000);
  issuer.bend.clockAheadSeconds = 20 * 60;
  expect(await client.getAccessToken()).toMatch(/^at_/);
  expect(await client.getAccessToken({ resource: RESOURCE })).toMatch(/^at_/);
  expect(refreshes()).toHaveLength(3);
});

test('two tabs that need the same token at once ask once', async () => {
  const { client } = await signedIn();
  const second = build(createFakePage(issuer));
  await second.start();
  const tokens = await Promise.all([
    client.getAccessToken({ resource: RESOURCE }),
    second.getAccessToken({ resource: RESOURCE }),
  ]);
  expect(tokens[0]).toBe(tokens[1]);
  expect(refreshes()).toHaveLength(1);
});

test.each(['invalid_scope', 'invalid_target'] as const)(
  '%s is ConsentRequired, and the session goes on',
  async (code) => {
    const { client } = await signedIn();
    issuer.bend.refuseTarget = code;
    const refused = client.getAccessToken({ resource: RESOURCE, scope: 'openid all' });
    await expect(refused).rejects.toBeInstanceOf(ConsentRequired);
    await expect(refused).rejects.toMatchObject({ code });
    expect(client.getSnapshot().status).toBe('signed-in');
    expect(await client.getAccessToken()).toMatch(/^at_/);
  },
);

test('a token for an organization is asked for silently, with its scope and without another refresh token', async () => {
  const { client, page } = await signedIn('http://localhost:8080');
  const token = await client.getAccessToken({ organization: '42' });
  expect(await client.getAccessToken({ organization: '42' })).toBe(token);
  expect(page.frames).toHaveLength(1);
  const request = new URL(page.frames[0] ?? '').searchParams;
  expect(request.get('prompt')).toBe('none');
  expect(request.get('scope')).toBe('openid profile email urn:zitadel:iam:org:id:42');
});

test('an issuer on another site cannot be asked silently: ConsentRequired names switchOrganization', async () => {
  const { client } = await signedIn();
  await expect(client.getAccessToken({ organization: '42' })).rejects.toMatchObject({
    name: 'ConsentRequired',
    message: expect.stringContaining('switchOrganization("42")'),
  });
});

test('switchOrganization changes the session silently where it can, and the user names the organization', async () => {
  const { client, page } = await signedIn('http://localhost:8080');
  issuer.bend.idTokenClaims = {
    name: 'Ada',
    'urn:zitadel:iam:org:id': '42',
    'urn:zitadel:iam:user:resourceowner:id': '42',
    'urn:zitadel:iam:user:resourceowner:name': 'Acme',
  };
  await client.switchOrganization('42');
  expect(client.getSnapshot().user?.organization).toEqual({ id: '42', name: 'Acme', domain: undefined });
  expect(page.navigations).toEqual([]);
});

test('switchOrganization leaves for the issuer where the user has to be asked', async () => {
  const { client, page } = await signedIn();
  await client.switchOrganization('42');
  expect(new URL(page.navigations[0] ?? '').searchParams.get('scope')).toContain('urn:zitadel:iam:org:id:42');
});

test('after a sign-out no token of any kind is given', async () => {
  const { client } = await signedIn();
  await client.getAccessToken({ resource: RESOURCE });
  await client.signOut();
  await expect(client.getAccessToken({ resource: RESOURCE })).rejects.toBeInstanceOf(LoginRequired);
});

test('a double-clicked sign-in and a token with 500 roles do no harm', async () => {
  issuer = await createFakeIssuer('https://issuer.example');
  const roles = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`role-${index}`, { 1: 'acme.example' }]),
  );
  issuer.bend.idTokenClaims = { name: 'Ada', 'urn:zitadel:iam:org:project:roles': roles };
  const first = createFakePage(issuer);
  const before = build(first);
  await Promise.all([before.signIn(), before.signIn()]);
  before.stop();
  visit(issuer.authorize(first.navigations.at(-1) ?? '', 'signed in'));
  const client = build(createFakePage(issuer));
  await client.start();
  expect(client.getSnapshot().user?.roles).toHaveLength(500);
});

test('an answer opened a second time, in another tab or after two hours belongs to no sign-in', async () => {
  issuer = await createFakeIssuer('https://issuer.example');
  for (const late of ['another tab', 'after two hours', 'a second time'] as const) {
    const first = createFakePage(issuer);
    const before = build(first);
    await before.signIn();
    before.stop();
    const answer = issuer.authorize(first.navigations[0] ?? '', 'signed in');
    const page = createFakePage(issuer);
    if (late === 'another tab') sessionStorage.clear();
    if (late === 'after two hours') page.advance(2 * 3_600_000);
    if (late === 'a second time') {
      visit(answer);
      const good = build(createFakePage(issuer));
      await good.start();
      good.stop();
    }
    visit(answer);
    const redeemed = issuer.count('/oauth/v2/token');
    const client = build(page);
    await client.start();
    expect(client.getSnapshot().error).toMatchObject({ code: 'unknown_state' });
    expect(issuer.count('/oauth/v2/token')).toBe(redeemed);
    expect(location.search).toBe('');
    client.stop();
  }
});
