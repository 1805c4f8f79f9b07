import { startTestServer, type TestServer } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOperatorCommand } from './operator-commands.ts';

const dayMs = 86_400_000;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ engine: 'pglite' });
});
afterAll(() => server?.close());

const deps = () => ({ store: server.store, clock: server.clock, masterKeys: server.masterKeys });
const rotate = async () => (await runOperatorCommand(deps(), { command: 'rotate-keys' })).message;

async function keysIn(state: 'next' | 'active'): Promise<readonly string[]> {
  const rows = await server.store.db
    .selectFrom('signingKeys')
    .select('id')
    .where('state', '=', state)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

test('keys rotate: says what it published, that there was nothing to do, and which keys sign now', async () => {
  server.clock.pause();
  const first = await rotate();
  expect(first).toContain('The next signing keys are published: RS256, ES256');
  const from = new Date(server.clock.now() + dayMs).toISOString();
  expect(first).toContain(`again from ${from} on`);
  const [next, active] = [await keysIn('next'), await keysIn('active')];
  const second = await rotate();
  expect(second).toContain('Nothing was changed');
  expect(second).toContain(`again from ${from} on`);
  expect([await keysIn('next'), await keysIn('active')]).toEqual([next, active]);
  server.clock.advance(dayMs + 1000);
  const third = await rotate();
  expect(third).toContain('New signing keys sign now: RS256, ES256');
  expect(third).not.toContain('published:');
  expect(await keysIn('active')).toEqual(next);
});

test('instances set and registration set: say when everything was so already, and write nothing then', async () => {
  const changes = async () =>
    (
      await server.store.db
        .selectFrom('events')
        .select('seq')
        .where('type', '=', 'instance.settings.changed')
        .execute()
    ).length;
  const instance = { command: 'set-instance', instance: server.issuer, impersonation: 'on' } as const;
  const registration = {
    command: 'set-registration',
    mode: 'token',
    policy: { maximumApplications: 7, redirectHosts: ['*.example.com'] },
  } as const;
  for (const wish of [instance, registration]) {
    expect((await runOperatorCommand(deps(), wish)).message).toContain('are changed');
    const before = await changes();
    expect((await runOperatorCommand(deps(), wish)).message).toContain('Nothing was changed');
    expect(await changes()).toBe(before);
  }
});
