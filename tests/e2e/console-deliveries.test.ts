import { seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokensFor } from '../flows/flow-world.ts';
import { axeFindings, keepScreenshot } from './chromium.ts';
import { type ConsoleWorld, startConsoleWorld } from './console-world.ts';

let desk: ConsoleWorld;

beforeAll(async () => {
  desk = await startConsoleWorld();
}, 60_000);
afterAll(() => desk?.stop());

test('the page of an application warns of an address the server never calls, and says what did not arrive', async () => {
  const { world, page, open } = desk;
  const { server } = world;
  const application = await seedApplication(server, await seedProject(server), {
    type: 'user_agent',
    backchannelLogoutUri: 'https://10.0.0.1/logout',
  });
  await open(`applications/${application.id}`);
  const warning = page.locator('.hint-warn').filter({ hasText: 'backchannelLogoutUri' });
  await warning.getByText('The server will not call https://10.0.0.1/logout').waitFor();
  const messages = page.getByRole('region', { name: 'Messages to this application' });
  expect(await messages.count()).toBe(0);

  const user = await seedUser(server);
  await tokensFor(server, application, user);
  await world.owner.call('endUserSessions', { path: { userId: user.id } });
  await server.deliverDue();
  await open(`applications/${application.id}`);
  await messages.getByText('Sign-outs do not reach the application').waitFor();
  await messages.getByText('The server does not call https://10.0.0.1/logout').waitFor();
  await messages.getByText('One message waits to be sent.').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await keepScreenshot(page, 'console-deliveries');

  await page.setViewportSize({ width: 375, height: 812 });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await axeFindings(page)).toEqual([]);
  const { width, shown } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    shown: document.documentElement.clientWidth,
  }));
  expect(width).toBeLessThanOrEqual(shown);
  await keepScreenshot(page, 'console-deliveries-narrow');
}, 60_000);
