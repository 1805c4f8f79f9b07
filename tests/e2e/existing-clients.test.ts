import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium, watchComplaints } from './chromium.ts';
import { type Demo, freePorts, projectRoot, startIssuer, temporaryFolder } from './demo-process.ts';
import { personOf, signInOnPages } from './person.ts';

const run = promisify(execFile);

/** An application as its README shows it: oidc-client-ts with an authority, a client id and the bare origin. */
const oidcClientPage = `
import { UserManager } from 'oidc-client-ts';
const manager = new UserManager({
  authority: window.AUTHORITY, client_id: window.CLIENT_ID, redirect_uri: location.origin + '/',
  post_logout_redirect_uri: location.origin + '/', scope: 'openid profile email offline_access',
});
window.manager = manager;
const isAnswer = new URLSearchParams(location.search).has('state');
if (isAnswer && window.parent !== window) await manager.signinSilentCallback();
else if (isAnswer && location.search.includes('code=')) { await manager.signinRedirectCallback(); history.replaceState(null, '', '/'); }
const user = await manager.getUser();
document.getElementById('state').textContent = user === null ? 'signed out' : 'signed in as ' + user.profile.name;
`;

const reactPage = `
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { AuthProvider, useAuth } from 'react-oidc-context';
function App() {
  const auth = useAuth();
  if (auth.isLoading) return h('p', null, 'loading');
  if (auth.error) return h('p', { id: 'error' }, auth.error.message);
  if (!auth.isAuthenticated) return h('button', { id: 'sign-in', onClick: () => auth.signinRedirect() }, 'Sign in');
  return h('p', { id: 'greeting' }, 'Hello, ' + auth.user.profile.sub, ' ', h('button', { id: 'sign-out', onClick: () => auth.signoutRedirect({ post_logout_redirect_uri: location.origin + '/' }) }, 'Sign out'));
}
createRoot(document.getElementById('root')).render(h(AuthProvider, {
  authority: window.AUTHORITY, client_id: window.CLIENT_ID, redirect_uri: location.origin + '/',
  onSigninCallback: () => history.replaceState(null, '', '/'),
}, h(App)));
`;

/** Introspects as a script without any library does: the raw id and secret, and a scope nobody asked for. */
const pythonScript = `
import base64, json, sys, urllib.error, urllib.parse, urllib.request
issuer, client_id, client_secret, token = sys.argv[1:5]
with urllib.request.urlopen(issuer + '/.well-known/openid-configuration') as answer:
    endpoint = json.load(answer)['introspection_endpoint']
form = urllib.parse.urlencode({'token': token, 'token_type_hint': 'access_token', 'scope': 'openid'}).encode()
request = urllib.request.Request(endpoint, data=form)
credentials = base64.b64encode((client_id + ':' + client_secret).encode()).decode()
request.add_header('Authorization', 'Basic ' + credentials)
request.add_header('Content-Type', 'application/x-www-form-urlencoded')
try:
    with urllib.request.urlopen(request) as answer:
        print(json.dumps({'status': answer.status, 'body': json.load(answer)}))
except urllib.error.HTTPError as refused:
    print(json.dumps({'status': refused.code, 'body': json.load(refused)}))
`;

let demo: Demo;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let site: Server;
let complaints: string[];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** What the registered origin serves during a test. */
const served = { script: '', authority: '' };

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: projectRoot, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
}

function serveSite(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/app.js') {
      response.setHeader('content-type', 'text/javascript');
      return response.end(served.script);
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const clientId = demo.file.apps['quotes-web']?.clientId ?? '';
    response.end(
      `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">
      <script>window.AUTHORITY = ${JSON.stringify(served.authority)}; window.CLIENT_ID = ${JSON.stringify(clientId)}</script>
      <p id="state"></p><div id="root"></div><script type="module" src="/app.js"></script>`,
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  [demo, browser] = await Promise.all([startIssuer(folder.path, await freePorts()), launchChromium()]);
  site = await serveSite(demo.ports.web);
});

afterAll(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
  await demo?.interrupt();
  await folder?.remove();
});

beforeEach(async () => {
  context = await browser.newContext({ locale: 'en' });
  page = await context.newPage();
  complaints = watchComplaints(page);
});

afterEach(() => context.close());

const authorities = [
  ['the issuer', ''],
  ['the issuer with a trailing slash', '/'],
] as const;

async function untilState(text: string): Promise<void> {
  await page.waitForFunction(`document.getElementById('state')?.textContent === ${JSON.stringify(text)}`);
}

describe.each(authorities)('oidc-client-ts, authority is %s', (_name, slash) => {
  beforeEach(async () => {
    served.authority = demo.issuer + slash;
    served.script = await bundle(oidcClientPage);
  });

  test('signs in, refreshes, renews in a hidden frame, reads userinfo, signs out', async () => {
    await page.goto(`${demo.web}/`);
    await untilState('signed out');
    await page.evaluate('void window.manager.signinRedirect()');
    await page.waitForSelector('#loginName');
    await signInOnPages(page, personOf(demo, 'ada'));
    await untilState('signed in as Ada Lovelace');

    const refreshed: unknown = await page.evaluate(`(async () => {
      const before = await manager.getUser();
      const after = await manager.signinSilent();
      return [after.access_token !== before.access_token, after.refresh_token !== before.refresh_token, after.profile.sub === before.profile.sub];
    })()`);
    expect(refreshed).toEqual([true, true, true]);

    const framed: unknown = await page.evaluate(`(async () => {
      const user = await manager.getUser();
      delete user.refresh_token;
      await manager.storeUser(user);
      const after = await manager.signinSilent();
      return [after.access_token !== user.access_token, after.profile.name];
    })()`);
    expect(framed).toEqual([true, 'Ada Lovelace']);

    const info: unknown = await page.evaluate(`(async () => {
      const { access_token } = await manager.getUser();
      const endpoint = await manager.metadataService.getUserInfoEndpoint();
      return (await fetch(endpoint, { headers: { authorization: 'Bearer ' + access_token } })).json();
    })()`);
    expect(info).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true });

    await page.evaluate('void window.manager.signoutRedirect()');
    await untilState('signed out');
    await page.evaluate('void window.manager.signinRedirect()');
    await page.waitForSelector('#loginName');
    expect(complaints).toEqual([]);
  });
});

test.each(authorities)('react-oidc-context signs in and out, authority is %s', async (_name, slash) => {
  served.authority = demo.issuer + slash;
  served.script = await bundle(reactPage);
  await page.goto(`${demo.web}/`);
  await page.click('#sign-in');
  await page.waitForSelector('#loginName');
  await signInOnPages(page, personOf(demo, 'grace'));
  await page.waitForSelector('#greeting, #error');
  // Without a scope of its own the library asks for "openid" alone, so the ID token names nobody.
  expect(await page.locator('#root').innerText()).toMatch(/^Hello, \d+ /);
  expect(page.url()).toBe(`${demo.web}/`);
  await page.click('#sign-out');
  await page.waitForSelector('#sign-in');
  expect(complaints).toEqual([]);
});

test('a Python script introspects with a raw id:secret, a type hint and a stray scope', async () => {
  served.authority = demo.issuer;
  served.script = await bundle(oidcClientPage);
  await page.goto(`${demo.web}/`);
  await untilState('signed out');
  await page.evaluate('void window.manager.signinRedirect()');
  await signInOnPages(page, personOf(demo, 'ada'));
  await untilState('signed in as Ada Lovelace');
  const token = String(await page.evaluate('manager.getUser().then((user) => user.access_token)'));

  const script = join(folder.path, 'introspect.py');
  await writeFile(script, pythonScript);
  const { clientId = '', clientSecret = '' } = demo.file.apps['quotes-api'] ?? {};
  const introspect = async (secret: string, text: string): Promise<unknown> => {
    const { stdout } = await run('python3', [script, demo.issuer, clientId, secret, text]);
    return JSON.parse(stdout);
  };
  expect(await introspect(clientSecret, token)).toMatchObject({
    status: 200,
    body: { active: true, username: 'ada@example.com', iss: demo.issuer },
  });
  expect(await introspect(clientSecret, `${token}x`)).toEqual({ status: 200, body: { active: false } });
  expect(await introspect('not-the-secret', token)).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
});
