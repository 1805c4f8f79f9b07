import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { instanceSettings } from '@latchkey/contract';
import { build } from 'esbuild';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { launchChromium } from './chromium.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core');
const consoleSource = fileURLToPath(new URL('../../apps/console/src', import.meta.url));
const origin = 'http://console.test';

/** The two screens with nothing around them, calling the API in the name of the page's token. */
const entry = `
import { createApiClient } from '@latchkey/contract/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Route, Routes } from 'react-router';
import { Toaster } from 'sonner';
import { BrandingScreen } from './settings/branding-screen.tsx';
import { SettingsScreen } from './settings/settings-screen.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
const authorized = (url, init) => {
  const headers = new Headers(init?.headers);
  headers.set('authorization', 'Bearer ' + window.token);
  return fetch(url, { ...init, headers: Object.fromEntries(headers) });
};
const api = createApiClient({ issuer: location.origin, fetch: authorized });
const id = new URLSearchParams(location.search).get('organization');
const scope = id === null ? { kind: 'instance' } : { kind: 'organization', id };
createRoot(document.getElementById('root')).render(
  <QueryClientProvider client={new QueryClient()}>
    <BrowserRouter>
      <main>
        <h1>Settings</h1>
        <Routes>
          <Route path="/settings" element={<SettingsScreen api={api} scope={scope} />} />
          <Route path="/branding" element={<BrandingScreen api={api} scope={scope} name="Acme Studios" />} />
        </Routes>
      </main>
      <Toaster />
    </BrowserRouter>
  </QueryClientProvider>,
);`;

let world: ManagementWorld;
let browser: Browser;
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await startManagementWorld('pglite');
  browser = await launchChromium();
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: consoleSource, loader: 'tsx' },
    ...{ bundle: true, write: false, format: 'esm', jsx: 'automatic', outdir: 'out' },
    conditions: ['@latchkey/source'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  files = {
    '/out.js': textOf('.js'),
    '/out.css': textOf('.css'),
    '/': '<!doctype html><html lang="en"><title>Settings</title><link rel="stylesheet" href="/out.css"><div id="root"></div><script type="module" src="/out.js"></script></html>',
  };
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const types: Readonly<Record<string, string>> = { '/out.js': 'text/javascript', '/out.css': 'text/css' };

async function answer(route: Route): Promise<void> {
  const request = route.request();
  const { pathname, search } = new URL(request.url());
  if (!pathname.startsWith('/api/')) {
    const contentType = types[pathname] ?? 'text/html';
    return await route.fulfill({ contentType, body: files[pathname] ?? files['/'] ?? '' });
  }
  const body = request.postData();
  const { host } = new URL(world.server.issuer);
  const response = await world.server.fetch(pathname + search, {
    method: request.method(),
    headers: { ...(await request.allHeaders()), host },
    ...(body === null ? {} : { body }),
  });
  const headers = Object.fromEntries(response.headers);
  await route.fulfill({ status: response.status, headers, body: await response.text() });
}

interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

async function open(path: string, { colorScheme = 'light', width = 1280 }: Look = {}): Promise<Page> {
  const tab = await browser.newPage({
    colorScheme,
    reducedMotion: 'reduce',
    viewport: { width, height: 860 },
  });
  await tab.addInitScript(`window.token = ${JSON.stringify(world.owner.token)}`);
  await tab.route(`${origin}/**`, answer);
  await tab.goto(origin + path);
  await tab.waitForSelector('form');
  return tab;
}

async function saved(tab: Page): Promise<void> {
  await tab.click('button[type=submit]');
  await tab.waitForSelector('.settings-bar', { state: 'detached' });
}

test.each([
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 375 },
] as const)(
  'axe finds nothing, nothing is too wide: $colorScheme, $width px',
  { timeout: 60_000 },
  async (look) => {
    const findings: unknown[] = [];
    const paths = ['login', 'password', 'lockout', 'lifetimes', 'security', 'features', 'registration'].map(
      (tab) => `/settings?tab=${tab}`,
    );
    for (const path of [...paths, '/branding']) {
      const tab = await open(path, look);
      await tab.addScriptTag({ path: axePath });
      findings.push(
        await tab.evaluate(
          `axe.run(document.querySelector('main')).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`,
        ),
      );
      const isFitting = await tab.evaluate('document.documentElement.scrollWidth <= innerWidth');
      findings.push(isFitting === true ? [] : `${path} is too wide`);
      await tab.close();
    }
    expect(findings.flat()).toEqual([]);
  },
);

test('a colour nobody could read is not saved; the one that is suggested is', async () => {
  const tab = await open('/branding');
  await tab.getByLabel('Accent, light', { exact: true }).fill('#ffcc00');
  await tab.getByText('Contrast 1.41:1').waitFor();
  expect(await tab.getByRole('button', { name: 'Save changes' }).isDisabled()).toBe(true);
  const suggestion = tab.getByRole('button', { name: 'Use #8a6f15' });
  await suggestion.click();
  await suggestion.waitFor({ state: 'detached' });
  // Where less motion is wanted every change still takes a hundredth of a millisecond.
  await tab.waitForFunction(
    `getComputedStyle(document.querySelector('.preview-button')).backgroundColor === 'rgb(138, 111, 21)'`,
  );
  await saved(tab);
  const { data } = await world.owner.call('getInstanceSettings');
  expect(data).toMatchObject({ branding: { accentColorLight: '#8a6f15' } });
  await tab.close();
});

test('an organization takes a group over, is told what does not fit, and follows the instance again; that can be undone', async () => {
  const path = { organizationId: world.otherOrganizationId };
  const own = async () => (await world.owner.call('getOrganizationSettings', { path })).data.own;
  const tab = await open(`/settings?tab=lockout&organization=${world.otherOrganizationId}`);
  await tab.getByRole('button', { name: 'Set for this organization' }).click();
  const attempts = tab.getByLabel('Attempts without delay');
  await attempts.fill('15');
  await tab.click('button[type=submit]');
  await tab.getByText('10 or less would be accepted').waitFor();
  expect(await attempts.getAttribute('aria-invalid')).toBe('true');
  await attempts.fill('3');
  await saved(tab);
  expect(await own()).toMatchObject({ lockout: { freeAttempts: 3 } });
  await tab.getByRole('button', { name: 'Use the instance’s again' }).click();
  await tab.getByText('As the instance has it').waitFor();
  expect(await own()).toMatchObject({ lockout: null });
  await tab.getByRole('button', { name: 'Undo' }).click();
  await tab.getByText('Own settings of this organization').waitFor();
  expect(await own()).toMatchObject({ lockout: { freeAttempts: 3 } });
  await tab.close();
});

test('the forms have every setting of the API', async () => {
  const { features, ...groups } = instanceSettings.shape;
  const { registrationPolicy, ...switches } = features.shape;
  const { login, password, lockout, lifetimes, security } = groups;
  // Each organization decides for itself who may register; the instance has no such switch.
  const { allowRegistration, ...loginOfInstance } = login.shape;
  const shapes = {
    ...{ login: loginOfInstance, password: password.shape, lockout: lockout.shape },
    ...{
      lifetimes: lifetimes.shape,
      security: security.shape,
      features: switches,
      registration: registrationPolicy.shape,
    },
  };
  for (const [group, shape] of Object.entries(shapes)) {
    const tab = await open(`/settings?tab=${group}`);
    expect(await tab.locator('.setting-row').count(), group).toBe(Object.keys(shape).length);
    await tab.close();
  }
});

test('a lifetime is written in the unit that fits, and the address remembers the tab', async () => {
  const tab = await open('/settings');
  await tab.getByRole('tab', { name: 'Lifetimes' }).click();
  expect(new URL(tab.url()).searchParams.get('tab')).toBe('lifetimes');
  const amount = tab.getByLabel('Access token', { exact: true });
  expect(await amount.inputValue()).toBe('15');
  await amount.fill('20');
  await saved(tab);
  const { data } = await world.owner.call('getInstanceSettings');
  expect(data).toMatchObject({ lifetimes: { accessTokenSeconds: 1200 } });
  await tab.close();
});
