import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../packages/server/src/route-table.ts';

let server: TestServer;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
  writeFileSync(join(folder, 'assets', 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  server = await startTestServer({ engine: 'pglite', consoleFolder: folder });
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string): Promise<Response> => server.fetch(path, { headers: { accept: 'text/html' } });

/** The one page that others may frame, and the one the console frames itself; all other pages are in no frame. */
const framed = ['/oidc/v1/check_session', '/console/callback'];
const paths = [
  ...routes.filter(({ methods }) => methods.GET !== undefined).map(({ path }) => path.replace('*', 'x')),
  ...['/console/', '/console/organizations', '/console/index.html', '/console/assets/none.js'],
  ...['/api/v1/docs', '/nowhere', '/ui/console', '/'],
];

test('CWE-1021: no page of the server can be framed, wherever in the route table it is', async () => {
  const pages: string[] = [];
  for (const path of paths.filter((each) => !framed.includes(each))) {
    const { headers } = await get(path);
    if (!(headers.get('content-type') ?? '').startsWith('text/html')) continue;
    pages.push(path);
    expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options'), path).toBe('DENY');
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
  }
  expect(pages).toEqual(expect.arrayContaining(['/console/', '/api/v1/docs', '/device', '/nowhere']));
});

test('the console is framed by its own origin alone, where a silent sign-in comes back', async () => {
  const { headers } = await get('/console/callback?code=x');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
});

test('Session Management 1.0 §3.3: applications may frame the page that tells of session changes', async () => {
  const { headers } = await get('/oidc/v1/check_session');
  expect(headers.get('content-security-policy')).toContain('frame-ancestors *');
  expect(headers.has('x-frame-options')).toBe(false);
});

test('a drawing that is opened by itself runs nothing', async () => {
  const { headers } = await get('/console/assets/logo.svg');
  expect(headers.get('content-type')).toBe('image/svg+xml');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*; sandbox$/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});
