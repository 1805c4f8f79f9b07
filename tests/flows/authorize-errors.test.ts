import {
  type BrowserStop,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
  setState,
} from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginFlow, countRows, engines } from './flow-world.ts';
import { type ShopWorld, startShopWorld } from './shop-world.ts';

type Params = Readonly<Record<string, string>>;

const redirectRows: readonly (readonly [name: string, params: Params, error: string])[] = [
  ['response_type missing', { response_type: '' }, 'invalid_request'],
  ['response_type token', { response_type: 'token' }, 'unsupported_response_type'],
  ['response_type code id_token', { response_type: 'code id_token' }, 'unauthorized_client'],
  ['scope missing', { scope: '' }, 'invalid_request'],
  ['scope without openid', { scope: 'profile' }, 'invalid_scope'],
  ['scope with a quote', { scope: 'openid a"b' }, 'invalid_scope'],
  ['no PKCE for a public client', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
  ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['PKCE method missing', { code_challenge_method: '' }, 'invalid_request'],
  ['PKCE challenge missing', { code_challenge: '' }, 'invalid_request'],
  ['PKCE challenge too short', { code_challenge: 'abc' }, 'invalid_request'],
  ['PKCE challenge padded', { code_challenge: `${'x'.repeat(43)}=` }, 'invalid_request'],
  ['prompt none and login', { prompt: 'none login' }, 'invalid_request'],
  ['prompt create', { prompt: 'create' }, 'invalid_request'],
  ['max_age negative', { max_age: '-1' }, 'invalid_request'],
  ['max_age a fraction', { max_age: '1.5' }, 'invalid_request'],
  ['max_age a word', { max_age: 'old' }, 'invalid_request'],
  ['nonce of 5,000 characters', { nonce: 'n'.repeat(5000) }, 'invalid_request'],
  ['login_hint of 9,000 characters', { login_hint: 'n'.repeat(9000) }, 'invalid_request'],
  ['a request object', { request: 'a.b.c' }, 'invalid_request_object'],
  ['a request_uri', { request_uri: 'https://evil.example.com/r' }, 'invalid_request_uri'],
  ['a registration', { registration: '{}' }, 'registration_not_supported'],
];

const strangeRedirects: readonly string[] = [
  'https://evil.example.com/',
  'https://spa.example.com/callback/',
  'https://spa.example.com/callback?x=1',
  'https://spa.example.com/callback#x',
  'https://spa.example.com/Callback',
  'https://SPA.example.com/callback',
  'https://spa.example.com:443/callback',
  'https://spa.example.com/callback%00',
  'https://spa.example.com/x/../callback',
  'https://spa.example.com@evil.example.com/callback',
  'https://spa.example.com.evil.example.com/callback',
  'http://spa.example.com/callback',
  '//spa.example.com/callback',
  '/callback',
  'javascript:alert(1)',
  'data:text/html,x',
  ' https://spa.example.com/callback',
  'https://spa.example.com/callback ',
  'https://spa.example.com\\@evil.example.com/callback',
];

describe.each(engines)('refused authorization requests on $engine', ({ engine }) => {
  let world: ShopWorld;
  let dev: SeededApplication;
  beforeAll(async () => {
    world = await startShopWorld(engine);
    dev = await seedApplication(world.server, world.shop, {
      type: 'user_agent',
      developmentMode: true,
      redirectUris: ['https://*.preview.example.com/cb', 'http://localhost:*/cb'],
    });
  });
  afterAll(() => world?.stop());

  async function open(params: Params, app = world.spa, suffix = ''): Promise<BrowserStop> {
    const { url } = await beginFlow(world.server, app, { state: 'the-state', ...params });
    return await createBrowserAgent(world.server).open(`${url.pathname}${url.search}${suffix}`);
  }

  function expectPage(stop: BrowserStop, code: string): void {
    const page = pageOf(stop);
    expect([page.status, page.name, page.textOf('error-code')]).toEqual([400, 'error', code]);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.has('location')).toBe(false);
  }

  test.each(redirectRows)(
    'RFC 6749 §4.1.2.1: %s goes back to the application as %s',
    async (_, params, error) => {
      const before = await countRows(world.server);
      const { url } = leftFor(await open(params));
      expect(url.origin + url.pathname).toBe(world.spa.redirectUri);
      // Multiple Response Types §5: the answer to a request for tokens travels in the fragment, errors too.
      const answer = /token/.test(params.response_type ?? '')
        ? new URLSearchParams(url.hash.slice(1))
        : url.searchParams;
      expect(answer.get('error')).toBe(error);
      expect(answer.get('error_description')).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(answer.get('state')).toBe('the-state');
      expect(answer.get('iss')).toBe(world.server.issuer);
      expect(answer.has('code')).toBe(false);
      expect(await countRows(world.server)).toEqual(before);
    },
  );

  test.each(['fragment', 'form_post'])(
    'RFC 6749 §4.1.2.1: an error travels by response_mode=%s, too',
    async (mode) => {
      const left = leftFor(await open({ scope: 'profile', response_mode: mode }));
      const answer =
        mode === 'fragment' ? Object.fromEntries(new URLSearchParams(left.url.hash.slice(1))) : left.fields;
      expect(answer).toMatchObject({ error: 'invalid_scope', state: 'the-state', iss: world.server.issuer });
    },
  );

  test.each(strangeRedirects)(
    'RFC 9700 §4.1.3: redirect_uri %j is not registered and never followed',
    async (uri) => {
      expectPage(await open({ redirect_uri: uri }), 'redirect-uri-mismatch');
      expectPage(await open({ redirect_uri: uri, prompt: 'none' }), 'redirect-uri-mismatch');
    },
  );

  test.each([
    'https://evil.com\\.preview.example.com/cb',
    'https://a/b.preview.example.com/cb',
    'https://a@b.preview.example.com/cb',
    'https://a%2f.preview.example.com/cb',
    'https://a\n.preview.example.com/cb',
    'https://a€.preview.example.com/cb',
    'https://.evil.com?.preview.example.com/cb',
    'http://localhost:80@evil.com/cb',
    'http://localhost:3000/../cb',
  ])('a pattern of development mode does not let %j through', async (redirect_uri) => {
    expectPage(await open({ redirect_uri }, dev), 'redirect-uri-mismatch');
  });

  test('RFC 6749 §3.1.2.4: without a client or a redirect URI to trust, the person sees a page', async () => {
    const { server, api, shop } = world;
    expectPage(await open({ client_id: '' }), 'request-invalid');
    expectPage(await open({ client_id: '404' }), 'client-unknown');
    expectPage(await open({ client_id: '<script>alert(1)</script>' }), 'client-unknown');
    expectPage(await open({ redirect_uri: '' }), 'request-invalid');
    expectPage(await open({ client_id: api.clientId }), 'client-unknown');
    expectPage(await open({}, world.spa, `&client_id=${world.spa.clientId}`), 'request-invalid');
    const again = encodeURIComponent(world.spa.redirectUri);
    expectPage(await open({}, world.spa, `&redirect_uri=${again}`), 'request-invalid');
    const app = await seedApplication(server, shop, { type: 'user_agent' });
    await setState(server, 'application', app.id, 'inactive');
    expectPage(await open({}, app), 'client-unknown');
    const page = pageOf(await open({ client_id: '<script>alert(1)</script>' }));
    expect(page.html).not.toContain('<script>alert(1)');
  });

  test.each([
    '&state=b',
    '&scope=openid',
    '&prompt=login&prompt=login',
    '&zzz=1&zzz=1',
    '&login_hint=%zz',
    '&a=%00',
  ])('RFC 6749 §3.1: a query with %s is invalid_request at the application', async (suffix) => {
    const { url } = leftFor(await open({}, world.spa, suffix));
    expect(url.searchParams.get('error')).toBe('invalid_request');
  });

  test('state comes back byte for byte, whatever it holds', async () => {
    const state = `a&b=c#d "quoted" <b> ü € \u{1F511} ${'x'.repeat(2000)}`;
    expect(leftFor(await open({ state, prompt: 'none' })).url.searchParams.get('state')).toBe(state);
    const long = 's'.repeat(8192);
    expect(leftFor(await open({ state: long, prompt: 'none' })).url.searchParams.get('state')).toBe(long);
    const { url } = leftFor(await open({ state: `${long}s`, prompt: 'none' }));
    expect([url.searchParams.get('error'), url.searchParams.has('state')]).toEqual([
      'invalid_request',
      false,
    ]);
  });

  test('an application that may not use codes hears unauthorized_client', async () => {
    const app = await seedApplication(world.server, world.shop, { type: 'user_agent', grantTypes: [] });
    expect(leftFor(await open({}, app)).url.searchParams.get('error')).toBe('unauthorized_client');
  });

  test('a POST that is no form, or is too large, is a page', async () => {
    const json = { body: '{}', headers: { 'content-type': 'application/json' } };
    expect((await world.server.fetch('/oauth/v2/authorize', json)).status).toBe(400);
    const large = await world.server.fetch('/oauth/v2/authorize', {
      body: new URLSearchParams({ state: 'x'.repeat(70_000) }),
    });
    expect([large.status, large.headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8']);
  });
});
