import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { appOrigin, openAppBrowser, scriptHeaders, useBffWorld } from './bff-world.ts';

const world = useBffWorld();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** An API of a test's own; resolves to its origin. */
async function startApi(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function signedIn(
  apis: Record<string, string | { url: string; publicReads?: boolean }> = {},
  more = {},
) {
  const app = world().createApp({ apis: { '/api': `${world().api.origin}/v1`, ...apis }, ...more });
  const browser = openAppBrowser(world(), app);
  await browser.signIn(world().user);
  world().api.calls.length = 0;
  return { app, browser };
}

test('what is neither an endpoint nor in the list is none of its business', async () => {
  const { app } = await signedIn();
  for (const path of ['/', '/other', '/apix/me', '/API/me', '/authx/session', '/api-docs'])
    expect(await app.bff.handle(new Request(`${appOrigin}${path}`)), path).toBeUndefined();
});

test.each([
  ['without the header', { 'sec-fetch-site': 'same-origin' }],
  ['with another value', { ...scriptHeaders, 'x-latchkey-csrf': '0' }],
  ['from another site', { ...scriptHeaders, 'sec-fetch-site': 'cross-site' }],
  ['from a subdomain', { ...scriptHeaders, 'sec-fetch-site': 'same-site' }],
  ['typed into the address bar', { ...scriptHeaders, 'sec-fetch-site': 'none' }],
  ['with a foreign Origin', { ...scriptHeaders, origin: 'https://evil.example' }],
  ['with the Origin of a sandbox', { ...scriptHeaders, origin: 'null' }],
])('CSRF: a request %s is 403 at the proxy and at sign-out, and reaches no API', async (_, headers) => {
  const { browser } = await signedIn();
  for (const [path, method] of [
    ['/api/me', 'GET'],
    ['/api/echo', 'POST'],
    ['/auth/sign-out', 'POST'],
  ] as const) {
    const response = await browser.send(path, { method, headers });
    expect([response.status, response.headers.get('x-latchkey-error')], path).toEqual([403, 'csrf']);
  }
  expect(world().api.calls).toEqual([]);
  expect((await browser.session()).user).not.toBeNull();
});

test('CSRF: a form cannot post, and what changes something must say where it comes from', async () => {
  const { browser } = await signedIn();
  const form = {
    method: 'POST',
    body: new URLSearchParams({ a: 'b' }),
    headers: { origin: 'https://evil.example' },
  };
  expect((await browser.send('/api/echo', form)).status).toBe(403);
  const silent = { method: 'POST', body: 'x', headers: { 'x-latchkey-csrf': '1' } };
  expect((await browser.send('/api/echo', silent)).status).toBe(403);
  expect((await browser.send('/api/me', { headers: { 'x-latchkey-csrf': '1' } })).status).toBe(200);
});

test('CORS: no answer lets another origin read it, and a preflight is refused', async () => {
  const { browser } = await signedIn();
  const preflight = await browser.send('/api/me', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
  });
  expect(preflight.status).toBe(403);
  const answers = [preflight, await browser.call('/api/cookies'), await browser.send('/auth/session')];
  for (const { headers } of answers)
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

test.each([
  '/api/..%2fadmin',
  '/api/%2e%2e%2fadmin',
  '/api/..%5cadmin',
  '/api/x%2f..%2f..%2fadmin',
  '/api/%252e%252e%252fadmin',
  '/api/..%252fadmin',
  '/api//evil.example/x',
  '/api/%2f%2fevil.example',
  '/api/me%00',
  '/api/%25252525252e',
])('path traversal: %s is 400 and reaches no API', async (path) => {
  const { browser } = await signedIn();
  const response = await browser.call(path);
  expect([response.status, response.headers.get('x-latchkey-error')]).toEqual([400, 'invalid_path']);
  expect(world().api.calls).toEqual([]);
});

test.each(['/api/../admin', '/api/%2e%2e/admin', '/api\\..\\admin', '//evil.example/api/me'])(
  'path traversal: %s does not begin with the prefix once it is read, so it reaches no API',
  async (path) => {
    const { app } = await signedIn();
    expect(
      await app.bff.handle(new Request(`${appOrigin}${path}`, { headers: scriptHeaders })),
    ).toBeUndefined();
    expect(world().api.calls).toEqual([]);
  },
);

test('names with spaces, percent signs and other scripts go through', async () => {
  const seen: (string | undefined)[] = [];
  const origin = await startApi((req, res) => {
    seen.push(req.url);
    res.end('{}');
  });
  const { browser } = await signedIn({ '/files': origin });
  for (const path of [
    '/files/100%25',
    '/files/a%20b',
    '/files/%E6%97%A5?q=a%2Fb&c=..',
    '/files/x@y:z',
    '/files',
  ])
    expect((await browser.call(path)).status).toBe(200);
  expect(seen).toEqual(['/100%25', '/a%20b', '/%E6%97%A5?q=a%2Fb&c=..', '/x@y:z', '/']);
});

test('the API gets the token and neither cookies, hop-by-hop headers nor claims about the way', async () => {
  const { browser } = await signedIn();
  await browser.call('/api/me', {
    headers: {
      authorization: 'Bearer mine',
      'x-forwarded-for': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      'x-own': 'kept',
    },
  });
  const headers = world().api.calls.at(-1)?.headers;
  expect(headers?.get('authorization')).toMatch(/^DPoP (?!mine)/);
  expect(headers?.get('x-own')).toBe('kept');
  expect(headers?.get('x-forwarded-host')).toBe('app.example.com');
  for (const name of [
    'cookie',
    'x-forwarded-for',
    'forwarded',
    'te',
    'proxy-authorization',
    'x-latchkey-csrf',
    'origin',
  ])
    expect(headers?.get(name), name).toBeNull();
});

test('the browser gets no cookie of the API, no other scheme to ask for a password, and no page that could run', async () => {
  const { browser } = await signedIn();
  expect((await browser.call('/api/cookies')).headers.getSetCookie()).toEqual([]);
  expect((await browser.call('/api/basic')).headers.get('www-authenticate')).toBeNull();
  const page = await browser.call('/api/page');
  expect(page.headers.get('content-security-policy')).toBe('sandbox');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a redirect of the API stays behind the prefix and is not followed', async () => {
  const { browser } = await signedIn();
  const response = await browser.call('/api/moved');
  expect([response.status, response.headers.get('location')]).toEqual([302, '/api/public']);
  expect(world().api.calls).toHaveLength(1);
});

test('without a session the proxy says 401 login_required; public reads go without a token', async () => {
  const app = world().createApp({ apis: { '/api': { url: `${world().api.origin}/v1`, publicReads: true } } });
  const stranger = openAppBrowser(world(), app);
  world().api.calls.length = 0;
  const refused = await stranger.call('/api/me');
  expect([refused.status, (await refused.json()).code]).toEqual([401, 'login_required']);
  expect(world().api.calls).toEqual([]);

  const browser = openAppBrowser(world(), app);
  await browser.signIn(world().user);
  expect(await (await browser.send('/api/public')).json()).toEqual({ all: true });
  expect(world().api.calls.at(-1)?.headers.get('authorization')).toBeNull();
  expect((await browser.send('/api/me')).status).toBe(401);
  expect((await browser.send('/api/echo', { method: 'POST', body: 'x' })).status).toBe(403);
});

test('RFC 9470 §3: the challenge of the API for a stronger sign-in reaches the browser', async () => {
  const { browser } = await signedIn();
  const response = await browser.call('/api/strong');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
  expect(response.headers.has('x-latchkey-error')).toBe(false);
});

test('bodies are streamed both ways: the answer begins before the request has ended', async () => {
  const { browser } = await signedIn();
  const chunks = new TransformStream<Uint8Array, Uint8Array>();
  const writer = chunks.writable.getWriter();
  const pending = browser.call('/api/echo', { method: 'POST', body: chunks.readable, ...{ duplex: 'half' } });
  await writer.write(new TextEncoder().encode('first'));
  const response = await pending;
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first');
  await writer.write(new Uint8Array(3_000_000));
  await writer.close();
  let size = 0;
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
    size += part.value.length;
  expect(size).toBe(3_000_000);
});

test('an API that is down is 502 as problem details, a slow one 504; the session lives on', async () => {
  const slow = await startApi(() => undefined);
  const { browser } = await signedIn({ '/down': 'http://127.0.0.1:9', '/slow': slow }, { timeoutMs: 300 });
  const down = await browser.call('/down/x');
  expect([down.status, down.headers.get('content-type')]).toEqual([502, 'application/problem+json']);
  expect(await down.json()).toMatchObject({ status: 502, code: 'api_unavailable' });
  expect((await browser.call('/slow/x')).status).toBe(504);
  expect((await browser.session()).user).not.toBeNull();
});

test('RFC 9449 §9: the nonce of an API is answered, for small bodies too; a stream is asked for again', async () => {
  const seen: string[] = [];
  const origin = await startApi(async (req, res) => {
    const proof = String(req.headers.dpop).split('.')[1] ?? '';
    const { nonce } = JSON.parse(Buffer.from(proof, 'base64url').toString());
    let body = '';
    for await (const chunk of req) body += chunk;
    const wanted = String(req.url).slice(1);
    if (nonce === wanted) seen.push(body);
    const challenge = { 'dpop-nonce': wanted, 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
    res.writeHead(nonce === wanted ? 200 : 401, nonce === wanted ? {} : challenge).end(body);
  });
  const { browser } = await signedIn({ '/nonce': origin });
  expect((await browser.call('/nonce/one')).status).toBe(200);
  const small = { method: 'POST', body: 'small', headers: { 'content-length': '5' } };
  expect(await (await browser.call('/nonce/two', small)).text()).toBe('small');
  const stream = () => ({ method: 'POST', body: new Blob(['large']).stream(), ...{ duplex: 'half' } });
  const first = await browser.call('/nonce/three', stream());
  expect([first.status, first.headers.get('x-latchkey-error')]).toEqual([503, 'retry']);
  expect((await browser.call('/nonce/three', stream())).status).toBe(200);
  expect(seen).toEqual(['', 'small', 'large']);
});

test('bff.fetch signs requests of the server itself and is bound to the list', async () => {
  const { app, browser } = await signedIn();
  const headers = new Headers({ cookie: browser.cookies.header() });
  const api = world().api.origin;
  const response = await app.bff.fetch(headers, `${api}/v1/me`, {
    headers: { authorization: 'Bearer mine' },
  });
  expect(await response.json()).toEqual({ who: world().user.id });
  for (const url of [`${api}/admin`, `${api}/v1x/me`, `${api}/v1/..%2fadmin`, 'https://evil.example/v1/me'])
    await expect(app.bff.fetch(headers, url)).rejects.toMatchObject({ code: 'api_not_listed' });
  await expect(app.bff.fetch(new Headers(), `${api}/v1/me`)).rejects.toMatchObject({ name: 'LoginRequired' });
});

test('where bearer tokens are asked for, or the issuer offers no DPoP, the API gets a bearer token', async () => {
  const { browser } = await signedIn({}, { dpop: false });
  expect((await browser.call('/api/me')).status).toBe(200);
  expect(world().api.calls.at(-1)?.headers.get('authorization')).toMatch(/^Bearer /);
});
