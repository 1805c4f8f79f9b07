import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSignIn, createBrowserAgent, pageOf, seedManager, seedUser } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../flows/flow-world.ts';
import type { ManagementWorld } from '../management/management-world.ts';
import { type CliWorld, latchkey, type Ran, startCliWorld } from './cli-world.ts';

const twentyHoursMs = 20 * 3_600_000;
let cli: CliWorld;
let world: ManagementWorld;
beforeAll(async () => {
  cli = await startCliWorld();
  ({ world } = cli);
});
afterAll(() => cli?.stop());

const clientId = 'latchkey-cli';

/** A login kept by the command line whose person signed in twenty hours ago, in a browser that is signed in still. */
async function oldLogin(folder: string) {
  const { server } = world;
  const user = await seedUser(server);
  await seedManager(server, user.id, 'IAM_OWNER');
  const agent = createBrowserAgent(server);
  const form = { client_id: clientId, scope: 'openid offline_access' };
  const { body: device } = await call(server, '/oauth/v2/device_authorization', { form });
  const approve = async (address: string, isPasswordAsked: boolean): Promise<void> => {
    const entry = pageOf(await agent.open(address.slice(server.issuer.length)));
    const userCode = new URL(address).searchParams.get('user_code') ?? '';
    const next = await agent.submit(entry, { userCode });
    const confirm = pageOf(isPasswordAsked ? await completeSignIn(agent, next, user) : next);
    await agent.submit(confirm, {}, { buttonId: 'submit' });
  };
  await approve(String(device.verification_uri_complete), true);
  const { body: first } = await call(server, '/oauth/v2/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      ...{ device_code: String(device.device_code), client_id: clientId },
    },
  });
  server.clock.advance(twentyHoursMs);
  const home = join(cli.home, folder);
  mkdirSync(join(home, 'latchkey'), { recursive: true });
  const login = {
    ...{ issuer: server.issuer, loginName: user.loginName, expiresAtMs: 0 },
    ...{ accessToken: String(first.access_token), refreshToken: String(first.refresh_token) },
  };
  const file = join(home, 'latchkey', 'profiles.json');
  writeFileSync(file, JSON.stringify({ version: 1, current: 'here', profiles: { here: login } }));
  return { home, file, approve };
}

const makeToken = ['instance', 'create-registration-token'] as const;

test('RFC 9470: in a terminal the command leads through another sign-in and then goes on', async () => {
  const { home, approve } = await oldLogin('terminal');
  let approved: Promise<void> | undefined;
  const run = (): Promise<Ran> =>
    latchkey([...makeToken], {
      env: { XDG_CONFIG_HOME: home },
      terminal: { columns: 100 },
      onOutput: (output) => {
        const address = /Open (http\S+)\r?\n/.exec(output)?.[1];
        // The browser is signed in, but too long ago: it asks for the password.
        if (address !== undefined) approved ??= approve(address, true);
      },
    });
  const ran = await run();
  await approved;
  expect(ran.code, ran.stdout).toBe(0);
  expect(ran.stdout).toContain('requires a recent sign-in');
  expect(ran.stdout).toContain('Signed in again as');
  // Signed in just now: the next one does not ask.
  approved = undefined;
  const next = await run();
  expect([next.code, approved]).toEqual([0, undefined]);
}, 60_000);

test('without a terminal the command says what to do, and nothing is done', async () => {
  const { home, file } = await oldLogin('script');
  const { server } = world;
  const { data: before } = await world.owner.call('listRegistrationTokens');
  const ran = await latchkey([...makeToken], { env: { XDG_CONFIG_HOME: home } });
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain(`latchkey login ${server.issuer} --profile here --fresh`);
  const asJson = await latchkey([...makeToken, '--json'], { env: { XDG_CONFIG_HOME: home } });
  expect(JSON.parse(asJson.stderr)).toMatchObject({ code: 'fresh-sign-in-required', maxAge: 900 });
  const { data: after } = await world.owner.call('listRegistrationTokens');
  expect(after.items).toEqual(before.items);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ current: 'here' });
}, 60_000);

test('OpenID Connect Core §3.1.2.1: a device that asks for max_age is approved with a recent sign-in alone', async () => {
  const { server } = world;
  const form = { client_id: clientId, scope: 'openid', max_age: 'soon' };
  const { status, body } = await call(server, '/oauth/v2/device_authorization', { form });
  expect([status, body.error]).toEqual([400, 'invalid_request']);
});
