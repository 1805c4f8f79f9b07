import { type SeededUser, seedManager, seedUser } from '@latchkey/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { axeFindings, keepScreenshot, launchChromium, watchComplaints } from './chromium.ts';
import { consoleFolder, signInOnPage } from './console-world.ts';

interface OldSignIn {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: readonly string[];
}

const twentyMinutesMs = 20 * 60_000;
let world: ManagementWorld;
let browser: Browser;
let boss: SeededUser;
let wide: OldSignIn;
let narrow: OldSignIn;

beforeAll(async () => {
  world = await startManagementWorld('pglite', { consoleFolder });
  browser = await launchChromium();
  boss = await seedUser(world.server, { displayName: 'Olive Owner' });
  await seedManager(world.server, boss.id, 'IAM_OWNER');
  // Tokens that outlive the time since the sign-in, so that it is the sign-in that is too old.
  const lifetimes = { accessTokenSeconds: 7200, idTokenSeconds: 7200 };
  await world.owner.call('updateInstanceSettings', { body: { lifetimes } });
  wide = await oldSignIn();
  narrow = await oldSignIn({ locale: 'de-DE', viewport: { width: 375, height: 800 } });
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** A browser whose person signed in twenty minutes ago. The browser has the machine's clock, so the server's goes back meanwhile. */
async function oldSignIn(options: Parameters<Browser['newContext']>[0] = {}): Promise<OldSignIn> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  world.server.clock.advance(-twentyMinutesMs);
  try {
    await signInOnPage(page, world.server.issuer, boss);
  } finally {
    world.server.clock.advance(twentyMinutesMs);
  }
  return { context, page, complaints };
}

async function signInAgain(context: BrowserContext, page: Page, person: SeededUser): Promise<void> {
  const opening = context.waitForEvent('page');
  await page.getByRole('button', { name: /^(Sign in again|Neu anmelden)$/ }).click();
  const popup = await opening;
  await popup.waitForURL(/\/login/);
  const name = popup.locator('input[name=loginName]');
  if (await name.isVisible()) {
    await name.fill(person.loginName);
    await popup.keyboard.press('Enter');
  }
  await popup.locator('#password:focus').fill(person.password);
  await keepScreenshot(popup, 'console-sign-in-again-window');
  const closing = popup.waitForEvent('close');
  await popup.keyboard.press('Enter');
  await closing;
}

test('RFC 9470: removing a user asks for another sign-in in a window and then goes on by itself', async () => {
  const { context, page, complaints } = wide;
  const tom = await seedUser(world.server, { displayName: 'Tom Temporary' });
  await page.goto(`${world.server.issuer}/console/users/${tom.id}?tab=security`);
  await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
  const confirm = page.getByRole('alertdialog');
  await confirm.getByRole('textbox').fill(tom.loginName);
  await confirm.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('heading', { name: 'Sign in again to continue' }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await keepScreenshot(page, 'console-sign-in-again');
  expect((await world.owner.call('getUser', { path: { userId: tom.id } })).data.id).toBe(tom.id);
  await signInAgain(context, page, boss);
  await page.getByRole('heading', { name: 'Sign in again to continue' }).waitFor({ state: 'detached' });
  await expect
    .poll(() => world.owner.refused('getUser', { path: { userId: tom.id } }).then(({ code }) => code))
    .toBe('not-found');
  // Signed in just now: the next dangerous action does not ask.
  const next = await seedUser(world.server, { displayName: 'Next Temporary' });
  await page.goto(`${world.server.issuer}/console/users/${next.id}?tab=security`);
  await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
  await page.getByRole('alertdialog').getByRole('textbox').fill(next.loginName);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await expect
    .poll(() => world.owner.refused('getUser', { path: { userId: next.id } }).then(({ code }) => code))
    .toBe('not-found');
  expect(complaints.filter((line) => !/\b40[14]\b/.test(line))).toEqual([]);
  await context.close();
}, 90_000);

test('edits are kept: canceled, the form says why; signed in again, it saves what was written', async () => {
  const { context, page } = narrow;
  await page.goto(`${world.server.issuer}/console/settings?tab=password`);
  const characters = page.getByLabel('Zeichen mindestens');
  await characters.fill('17');
  await page.getByRole('button', { name: 'Speichern' }).click();
  const title = page.getByRole('heading', { name: 'Zum Fortfahren neu anmelden' });
  await title.waitFor();
  await keepScreenshot(page, 'console-sign-in-again-narrow-de');
  await page.getByRole('button', { name: 'Abbrechen' }).click();
  await page.getByText('Diese Aktion verlangt eine kürzlich erfolgte Anmeldung').waitFor();
  expect(await characters.inputValue()).toBe('17');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await title.waitFor();
  await signInAgain(context, page, boss);
  await page.locator('.settings-bar').waitFor({ state: 'detached' });
  expect((await world.owner.call('getInstanceSettings')).data).toMatchObject({
    password: { minimumLength: 17 },
  });
  await context.close();
}, 90_000);
