import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNewsBff } from './news-bff.ts';
import { createWebApp } from './web-app.ts';
import { parseWebConfig } from './web-config.ts';

const page = {
  mode: 'spa' as const,
  issuer: 'https://id.example',
  clientId: '1',
  apiUrl: 'https://api.example:5001',
  projectId: '2',
};
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'news-web-'));
  await mkdir(join(root, 'assets'));
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Tideline</title>');
  await writeFile(join(root, 'theme.js'), '// theme');
  await writeFile(join(root, 'assets', 'index-abc.js'), 'export {};');
});
afterAll(() => rm(root, { recursive: true }));

const get = (path: string, headers: Record<string, string> = {}) =>
  createWebApp(page, root).request(path, { headers });

test.each([
  '/',
  '/?code=1&state=2',
  '/latest',
  '/topics/science',
  '/articles/a-slug',
  '/search?q=ferry',
  '/desk/new',
])('GET %s: the document, revalidated each time', async (path) => {
  const response = await get(path);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<title>Tideline</title>');
  expect(response.headers.get('cache-control')).toBe('no-cache');
});

test.each(['/nowhere', '/articles', '/topics/a/b'])(
  'GET %s: 404 with the document, which says so',
  async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('<title>Tideline</title>');
  },
);

test.each(['/assets/none.js', '/assets/../../package.json'])('GET %s: 404', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test('assets are cached for good, the theme script is revalidated', async () => {
  expect((await get('/assets/index-abc.js')).headers.get('cache-control')).toContain('immutable');
  expect((await get('/theme.js')).headers.get('cache-control')).toBe('no-cache');
});

test('GET /config.json: what the app needs at run time, never stored', async () => {
  const response = await get('/config.json');
  expect(await response.json()).toEqual(page);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a page preloads what it begins with; the hidden frame of a silent sign-in does not', async () => {
  const link = (await get('/articles/a-slug')).headers.get('link');
  expect(link).toContain(
    '<https://api.example:5001/api/articles/a-slug>; rel=preload; as=fetch; crossorigin',
  );
  expect((await get('/', { 'sec-fetch-dest': 'iframe' })).headers.has('link')).toBe(false);
});

test('a slug cannot add a header parameter', async () => {
  const link = (await get('/articles/%3E%3B%20rel%3Dstylesheet%2C%3C')).headers.get('link');
  expect(link).toContain('/api/articles/%3E%3B%20rel%3Dstylesheet%2C%3C>; rel=preload');
});

test('every response carries a policy that names the issuer and the API and no one else', async () => {
  for (const path of ['/', '/config.json', '/nowhere']) {
    const { headers } = await get(path);
    const policy = new Map(
      headers
        .get('content-security-policy')
        ?.split('; ')
        .map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]),
    );
    expect(policy.get('default-src')).toBe("'none'");
    expect(policy.get('script-src')).toBe("'self'");
    expect(policy.get('style-src')).toBe("'self'");
    expect(policy.get('img-src')).toBe("'self' data: https://api.example:5001");
    expect(policy.get('connect-src')).toBe("'self' https://id.example https://api.example:5001");
    expect(policy.get('form-action')).toBe("'self' https://id.example");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

describe('behind the web server', () => {
  const client = {
    ...{ issuer: 'https://id.example', clientId: '1', clientSecret: 'secret', apiUrl: 'https://api.example' },
    ...{ baseUrl: 'https://news.example', cookieSecret: 'a secret for cookies, long enough' },
  };
  const ask = (path: string) => createWebApp({ mode: 'bff' }, root, createNewsBff(client)).request(path);

  test('the page is told the mode and nothing else, and talks to its own server alone', async () => {
    const response = await ask('/config.json');
    expect(await response.json()).toEqual({ mode: 'bff' });
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toMatch(/example/);
    expect((await ask('/')).headers.get('link')).toContain('</api/topics>; rel=preload');
  });

  test('the endpoints of the sign-in are there', async () => {
    expect(await (await ask('/auth/session')).json()).toEqual({ user: null });
    expect((await ask('/auth/nothing')).status).toBe(404);
  });
});

describe('configuration', () => {
  const complete = { ISSUER: 'http://localhost:8080', CLIENT_ID: '1' };

  test('issuer and client ID are enough', () => {
    expect(parseWebConfig(complete)).toEqual({
      kind: 'valid',
      config: {
        signIn: {
          mode: 'spa',
          page: {
            ...{ mode: 'spa', issuer: 'http://localhost:8080', clientId: '1' },
            apiUrl: 'http://localhost:5001',
          },
        },
        port: 3001,
        host: 'localhost',
      },
    });
  });

  test.each([
    ['ISSUER', { ISSUER: ' ' }],
    ['ISSUER', { ISSUER: 'id.example' }],
    ['CLIENT_ID', { CLIENT_ID: '' }],
    ['API_URL', { API_URL: 'javascript:alert(1)' }],
    ['PORT', { PORT: '-1' }],
    ['MODE', { MODE: 'server' }],
    ['CLIENT_SECRET', { MODE: 'bff', COOKIE_SECRET: 'x' }],
    ['COOKIE_SECRET', { MODE: 'bff', CLIENT_SECRET: 'x' }],
    ['BASE_URL', { MODE: 'bff', CLIENT_SECRET: 'x', COOKIE_SECRET: 'x', BASE_URL: 'news' }],
  ])('a bad %s is named: %o', (name, changed) => {
    const parsed = parseWebConfig({ ...complete, ...changed });
    expect(parsed.kind === 'invalid' && parsed.problems).toEqual([expect.stringContaining(name)]);
  });
});
