import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSignIn, createBrowserAgent, pageOf, seedMachine, seedUserKey } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ManagementWorld } from '../management/management-world.ts';
import { type CliWorld, cliMain, latchkey, type Ran, startCliWorld } from './cli-world.ts';

let cli: CliWorld;
let world: ManagementWorld;
let home: string;
beforeAll(async () => {
  cli = await startCliWorld();
  ({ world, home } = cli);
});
afterAll(() => cli?.stop());

/** Logs in with a clock of the server that goes `pace` times as fast as the one here. */
async function loginWhile(
  pace: number,
  decide: (address: string) => Promise<void>,
): Promise<Ran & { readonly decided: boolean }> {
  let decided: Promise<void> | undefined;
  const ticking = setInterval(() => world.server.clock.advance(pace * 1000), 1000);
  const ran = await latchkey(['login', world.server.issuer], {
    env: { XDG_CONFIG_HOME: home },
    terminal: { columns: 100 },
    onOutput: (output) => {
      const address = /Open (http\S+)\r?\n/.exec(output)?.[1];
      if (address !== undefined) decided ??= decide(address);
    },
  });
  clearInterval(ticking);
  await decided;
  return { ...ran, decided: decided !== undefined };
}

test('a machine calls the API by its key file; a key that was taken back no longer counts', async () => {
  const { server, owner } = world;
  const machine = await seedMachine(server);
  await owner.call('setInstanceManager', {
    path: { userId: machine.id },
    body: { roles: ['IAM_OWNER_VIEWER'] },
  });
  const file = join(home, 'key.json');
  const key = await seedUserKey(server, machine.id);
  writeFileSync(file, JSON.stringify(key));
  const env = { XDG_CONFIG_HOME: join(home, 'none'), LATCHKEY_ISSUER: server.issuer };
  const me = await latchkey(['whoami', '--key-file', file, '--json'], { env });
  expect(me, me.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(me.stdout)).toMatchObject({ userId: machine.id });
  const refused = await latchkey(['projects', 'create', '--name', 'Nope', '--key-file', file], { env });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('Ask an owner for a role');
  await owner.call('removeUserKey', { path: { userId: machine.id, keyId: key.keyId } });
  expect((await latchkey(['whoami', '--key-file', file], { env })).code).toBe(3);
  rmSync(file);
}, 60_000);

test('a login that was denied in the browser says so and keeps nothing', async () => {
  const ran = await loginWhile(1, async (address) => {
    const { server } = world;
    const agent = createBrowserAgent(server);
    const entry = pageOf(await agent.open(address.slice(server.issuer.length)));
    const userCode = new URL(address).searchParams.get('user_code') ?? '';
    const confirm = pageOf(
      await completeSignIn(agent, await agent.submit(entry, { userCode }), server.administrator),
    );
    await agent.submit(confirm, {}, { buttonId: 'deny' });
  });
  expect(ran.decided).toBe(true);
  expect(ran.code).toBe(3);
  expect(ran.stdout).toContain('access_denied');
  expect(readdirSync(home)).toEqual([]);
}, 60_000);

test('a login nobody decided in time says that the code is too old', async () => {
  const ran = await loginWhile(600, async () => undefined);
  expect(ran.code).toBe(3);
  expect(ran.stdout).toContain('expired_token');
}, 60_000);

test('Ctrl-C ends a login that waits, and keeps nothing', async () => {
  const child = spawn(process.execPath, [cliMain, 'login', world.server.issuer], {
    env: { PATH: process.env.PATH, XDG_CONFIG_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGINT');
  expect(readdirSync(home)).toEqual([]);
}, 30_000);
