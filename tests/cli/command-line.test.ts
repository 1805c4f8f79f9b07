import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '@latchkey/contract';
import { completeSignIn, createBrowserAgent, pageOf } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandNames } from '../../apps/latchkey/src/command-names.ts';
import type { ManagementWorld } from '../management/management-world.ts';
import { type CliWorld, startCliWorld } from './cli-world.ts';

let cli: CliWorld;
let world: ManagementWorld;
let home: string;
let run: CliWorld['run'];
beforeAll(async () => {
  cli = await startCliWorld();
  ({ world, home, run } = cli);
});
afterAll(() => cli?.stop());

test('every operation has exactly one command, which the program knows', async () => {
  expect(Object.keys(commandNames).sort()).toEqual(Object.keys(operations).sort());
  const names = Object.values(commandNames);
  expect(new Set(names).size).toBe(names.length);
  const { stdout } = await run(['completion', 'bash']);
  for (const name of names) expect(stdout).toContain(`'${name}')`);
});

test('projects and applications are made, found by name, changed and removed', async () => {
  const made = await run(['projects', 'create', '--name', 'Tea', '--role-assertion', 'true', '--json']);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(made.stdout)).toMatchObject({ name: 'Tea', roleAssertion: true });
  const redirects = ['--redirect-uris', 'https://a.example.com/cb,https://b.example.com/cb'];
  const app = await run([
    ...['apps', 'create', '--project', 'Tea', '--name', 'Pot', '--type', 'user_agent', '--json'],
    ...redirects,
  ]);
  expect(app, app.stderr).toMatchObject({ code: 0 });
  expect(app.stdout).toContain('https://b.example.com/cb');
  const listed = await run(['apps', 'list', '--project', 'Tea', '--all', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'Pot' }]);
  expect((await run(['apps', 'update', 'Pot', '--name', 'Kettle'])).stdout).toContain('Kettle');
  const inner = await run(['apps', 'update', 'Kettle', '--backchannel-logout-uri', 'https://10.0.0.1/out']);
  expect([inner.code, inner.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^Warning: backchannelLogoutUri: The server will not call https:\/\/10\.0\.0\.1\/out/m,
    ),
  ]);
  expect(await run(['apps', 'remove', 'Kettle'])).toMatchObject({ code: 0 });
  expect(await run(['projects', 'deactivate', 'Tea'])).toMatchObject({ code: 0 });
});

test('exit codes tell wrong usage, not logged in, not found, wrong input and nobody there apart', async () => {
  const nobody = { env: { LATCHKEY_TOKEN: '' } };
  const codes = await Promise.all([
    run(['projects', 'list', '--nonsense']),
    run(['projects', 'list'], nobody),
    run(['projects', 'get', 'Nowhere']),
    run(['projects', 'create', '--name', '']),
    run(['projects', 'list', '--issuer', 'http://localhost:9']),
  ]);
  expect(codes.map(({ code }) => code)).toEqual([2, 3, 5, 7, 8]);
  const json = await run(['projects', 'create', '--name', '', '--json']);
  expect(JSON.parse(json.stderr)).toMatchObject({ code: 'invalid-input', status: 400 });
});

test('apply shows the plan, applies once, hides secrets in a file, and export gives the same back', async () => {
  const file = join(home, 'shop.yaml');
  const secrets = join(home, 'secrets.json');
  writeFileSync(
    file,
    'version: 1\nusers:\n  - loginName: eve@shop.example\n    passwordFrom: { env: EVE }\nprojects:\n  - name: Shop\n    applications:\n      - { name: API, type: api }\n',
  );
  const env = { EVE: 'analytical-engine-1843' };
  const looked = await run(['apply', '-f', file, '--dry-run'], { env });
  expect(looked.stdout).toContain('+ create application');
  expect(await run(['apply', '-f', file], { env })).toMatchObject({ code: 2 });
  const done = await run(['apply', '-f', file, '--yes', '--secrets', secrets], { env });
  expect(done, done.stderr).toMatchObject({ code: 0, stdout: '' });
  expect(done.stderr).toMatch(/Client ids:\n {2}.* \/ Shop \/ API: \d+/);
  expect(statSync(secrets).mode & 0o777).toBe(0o600);
  expect(readFileSync(secrets, 'utf8')).toContain('clientSecret');
  const again = await run(['export', '-o', join(home, 'all.yaml')]);
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(join(home, 'all.yaml'), 'utf8')).toContain('name: Shop');
});

test('a wrong configuration file is refused with line and column', async () => {
  const file = join(home, 'wrong.yaml');
  writeFileSync(file, 'version: 1\nprojects: [\n');
  const broken = await run(['apply', '-f', file, '--yes']);
  expect([broken.code, broken.stderr]).toEqual([7, expect.stringMatching(/wrong\.yaml:[23]:\d+: /)]);
  writeFileSync(file, 'version: 1\nprojects:\n  - name: Web\n    rolAssertion: true\n');
  const unknown = await run(['apply', '-f', file, '--yes']);
  expect([unknown.code, unknown.stderr]).toEqual([7, expect.stringMatching(/wrong\.yaml:4:\d+: /)]);
});

test('login in a terminal by the browser: the profile is kept for its owner alone, used, and forgotten', async () => {
  const env = { XDG_CONFIG_HOME: home, LATCHKEY_TOKEN: '' };
  let decided: Promise<unknown> | undefined;
  // The command polls by the clock of the machine; that of the server goes along.
  const ticking = setInterval(() => world.server.clock.advance(1000), 1000);
  const logged = await run(['login', world.server.issuer, '--profile', 'test'], {
    env,
    terminal: { columns: 60 },
    onOutput: (output) => {
      const address = /Open (http\S+)\r?\n/.exec(output)?.[1];
      if (address !== undefined) decided ??= allow(address);
    },
  });
  clearInterval(ticking);
  await decided;
  expect(logged.stdout).toContain(`as ${world.server.administrator.loginName} (profile test)`);
  const folder = join(home, 'latchkey');
  expect(readdirSync(folder)).toEqual(['profiles.json']);
  expect(statSync(join(folder, 'profiles.json')).mode & 0o777).toBe(0o600);
  const me = await run(['whoami'], { env });
  expect(me.stdout).toContain(world.server.administrator.loginName);
  const table = await run(['users', 'list'], { env, terminal: { columns: 60 } });
  expect(Math.max(...table.stdout.split(/\r?\n/).map((line) => line.length))).toBeLessThanOrEqual(60);
  // Two commands beside each other spend the refresh token once.
  const path = join(folder, 'profiles.json');
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(
    path,
    JSON.stringify({ ...kept, profiles: { test: { ...kept.profiles.test, expiresAtMs: 0 } } }),
  );
  const both = await Promise.all([run(['whoami'], { env }), run(['whoami'], { env })]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(await run(['logout'], { env })).toMatchObject({ code: 0 });
  expect(await run(['whoami'], { env })).toMatchObject({ code: 3 });
}, 90_000);

async function allow(address: string): Promise<void> {
  const { server } = world;
  const agent = createBrowserAgent(server);
  const entry = pageOf(await agent.open(address.slice(server.issuer.length)));
  const userCode = new URL(address).searchParams.get('user_code') ?? '';
  const confirm = pageOf(
    await completeSignIn(agent, await agent.submit(entry, { userCode }), server.administrator),
  );
  await agent.submit(confirm, {}, { buttonId: 'submit' });
}

test('doctor and explain tell what is wrong', async () => {
  const healthy = await run(['doctor', world.server.issuer, '--json']);
  expect(JSON.parse(healthy.stdout)).toContainEqual(
    expect.objectContaining({ check: 'discovery', outcome: 'good' }),
  );
  expect(await run(['doctor', 'http://localhost:9'])).toMatchObject({ code: 9 });
  const explained = await run(['explain', '-', '--client', 'nobody'], { input: 'lk_at_nonsense' });
  expect(explained.stdout).toContain('inactive');
});
