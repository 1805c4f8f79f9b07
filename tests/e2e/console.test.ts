import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedUser } from '@latchkey/testkit';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { introspect, tokensFor } from '../flows/flow-world.ts';
import type { ManagementWorld } from '../management/management-world.ts';
import { axeFindings, keepScreenshot } from './chromium.ts';
import { type ConsoleWorld, consoleFolder, startConsoleWorld } from './console-world.ts';

const pages = [
  '',
  'projects',
  'applications',
  'users',
  'authorizations',
  'sessions',
  'dashboards',
  'sign-ins',
  'events',
  'explain',
  'organizations',
  'instance',
  'settings',
  'branding',
  'managers',
  'keys',
] as const;

let desk: ConsoleWorld;
let world: ManagementWorld;
let context: BrowserContext;
let page: Page;
let open: ConsoleWorld['open'];

beforeAll(async () => {
  desk = await startConsoleWorld();
  ({ world, context, page, open } = desk);
}, 60_000);
afterAll(() => desk?.stop());

test('the first load of the console is at most 220 KB of compressed JavaScript', () => {
  const html = readFileSync(join(consoleFolder, 'index.html'), 'utf8');
  const first = [...html.matchAll(/assets\/[\w-]+\.js/g)].map(([name]) => name);
  const home = readdirSync(join(consoleFolder, 'assets'))
    .filter((name) => /^(home-page|field|copy|use-api|messages)[\w-]*\.js$/.test(name))
    .map((name) => `assets/${name}`);
  const bytes = [...new Set([...first, ...home])].map(
    (name) => readFileSync(join(consoleFolder, `${name}.gz`)).length,
  );
  const total = bytes.reduce((sum, each) => sum + each, 0);
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThan(220 * 1024);
});

test('no token is kept where another page or a later visitor could read it', async () => {
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toMatch(/lk_/);
});

test('first run: project, front end and API by the console, and marks that turn green when it really happens', async () => {
  await open('?project=new');
  await page.getByLabel('Name of the project').fill('First run');
  await page.getByRole('button', { name: 'Create' }).click();
  const redirectUri = 'https://shop.example.com/callback';
  await page.getByLabel('Where people come back to').fill(redirectUri);
  await page.getByRole('button', { name: 'Add front end' }).click();
  await page.getByText('Waiting for the first sign-in').waitFor();
  await page.getByRole('button', { name: 'Add API' }).click();
  const secret = await page.locator('.secret-once pre').textContent();
  await page.getByText('Waiting for the first token check').waitFor();
  const [frontEnd, api] = await page.locator('.copy-field code').allTextContents();
  await keepScreenshot(page, 'console-first-run');
  const askFor = (uri: string) => {
    const asked = { client_id: frontEnd ?? '', redirect_uri: uri, response_type: 'code', scope: 'openid' };
    return fetch(`${world.server.issuer}/oauth/v2/authorize?${new URLSearchParams(asked)}`);
  };
  // Anybody may ask to be sent anywhere: told, and not offered.
  await askFor('https://thief.example.net/callback');
  await page.getByText('https://thief.example.net/callback is not registered').waitFor({ timeout: 10_000 });
  expect(await page.getByRole('button', { name: /Let people come back/ }).count()).toBe(0);
  const other = 'https://shop.example.com/elsewhere';
  await askFor(other);
  await page.getByText(`${other} is not registered for Front end`).waitFor({ timeout: 10_000 });
  await keepScreenshot(page, 'console-first-run-refused');
  await page.setViewportSize({ width: 375, height: 800 });
  await page.getByRole('button', { name: /Let people come back/ }).scrollIntoViewIfNeeded();
  await keepScreenshot(page, 'console-first-run-refused-375');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('button', { name: `Let people come back to ${other}` }).click();
  await page.getByRole('button', { name: /Let people come back/ }).waitFor({ state: 'detached' });
  const ada = await seedUser(world.server);
  const spa = {
    ...{ id: '', clientId: frontEnd ?? '', type: 'user_agent' as const, authMethod: 'none' as const },
    ...{ redirectUri, clientSecret: '', project: { id: '', organizationId: '', roleKeys: [] } },
  };
  const { accessToken } = await tokensFor(world.server, spa, ada);
  await page.getByText('The first sign-in arrived').waitFor({ timeout: 10_000 });
  const answer = await introspect(
    world.server,
    { clientId: api ?? '', clientSecret: secret ?? '' },
    accessToken,
  );
  expect(answer.active).toBe(true);
  await page.getByText('The first token check arrived').waitFor({ timeout: 10_000 });
}, 60_000);

test('deactivating a user in the console ends their tokens within a second', async () => {
  const { server } = world;
  const { data: made } = await world.owner.call('createProject', { body: { name: 'Deactivation' } });
  const application = async (body: object) =>
    (await world.owner.call('createApplication', { body: { projectId: made.id, ...body } })).data;
  const spaApp = await application({
    name: 'Web',
    type: 'user_agent',
    redirectUris: ['https://shop.example.com/callback'],
  });
  const apiApp = await application({ name: 'API', type: 'api' });
  const bob = await seedUser(server, { displayName: 'Bob Builder' });
  const spa = {
    ...{
      id: '',
      clientId: String(spaApp.clientId),
      type: 'user_agent' as const,
      authMethod: 'none' as const,
    },
    redirectUri: 'https://shop.example.com/callback',
    ...{ clientSecret: '', project: { id: '', organizationId: '', roleKeys: [] } },
  };
  const api = { clientId: String(apiApp.clientId), clientSecret: String(apiApp.clientSecret) };
  const { accessToken } = await tokensFor(server, spa, bob);
  expect((await introspect(server, api, accessToken)).active).toBe(true);
  await open(`users/${bob.id}?tab=security`);
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
  await page.getByText('Inactive').first().waitFor();
  expect((await introspect(server, api, accessToken)).active).toBe(false);
}, 60_000);

test('a secret is rotated in the console: the new one counts, the old one no longer', async () => {
  const { data: made } = await world.owner.call('createProject', { body: { name: 'Rotation' } });
  const { data: app } = await world.owner.call('createApplication', {
    body: { projectId: made.id, name: 'API', type: 'api' },
  });
  await open(`applications/${String(app.id)}?tab=credentials`);
  await page.getByLabel('The present secrets').selectOption({ label: 'end now' });
  await page
    .getByRole('button', { name: /rotate|new secret/i })
    .first()
    .click();
  const shown = page.locator('code', { hasText: 'lk_sec_' }).first();
  await shown.waitFor();
  const secret = (await shown.textContent()) ?? '';
  const status = async (clientSecret: string): Promise<number> => {
    const credentials = Buffer.from(`${String(app.clientId)}:${clientSecret}`).toString('base64');
    const answer = await world.server.fetch('/oauth/v2/introspect', {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'token=none',
    });
    return answer.status;
  };
  expect(await status(secret)).toBe(200);
  expect(await status(String(app.clientSecret))).toBe(401);
}, 60_000);

test.each(['light', 'dark'] as const)(
  'every page in %s, wide and narrow: axe finds nothing, nothing scrolls sideways',
  async (theme) => {
    const found: string[] = [];
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const path of pages) {
      await open(path);
      await page.waitForLoadState('networkidle');
      found.push(...(await axeFindings(page)));
      await keepScreenshot(page, `console-${path === '' ? 'home' : path}-1280-${theme}`);
      await page.setViewportSize({ width: 375, height: 800 });
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
      if (isWide) found.push(`${path} scrolls sideways at 375`);
      await keepScreenshot(page, `console-${path === '' ? 'home' : path}-375-${theme}`);
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    expect(found).toEqual([]);
  },
  120_000,
);

test('German: every page has a heading in it, fits 375 px, and axe finds nothing', async () => {
  await context.addCookies([
    { name: 'latchkey-language', value: 'de', url: `${world.server.issuer}/console/` },
  ]);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 375, height: 800 });
  const found: string[] = [];
  const headings = new Map<string, string | null>();
  for (const path of pages) {
    await open(path);
    await page.waitForLoadState('networkidle');
    headings.set(path, await page.locator('main h1').textContent());
    found.push(...(await axeFindings(page)));
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
    if (isWide) found.push(`${path} scrolls sideways at 375`);
    await keepScreenshot(page, `console-${path === '' ? 'home' : path}-375-de`);
  }
  expect(found).toEqual([]);
  expect([headings.get('users'), headings.get('keys'), headings.get('sign-ins')]).toEqual([
    'Benutzer',
    'Signaturschlüssel',
    'Anmeldungen',
  ]);
  await page.setViewportSize({ width: 1280, height: 900 });
  await context.clearCookies({ name: 'latchkey-language' });
}, 120_000);

test('⌘K finds pages and objects; g u goes to the users', async () => {
  await open('');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('Olive');
  await page.getByRole('option', { name: 'Olive Owner' }).click();
  await page.waitForURL(/\/console\/users\/\d+/);
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await page.waitForURL(/\/console\/users$/);
}, 30_000);

test('the browser had nothing to complain about', () => {
  expect(desk.complaints).toEqual([]);
});
