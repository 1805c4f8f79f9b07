import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebApp } from './web-app.ts';
import { parseWebConfig } from './web-config.ts';

const page = {
  issuer: 'https://id.example',
  clientId: '1',
  apiUrl: 'https://api.example:5000',
  projectId: '2',
  dpop: true,
};
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'quotes-web-'));
  await mkdir(join(root, 'assets'));
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Quotes</title>');
  await writeFile(join(root, 'assets', 'index-abc.js'), 'export {};');
});
afterAll(() => rm(root, { recursive: true }));

const get = (path: string) => createWebApp(page, root).request(path);

test('GET /: the page, also with the query of an authorization response, never cached', async () => {
  for (const path of ['/', '/?code=1&state=2']) {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>Quotes</title>');
    expect(response.headers.get('cache-control')).toBe('no-cache');
  }
});

test('GET /config.json: what the page needs at run time, nothing else, never stored', async () => {
  const response = await get('/config.json');
  expect(await response.json()).toEqual(page);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('assets may be kept for ever', async () => {
  expect((await get('/assets/index-abc.js')).headers.get('cache-control')).toContain('immutable');
});

test.each(['/callback', '/assets/none.js', '/index', '/assets/../../package.json', '/.env'])(
  'GET %s: 404',
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);

test('every answer carries a policy that names issuer and API and no one else', async () => {
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
    expect(policy.get('connect-src')).toBe("'self' https://id.example https://api.example:5000");
    expect(policy.get('frame-src')).toBe("'self' https://id.example");
    expect(policy.get('form-action')).toBe("'self' https://id.example");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

describe('configuration', () => {
  const complete = { ISSUER: 'http://localhost:8080', CLIENT_ID: '1' };

  test('issuer and client id are enough', () => {
    expect(parseWebConfig(complete)).toEqual({
      kind: 'valid',
      config: {
        page: { issuer: 'http://localhost:8080', clientId: '1', apiUrl: 'http://localhost:5000', dpop: true },
        port: 3000,
        host: 'localhost',
      },
    });
  });

  test('DPOP=off is for an API that takes bearer tokens only', () => {
    const parsed = parseWebConfig({ ...complete, DPOP: 'off' });
    expect(parsed.kind === 'valid' && parsed.config.page.dpop).toBe(false);
  });

  test.each([
    ['ISSUER', { ISSUER: ' ' }],
    ['ISSUER', { ISSUER: 'id.example' }],
    ['CLIENT_ID', { CLIENT_ID: '' }],
    ['API_URL', { API_URL: 'javascript:alert(1)' }],
    ['PORT', { PORT: '-1' }],
    ['DPOP', { DPOP: 'no' }],
  ])('a bad %s is named: %o', (name, changed) => {
    const parsed = parseWebConfig({ ...complete, ...changed });
    expect(parsed.kind === 'invalid' && parsed.problems).toEqual([expect.stringContaining(name)]);
  });
});
