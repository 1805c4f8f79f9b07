import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Demo,
  freePorts,
  runNpmStart,
  startDemo,
  startIssuer,
  temporaryFolder,
} from './demo-process.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const running: Demo[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  for (const demo of running.splice(0)) await demo.interrupt();
  await folder.remove();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('Ctrl-C ends every process; a restart on the same data keeps client ids, secrets and users', async () => {
  const ports = await freePorts();
  const first = await startDemo(folder.path, ports);
  running.push(first);
  const printed = first.output();
  for (const text of [first.web, first.api, first.issuer, 'ada@example.com', 'analytical-engine-1843'])
    expect(printed).toContain(text);
  const pids = await first.processIds();
  // npm, the start script and the three services at least.
  expect(pids.length).toBeGreaterThanOrEqual(5);
  await first.interrupt();
  expect(pids.filter(isAlive)).toEqual([]);

  const second = await startDemo(folder.path, ports);
  running.push(second);
  expect(second.file).toEqual(first.file);
  const { clientId, clientSecret } = second.file.apps['quotes-api'] ?? {};
  const introspection = await fetch(`${second.issuer}/oauth/v2/introspect`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'token=unknown',
  });
  expect(await introspection.json()).toEqual({ active: false });
}, 80_000);

test('the news API serves articles, refuses a call without a token, and forgets nobody who is there', async () => {
  const demo = await startDemo(folder.path);
  running.push(demo);
  const api = `http://localhost:${demo.ports.newsApi}`;
  const articles: { items: unknown[] } = await (await fetch(`${api}/api/articles?limit=50`)).json();
  expect(articles.items).toHaveLength(50);
  const refused = await fetch(`${api}/api/feed`, { headers: { authorization: 'Bearer unknown' } });
  // An invented token is 401 only if the API's own key file is accepted at introspection.
  expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  expect(demo.output()).not.toContain('Deleted readers cannot be looked for');
}, 180_000);

test('a folder of an earlier version gets the applications of the news portal at its next start', async () => {
  const ports = await freePorts();
  const first = await startIssuer(folder.path, ports);
  running.push(first);
  await first.interrupt();
  // What an earlier version wrote.
  const path = join(folder.path, 'demo.json');
  const { apps, urls, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  const before = Object.fromEntries(Object.entries(apps).filter(([name]) => !name.startsWith('news-')));
  writeFileSync(
    path,
    JSON.stringify({ ...rest, apps: before, urls: { quotesWeb: urls.quotesWeb, quotesApi: urls.quotesApi } }),
  );
  const second = await startIssuer(folder.path, ports);
  running.push(second);
  expect(second.file.apps).toMatchObject(before);
  expect(second.file.users).toEqual(first.file.users);
  const { 'news-web': web, 'news-api': api } = second.file.apps;
  expect(web?.clientId).toMatch(/^\d+/);
  expect(JSON.parse(readFileSync(api?.keyFile ?? '', 'utf8'))).toMatchObject({ clientId: api?.clientId });
}, 80_000);

test('SIGTERM to npm alone, as a service manager sends it, ends every process too', async () => {
  const demo = await startDemo(folder.path);
  running.push(demo);
  const pids = await demo.processIds();
  const [npm = 0] = pids;
  process.kill(npm, 'SIGTERM');
  // Standard output closes when the last process that holds it has ended.
  await demo.ended;
  // What has lost its parent is still listed for the moment init needs to take note of its end.
  await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
}, 80_000);

test('--quotes-api=flask serves the API from Python with tokens of the running Latchkey', async () => {
  const demo = await startDemo(folder.path, undefined, ['--quotes-api=flask']);
  running.push(demo);
  const { clientId, clientSecret = '', projectId } = demo.file.apps['quotes-robot'] ?? {};
  const answer = await fetch(`${demo.issuer}/oauth/v2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: `openid urn:zitadel:iam:org:project:id:${projectId}:aud`,
    }),
  });
  const { access_token: token } = await answer.json();
  const quote = await fetch(`${demo.api}/api/quote`, { headers: { authorization: `Bearer ${token}` } });
  expect([quote.status, quote.headers.get('server')]).toEqual([200, expect.stringMatching(/^Werkzeug/)]);
  expect(await quote.json()).toHaveProperty('author');
  expect((await fetch(`${demo.api}/api/quote`)).status).toBe(401);
}, 80_000);

test('an unknown quotes API is refused before anything starts', async () => {
  const started = runNpmStart(folder.path, await freePorts(), ['--quotes-api=django']);
  expect(await started.ended).toBe(1);
  expect(started.output()).toContain('"--quotes-api=django"');
  expect(started.output()).not.toContain('Starting Latchkey');
});

test('a restart on other ports registers the new address of the quotes page', async () => {
  const first = await startDemo(folder.path);
  running.push(first);
  await first.interrupt();
  const second = await startDemo(folder.path);
  running.push(second);
  const client = second.file.apps['quotes-web'];
  expect(client?.clientId).toBe(first.file.apps['quotes-web']?.clientId);
  const demoFile: { issuer: string; apps: Record<string, { redirectUris: string[] }> } = JSON.parse(
    readFileSync(join(folder.path, 'demo.json'), 'utf8'),
  );
  expect(demoFile.apps['quotes-web']?.redirectUris).toEqual([`${second.web}/`, `${second.web}/callback`]);
  const discovery = await fetch(`${second.issuer}/.well-known/openid-configuration`);
  expect(await discovery.json()).toMatchObject({ issuer: second.issuer });
  const query = new URLSearchParams({
    client_id: client?.clientId ?? '',
    redirect_uri: `${second.web}/`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const authorize = await fetch(`${second.issuer}/oauth/v2/authorize?${query}`, { redirect: 'manual' });
  expect(authorize.headers.get('location')).toMatch(new RegExp(`^${second.issuer}/login\\?request=`));
}, 80_000);

test.each([
  ['issuer', 'PORT', '127.0.0.1'],
  ['web', 'LATCHKEY_QUOTES_WEB_PORT', '127.0.0.1'],
  ['api', 'LATCHKEY_QUOTES_API_PORT', '::1'],
  ['newsApi', 'LATCHKEY_NEWS_API_PORT', '127.0.0.1'],
] as const)(
  'a taken port (%s) is named with the variable that moves it (%s), and the exit code is 1',
  async (which, variable, host) => {
    const ports = await freePorts();
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(ports[which], host, resolve));
    try {
      const { ended, output } = runNpmStart(folder.path, ports);
      expect(await ended).toBe(1);
      expect(output()).toContain(`Port ${ports[which]} for `);
      expect(output()).toContain(`${variable}=`);
    } finally {
      await new Promise<void>((resolve) => holder.close(() => resolve()));
    }
  },
);
