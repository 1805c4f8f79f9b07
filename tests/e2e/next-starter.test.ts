import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type SeededUser, seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { axeFindings, keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';
import { freePorts, plainEnvironment, projectRoot } from './demo-process.ts';
import { signInOnPages } from './person.ts';

const run = promisify(execFile);
const packed = ['browser', 'react', 'api', 'bff', 'next'];
const starter = join(projectRoot, 'examples/starters/next');

let folder: string;
let world: ManagementWorld;
let user: SeededUser;
let browser: Browser;
let origin: string;
/** Why there is no Next.js here. */
let missing: string | undefined;
let apiOrigin: string;
const running: ChildProcess[] = [];
/** What the app and its API printed. */
let output = '';

const environment = () =>
  plainEnvironment({ NEXT_TELEMETRY_DISABLED: '1', npm_config_prefer_offline: 'true', CI: '1' });

/** The packages as files that npm installs. */
async function pack(): Promise<ReadonlyMap<string, string>> {
  const place = join(folder, 'packages');
  await mkdir(place);
  const workspaces = packed.flatMap((name) => ['-w', `@latchkey/${name}`]);
  const args = ['pack', '--silent', '--ignore-scripts', ...workspaces, '--pack-destination', place];
  await run('npm', args, { cwd: projectRoot });
  const files = await readdir(place);
  return new Map(
    packed.map((name) => [
      `@latchkey/${name}`,
      `file:${join(place, files.find((file) => file.startsWith(`latchkey-${name}-`)) ?? '')}`,
    ]),
  );
}

/** The starter in an empty folder, with these ports, and with the packed packages instead of published ones. */
async function writeApp(ports: { readonly web: number; readonly api: number }): Promise<string> {
  const app = join(folder, 'app');
  await cp(starter, app, {
    recursive: true,
    filter: (path) => !/node_modules|\.next\b|\.env\.local/.test(path),
  });
  for (const file of ['package.json', 'lib/auth.ts', 'api/server.mjs']) {
    const text = await readFile(join(app, file), 'utf8');
    const replaced = text.replaceAll('3100', `${ports.web}`).replaceAll('8787', `${ports.api}`);
    await writeFile(join(app, file), replaced);
  }
  const tarballs = await pack();
  const manifest = JSON.parse(await readFile(join(app, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies))
    manifest.dependencies[name] = tarballs.get(name) ?? manifest.dependencies[name];
  manifest.overrides = Object.fromEntries([...tarballs].filter(([name]) => !(name in manifest.dependencies)));
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest));
  for (const [path, code] of readmeFiles(
    await readFile(join(projectRoot, 'packages/sdk-next/README.md'), 'utf8'),
  )) {
    await mkdir(join(app, dirname(path)), { recursive: true });
    await writeFile(join(app, path), code);
  }
  return app;
}

/** A page whose rendering outlasts a token of 12 seconds, the first time. */
const slowPage = `import { auth } from '@/lib/auth';
let waits = 1;
export default async function Page() {
  await auth.requireSession();
  if (waits > 0) {
    waits -= 1;
    await new Promise((resolve) => setTimeout(resolve, 13_000));
  }
  return <p>{await (await auth.fetch('/api/me')).text()}</p>;
}
`;

/** The pages of the README, which have their path in the first line, and one that shows its client component. */
function readmeFiles(readme: string): readonly (readonly [string, string])[] {
  const blocks = [...readme.matchAll(/```tsx?\n\/\/ (app\/quote\/\S+)\n(.*?)```/gs)];
  const client = `import { RefreshQuote } from '../quote/refresh-quote';\nexport default function Page() { return <RefreshQuote />; }\n`;
  return [
    ...blocks.map(([, path = '', code = '']) => [path, code] as const),
    ['app/refresh-quote/page.tsx', client],
    ['app/slow/page.tsx', slowPage],
  ];
}

/** Registers the app and its API, and writes what they need to know. */
async function register(app: string): Promise<void> {
  const { server } = world;
  const project = await seedProject(server, { roleKeys: ['reader'] });
  const web = await seedApplication(server, project, {
    type: 'web',
    developmentMode: true,
    idTokenUserinfoAssertion: true,
    redirectUris: [`${origin}/auth/callback`],
    postLogoutRedirectUris: [`${origin}/`],
  });
  const api = await seedApplication(server, project, { type: 'api', authMethod: 'private_key_jwt' });
  const settings = {
    ISSUER: server.issuer,
    CLIENT_ID: web.clientId,
    CLIENT_SECRET: web.clientSecret,
    PROJECT_ID: project.id,
    APP_URL: origin,
    COOKIE_SECRET: 'a secret of a test, long enough to be one',
    API_KEY_FILE: 'api-key.json',
  };
  await writeFile(join(app, 'api-key.json'), JSON.stringify(api.keyFile));
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  await writeFile(join(app, '.env.local'), lines.join(''));
}

/** Starts a process and resolves when it has printed `ready`; rejects with its output when it ends before. */
async function start(app: string, args: readonly string[], ready: RegExp): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: app,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (ready.test(output)) resolve();
      });
    child.once('close', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${output}`)));
  });
}

/** Installs the app. Resolves to why Next.js cannot be had here, if it cannot; rejects when our own packages do not install. */
async function install(app: string): Promise<string | undefined> {
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts'];
  try {
    await run('npm', args, { cwd: app, env: environment() });
    return undefined;
  } catch (error) {
    const isUnavailable = /code (?:E404|ETARGET|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT)/.test(
      String(error),
    );
    if (isUnavailable && !/@latchkey\/\S+ is not in/.test(String(error))) return String(error);
    throw error;
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lk-next-'));
  const ports = await freePorts();
  [origin, apiOrigin] = [`http://localhost:${ports.web}`, `http://localhost:${ports.api}`];
  [world, browser] = await Promise.all([startManagementWorld('pglite'), launchChromium()]);
  user = await seedUser(world.server, { displayName: 'Ada Lovelace' });
  const app = await writeApp(ports);
  missing = await install(app);
  if (missing !== undefined) return;
  // Built without the settings: they belong to the running app.
  await run('npx', ['next', 'build'], { cwd: app, env: environment() });
  await register(app);
  await start(app, ['node_modules/next/dist/bin/next', 'start', '-p', `${ports.web}`], /Ready in/);
  await start(app, ['api/server.mjs'], /The API listens/);
}, 400_000);

beforeEach(({ skip }) => {
  if (missing === undefined) return;
  console.log(`The Next.js starter is not tried, as Next.js does not install here:\n${missing}`);
  skip(missing);
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(output);
});

afterAll(async () => {
  for (const child of running) child.kill('SIGTERM');
  await browser?.close();
  await world?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function openPage(path: string) {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  await page.goto(`${origin}${path}`);
  return { context, page, complaints };
}

/** The HTML of a page as the server renders it for the cookies of a browser. */
async function renderedFor(page: Page, path: string): Promise<string> {
  const cookies = await page.context().cookies(origin);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = { cookie, accept: 'text/html' };
  return (await fetch(`${origin}${path}`, { headers, redirect: 'manual' })).text();
}

test('a guarded page leads to the sign-in and back; server and browser call the API; signing out ends it', {
  timeout: 90_000,
}, async () => {
  const { context, page, complaints } = await openPage('/account');
  await page.waitForSelector('#loginName');
  await signInOnPages(page, user);
  await page.getByRole('heading', { name: 'Account of Ada Lovelace' }).waitFor();
  expect(page.url()).toBe(`${origin}/account`);
  // Asked by a server component with the token of the user.
  await page.getByText(`"userId": "${user.id}"`).waitFor();
  await keepScreenshot(page, 'starter-next-account');

  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor();
  await page.getByRole('button', { name: 'Call the API' }).click();
  await page.getByText(`"userId": "${user.id}"`).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  // The code of the README.
  await page.goto(`${origin}/quote`);
  await page.getByRole('heading', { name: 'Good day, Ada Lovelace' }).waitFor();
  await page.getByText(`"userId":"${user.id}"`).waitFor();
  await page.goto(`${origin}/refresh-quote`);
  await page.getByRole('button', { name: 'A quote for Ada Lovelace' }).click();
  await page.getByText(`"userId":"${user.id}"`).waitFor();
  await page.goto(`${origin}/`);
  // Nothing waits for scripts: the greeting is in the HTML. No token is.
  const html = await renderedFor(page, '/');
  expect(html).toContain('Hello, <!-- -->Ada Lovelace');
  expect(html).not.toMatch(/access_token|refresh_token|accessToken|refreshToken|eyJ/);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.goto(`${origin}/account`);
  await page.waitForSelector('#loginName');
  expect(complaints).toEqual([]);
  await context.close();
});

test('a token that ends is refreshed before pages are rendered, and by a detour when it ends meanwhile', {
  timeout: 120_000,
}, async () => {
  await world.owner.call('updateInstanceSettings', { body: { lifetimes: { accessTokenSeconds: 12 } } });
  // A guard that is in the page alone.
  const { context, page, complaints } = await openPage('/quote');
  await page.waitForSelector('#loginName');
  await signInOnPages(page, user);
  await page.getByRole('heading', { name: 'Good day, Ada Lovelace' }).waitFor();
  expect(page.url()).toBe(`${origin}/quote`);

  const sessionCookie = async () => (await context.cookies(origin)).map(({ value }) => value).join();
  const before = await sessionCookie();
  const reload = async () => {
    await page.reload();
    await page.getByText(`"userId":"${user.id}"`).waitFor();
    return sessionCookie();
  };
  await expect.poll(reload, { timeout: 30_000, interval: 1000 }).not.toBe(before);

  const refreshed: string[] = [];
  page.on('request', (request) => refreshed.push(new URL(request.url()).pathname));
  await page.goto(`${origin}/slow`);
  await page.getByText(`"userId":"${user.id}"`).waitFor();
  expect(refreshed).toContain('/auth/refresh');
  expect(page.url()).toBe(`${origin}/slow`);
  expect(complaints).toEqual([]);
  await context.close();
});

test('what nobody is signed in for: 303 for pages, 401 for scripts and the API, whatever is written into the path', async () => {
  // Unlike fetch of Node.js, it claims no mode of Fetch Metadata.
  const context = await browser.newContext();
  const ask = (path: string, headers: Record<string, string> = {}) =>
    context.request.get(`${origin}${path}`, { headers, maxRedirects: 0 });
  const page = await ask('/account?tab=2', { accept: 'text/html' });
  expect(page.status()).toBe(303);
  expect(page.headers().location).toMatch(/\/auth\/sign-in\?returnTo=%2Faccount%3Ftab%3D2$/);
  const paths = ['/account', '/%61ccount', '/account?_rsc=1', '/account/', '/account.rsc', '//account'];
  for (const path of paths)
    for (const headers of [
      { rsc: '1' },
      { 'x-latchkey-path': '/x' },
      { 'x-middleware-subrequest': 'proxy' },
    ]) {
      const answer = await ask(path, headers);
      expect([401, 307, 308, 404], path).toContain(answer.status());
      expect(await answer.text(), path).not.toContain('Account of');
    }
  expect((await ask('/api/me', { 'x-latchkey-csrf': '1' })).status()).toBe(401);
  expect((await ask('/api/me')).status()).toBe(403);
  expect((await fetch(`${apiOrigin}/api/me`)).status).toBe(401);
  await context.close();
});
