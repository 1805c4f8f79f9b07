import { join } from 'node:path';
import { seedManager, seedUser } from '@latchkey/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { launchChromium, watchComplaints, withoutSharedWorkers } from './chromium.ts';
import { projectRoot } from './demo-process.ts';

/** The console as it was built. */
export const consoleFolder = join(projectRoot, 'apps/console/dist');

/** A server with its console, and an owner of the instance who is signed in to it in Chromium. */
export interface ConsoleWorld {
  readonly world: ManagementWorld;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser objected to so far. */
  readonly complaints: readonly string[];
  /** Opens a page of the console by its path below `/console/`. */
  readonly open: (path: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Signs a person in to the console on a page of theirs. */
export async function signInOnPage(
  page: Page,
  issuer: string,
  person: { readonly loginName: string; readonly password: string },
): Promise<void> {
  await page.goto(`${issuer}/console/`);
  await page.getByRole('button', { name: /^(Sign in|Anmelden)$/ }).click();
  await page.waitForURL(/\/login/);
  await page.locator('input:not([type=hidden])').first().fill(person.loginName);
  await page.keyboard.press('Enter');
  await page.locator('#password:focus').fill(person.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.frame');
}

/** Starts a server, opens its console and signs in as Olive Owner. */
export async function startConsoleWorld(): Promise<ConsoleWorld> {
  const world = await startManagementWorld('pglite', { consoleFolder });
  const browser = await launchChromium();
  const boss = await seedUser(world.server, { displayName: 'Olive Owner' });
  await seedManager(world.server, boss.id, 'IAM_OWNER');
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await withoutSharedWorkers(context);
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  await signInOnPage(page, world.server.issuer, boss);
  return {
    ...{ world, browser, context, page, complaints },
    open: async (path) => {
      await page.goto(`${world.server.issuer}/console/${path}`);
      await page.waitForSelector('main h1');
    },
    stop: async () => {
      await browser.close();
      await world.stop();
    },
  };
}
