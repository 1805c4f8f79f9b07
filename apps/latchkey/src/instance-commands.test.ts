import { sha256Hex } from '@latchkey/server';
import { findInitialAccessToken } from '@latchkey/store';
import { startTestServer, type TestServer } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOperatorCommand } from './operator-commands.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
});
afterAll(() => server?.close());

const deps = () => ({ store: server.store, clock: server.clock, masterKeys: server.masterKeys });

async function answersAt(origin: string): Promise<boolean> {
  const { host } = new URL(origin);
  for (let tries = 0; tries < 500; tries += 1) {
    const answer = await server.fetch('/.well-known/openid-configuration', { headers: { host } });
    if (answer.status === 200) return JSON.parse(await answer.text()).issuer === origin;
  }
  return false;
}

test('instances create: a running server answers at the new address, and its host cannot be taken twice', async () => {
  const origin = 'https://id.partner.example';
  const wish = {
    command: 'create-instance',
    origin,
    name: 'Partner',
    admin: 'root@partner.example',
  } as const;
  const made = await runOperatorCommand(deps(), wish);
  expect(made.kind).toBe('done');
  expect(made.output).toHaveLength(20);
  expect(await answersAt(origin)).toBe(true);
  const again = await runOperatorCommand(deps(), wish);
  expect([again.kind, again.message]).toEqual(['failed', expect.stringContaining('choose another host')]);
});

test('instances add-domain: an instance answers at a further address as an issuer', async () => {
  const origin = 'https://login.example.com';
  const wish = { command: 'add-domain', instance: server.issuer, origin } as const;
  expect((await runOperatorCommand(deps(), wish)).kind).toBe('done');
  expect(await answersAt(origin)).toBe(true);
  expect((await runOperatorCommand(deps(), wish)).kind).toBe('failed');
  const unknown = { ...wish, instance: 'https://nobody.example' };
  expect((await runOperatorCommand(deps(), unknown)).kind).toBe('failed');
});

test('instances set: what an instance offers is switched on, and a running server hears of it', async () => {
  const wish = { command: 'set-instance', instance: server.issuer, selfRegistration: 'on' } as const;
  expect((await runOperatorCommand(deps(), { ...wish, impersonation: 'on' })).kind).toBe('done');
  const row = server.store.db
    .selectFrom('instances')
    .select(['isSelfRegistrationEnabled', 'isImpersonationEnabled', 'isDpopNonceRequired'])
    .where('id', '=', server.instanceId);
  expect(await row.executeTakeFirst()).toEqual({
    isSelfRegistrationEnabled: true,
    isImpersonationEnabled: true,
    isDpopNonceRequired: false,
  });
  const unknown = { ...wish, instance: 'https://nobody.example' };
  expect((await runOperatorCommand(deps(), unknown)).kind).toBe('failed');
});

test('instances list: every instance with its addresses, the first one first', async () => {
  const { output = '' } = await runOperatorCommand(deps(), { command: 'list-instances' });
  expect(output.split('\n')[0]).toContain(`${server.issuer}  https://login.example.com`);
  expect(output).toContain('Partner  https://id.partner.example');
});

test('registration set and create-token: the settings change, and the token counts for its uses', async () => {
  const policy = { redirectHosts: ['*.example.com'], maximumApplications: 3 };
  await runOperatorCommand(deps(), { command: 'set-registration', mode: 'token', documents: 'on', policy });
  const row = await server.store.db
    .selectFrom('instances')
    .select(['dynamicRegistration', 'isClientIdMetadataEnabled', 'registrationPolicy'])
    .where('id', '=', server.instanceId)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({
    dynamicRegistration: 'token',
    isClientIdMetadataEnabled: true,
    registrationPolicy: policy,
  });
  const { output = '' } = await runOperatorCommand(deps(), {
    command: 'create-registration-token',
    uses: 2,
    days: 1,
  });
  const scope = { instanceId: server.instanceId };
  const now = server.clock.now();
  expect(await findInitialAccessToken(server.store.db, scope, sha256Hex(output), now)).toBeDefined();
  expect(
    await findInitialAccessToken(server.store.db, scope, sha256Hex(output), now + 86_400_000),
  ).toBeUndefined();
});
