import { seedOrganization, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, keepScreenshot } from './chromium.ts';
import { type ConsoleWorld, startConsoleWorld } from './console-world.ts';

let desk: ConsoleWorld;

beforeAll(async () => {
  desk = await startConsoleWorld();
}, 60_000);
afterAll(() => desk?.stop());

test('manager roles are changed where they stand, and taken back by undo', async () => {
  const { world, page, open } = desk;
  const mia = await seedUser(world.server, { displayName: 'Mia Manager' });
  await world.owner.call('setInstanceManager', {
    path: { userId: mia.id },
    body: { roles: ['IAM_OWNER_VIEWER'] },
  });
  const rolesOfMia = async (): Promise<unknown> => {
    const { data } = await world.owner.call('listInstanceManagers', {});
    const items = data.items as { userId: string; roles: string[] }[]; // cast: the shape of the operation
    return items.find(({ userId }) => userId === mia.id)?.roles.toSorted();
  };
  await open('managers');
  const row = page.getByRole('row', { name: /Mia Manager/ });
  await row.getByRole('button', { name: 'Change roles' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /IAM_ORG_MANAGER/ }).check();
  expect(await axeFindings(page)).toEqual([]);
  await keepScreenshot(page, 'console-manager-roles');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row.getByText('IAM_ORG_MANAGER').waitFor();
  expect(await rolesOfMia()).toEqual(['IAM_ORG_MANAGER', 'IAM_OWNER_VIEWER']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(rolesOfMia).toEqual(['IAM_OWNER_VIEWER']);
}, 60_000);

test('the organization switcher narrows lists and what is newly made', async () => {
  const { world, page, open } = desk;
  const acme = await seedOrganization(world.server);
  await seedUser(world.server, { displayName: 'Anna Acme', organizationId: acme.id });
  await open('users');
  await page.getByRole('link', { name: 'Olive Owner' }).waitFor();
  await page.getByRole('button', { name: /^Organization: / }).click();
  await page.getByRole('combobox').fill(acme.name);
  await page.getByRole('option', { name: acme.name }).click();
  await page.getByRole('link', { name: 'Anna Acme' }).waitFor();
  await expect.poll(() => page.getByRole('link', { name: 'Olive Owner' }).count()).toBe(0);
  await open('projects?create=yes');
  await page.getByLabel('Name').fill('Made inside');
  await page.getByRole('button', { name: 'Create' }).last().click();
  await page.waitForURL(/\/projects\/\d+/);
  const { data } = await world.owner.call('listProjects', { query: { organizationId: acme.id } });
  expect(data.items).toEqual([expect.objectContaining({ name: 'Made inside' })]);
  await page.getByRole('button', { name: /^Organization: / }).click();
  await page.getByRole('option', { name: 'All organizations' }).click();
}, 60_000);

test('metadata of a user and an organization is read and written as text', async () => {
  const { world, page, open } = desk;
  const max = await seedUser(world.server, { displayName: 'Max Metadata' });
  await open(`users/${max.id}?tab=metadata`);
  await page.getByLabel('Key').fill('crm-number');
  await page.getByLabel('Value').fill('Größe 4711');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Größe 4711').waitFor();
  const { data } = await world.owner.call('listUserMetadata', { path: { userId: max.id } });
  expect(data.items).toEqual([{ key: 'crm-number', value: Buffer.from('Größe 4711').toString('base64') }]);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Größe 4711').waitFor();
  const organization = await seedOrganization(world.server);
  await open(`organizations/${organization.id}`);
  await page.getByLabel('Name').fill('After');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'After' }).waitFor();
  await keepScreenshot(page, 'console-organization');
}, 60_000);

test('several users are locked at once; those it is refused for are told', async () => {
  const { world, page, open } = desk;
  const users = [
    await seedUser(world.server, { displayName: 'Bulk One' }),
    await seedUser(world.server, { displayName: 'Bulk Two' }),
  ];
  const states = async (): Promise<unknown[]> =>
    await Promise.all(
      users.map(async ({ id }) => (await world.owner.call('getUser', { path: { userId: id } })).data.state),
    );
  await open('users?search=Bulk');
  await page.getByRole('checkbox', { name: 'Choose all shown' }).check();
  const tools = page.getByRole('toolbar');
  await tools.getByText('2 users chosen').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await keepScreenshot(page, 'console-bulk');
  await tools.getByRole('button', { name: 'Lock', exact: true }).click();
  await page.getByText('Done for 2 users').waitFor();
  expect(await states()).toEqual(['locked', 'locked']);
  await page.getByRole('checkbox', { name: 'Choose: Bulk One' }).check();
  await tools.getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
  await page.getByText('Done for 1 user').waitFor();
  expect(await states()).toEqual(['inactive', 'locked']);
}, 60_000);

test('an event opens beside the list with what changed before and after', async () => {
  const { world, page, open } = desk;
  const una = await seedUser(world.server, { displayName: 'Una Before' });
  await world.owner.call('updateUser', { path: { userId: una.id }, body: { displayName: 'Una After' } });
  await open('events?type=user.changed');
  await page.getByRole('button', { name: 'user.changed' }).first().click();
  const drawer = page.getByRole('dialog');
  const cells = await drawer
    .getByRole('row', { name: /displayName/ })
    .getByRole('cell')
    .allTextContents();
  expect(cells).toEqual(['displayName', 'Una Before', 'Una After']);
  expect(await axeFindings(page)).toEqual([]);
  await keepScreenshot(page, 'console-event');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'user.changed' }).first().click();
  await drawer.getByRole('button', { name: 'All of this object' }).click();
  await page.waitForURL((url) => url.searchParams.get('object') === una.id);
  await page.getByLabel('Type').selectOption('');
  await page.getByRole('button', { name: 'user.created' }).waitFor();
  await page.getByLabel('When').selectOption({ label: 'Last hour' });
  await page.getByRole('button', { name: 'user.changed' }).waitFor();
}, 60_000);

test('a project has managers of its own; an application page has code with its ids', async () => {
  const { world, page, open } = desk;
  const { data: project } = await world.owner.call('createProject', { body: { name: 'Managed' } });
  await seedUser(world.server, { displayName: 'Petra Project' });
  await open(`projects/${String(project.id)}?tab=managers`);
  await page.getByRole('button', { name: 'Add manager' }).click();
  await page.getByLabel('Person').fill('Petra');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('row', { name: /Petra Project/ }).waitFor();
  const { data: app } = await world.owner.call('createApplication', {
    body: { projectId: project.id, name: 'Coded API', type: 'api' },
  });
  await open(`applications/${String(app.id)}?tab=start`);
  const code = await page.locator('.code-block pre').textContent();
  expect(code).toContain(`clientId: '${String(app.clientId)}'`);
  expect(code).toContain(`issuer: '${world.server.issuer}'`);
}, 60_000);

test('an initial access token is shown once, listed without itself, and taken back', async () => {
  const { world, page, open } = desk;
  await open('instance');
  await page.getByLabel('How many clients').fill('3');
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page
    .locator('.secret-once')
    .getByText(/^lk_iat_/)
    .waitFor();
  await page.getByText('For 3 more clients, until').waitFor();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('For 3 more clients, until').waitFor({ state: 'detached' });
  expect((await world.owner.call('listRegistrationTokens')).data.items).toEqual([]);
}, 30_000);

test('? tells what the keyboard can do', async () => {
  const { page, open } = desk;
  await open('');
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await keepScreenshot(page, 'console-shortcuts');
  await page.keyboard.press('Escape');
}, 30_000);

test('the browser had nothing to complain about', () => {
  expect(desk.complaints).toEqual([]);
});
