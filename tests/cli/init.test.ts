import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliWorld, type Ran, type RunOptions, startCliWorld } from './cli-world.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const withoutRunning = ['--yes', '--no-install'];

let cli: CliWorld;
let folder: string;
beforeAll(async () => {
  cli = await startCliWorld();
});
afterAll(() => cli?.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lk-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function init(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return cli.run(['init', folder, ...args], options);
}

async function projectCount(): Promise<number> {
  const { data } = await cli.world.owner.call('listProjects', { query: { limit: 200 } });
  return Array.isArray(data.items) ? data.items.length : 0;
}

test('init --no-install writes the app, registers it and its API, and says how to start it', async () => {
  const ran = await init(['--template', 'react', '--name', 'Shop', '--port', '4100', ...withoutRunning]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain('npm install\n  npm run dev\nThen open http://localhost:4100');
  const env = readFileSync(join(folder, '.env'), 'utf8');
  const settingOf = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(env)?.[1] ?? '';
  expect(settingOf('VITE_ISSUER')).toBe(cli.world.server.issuer);
  const { data } = await cli.world.owner.call('listApplications', {
    query: { projectId: settingOf('VITE_PROJECT_ID') },
  });
  expect(data.items).toMatchObject([
    { name: 'Shop', type: 'user_agent', clientId: settingOf('VITE_CLIENT_ID') },
    { name: 'Shop API', type: 'api', authMethod: 'private_key_jwt' },
  ]);
  expect(readFileSync(join(folder, 'vite.config.ts'), 'utf8')).toContain('port: 4100');
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name).toBe('shop');
  const keyFile = join(folder, settingOf('API_KEY_FILE'));
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(keyFile, 'utf8'))).toMatchObject({ type: 'application' });
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('api-key.json');
});

test('init --template next registers an application with a secret, in a file for its owner alone', async () => {
  const ran = await init(['--template', 'next', '--port', '4200', ...withoutRunning]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  const settings = readFileSync(join(folder, '.env.local'), 'utf8');
  for (const key of ['CLIENT_ID', 'CLIENT_SECRET', 'COOKIE_SECRET', 'PROJECT_ID'])
    expect(settings).toMatch(new RegExp(`^${key}=\\S{10,}$`, 'm'));
  expect(settings).toContain('APP_URL=http://localhost:4200\n');
  expect(statSync(join(folder, '.env.local')).mode & 0o777).toBe(0o600);
});

test('init with --project registers in a project that is there', async () => {
  const { data } = await cli.world.owner.call('createProject', { body: { name: 'Known project' } });
  const ran = await init(['--template', 'plain', '--project', 'Known project', ...withoutRunning]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(folder, 'public/config.json'), 'utf8'))).toMatchObject({
    projectId: data.id,
    issuer: cli.world.server.issuer,
  });
});

test('init into a folder with an app keeps its package.json and says what it added', async () => {
  writeFileSync(join(folder, 'package.json'), '{"name":"mine","dependencies":{"react":"18.2.0"}}');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const ran = await init(['--template', 'react', ...withoutRunning]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain('package.json: added @latchkey/react 0.1.0');
  expect(ran.stdout).toContain('package.json: kept react 18.2.0 (the starter has 19.3.1)');
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
    name: 'mine',
    dependencies: { react: '18.2.0', '@latchkey/react': '0.1.0' },
  });
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
});

test('init lists files it would overwrite, and writes and registers nothing; --force overwrites them', async () => {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/app.tsx'), 'mine');
  writeFileSync(join(folder, 'api-key.json'), 'mine');
  const before = await projectCount();
  const refused = await init(['--template', 'react', ...withoutRunning]);
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain('  src/app.tsx\n  api-key.json\nNothing was written.');
  expect(readdirSync(folder).sort()).toEqual(['api-key.json', 'src']);
  expect(await projectCount()).toBe(before);
  const forced = await init(['--template', 'react', '--force', ...withoutRunning]);
  expect(forced, forced.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'src/app.tsx'), 'utf8')).toContain('export function App');
  expect(statSync(join(folder, 'api-key.json')).mode & 0o777).toBe(0o600);
});

test('init with a template that is unknown, or none, lists those there are', async () => {
  for (const args of [['--template', 'ember'], []]) {
    const ran = await init([...args, ...withoutRunning]);
    expect(ran.code).toBe(2);
    for (const name of ['next', 'plain', 'react', 'svelte', 'vue']) expect(ran.stderr).toContain(`  ${name}`);
  }
});

test('init says that the server is away, that nobody is logged in, and that the caller may not', async () => {
  const args = ['--template', 'plain', ...withoutRunning];
  const away = await init([...args, '--issuer', 'http://127.0.0.1:9']);
  expect(away.code).toBe(8);
  const { issuer } = cli.world.server;
  const stranger = await init([...args, '--issuer', issuer], { env: { LATCHKEY_TOKEN: '' } });
  expect(stranger.code).toBe(3);
  expect(stranger.stderr).toContain(`Use: latchkey login ${issuer}`);
  const viewer = await cli.world.callerWith(['ORG_OWNER_VIEWER']);
  const refused = await init(args, { env: { LATCHKEY_TOKEN: viewer.token } });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('project.create');
  expect(readdirSync(folder)).toEqual([]);
});

test('init with a port that is taken says which option to use, before anything is registered', async () => {
  const taken = createServer().listen(0, 'localhost');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const before = await projectCount();
  try {
    const ran = await init(['--template', 'react', '--api-port', `${port}`, '--yes']);
    expect(ran.code).toBe(6);
    expect(ran.stderr).toContain(`Port ${port} is taken by another program.`);
    expect(ran.stderr).toContain(`--api-port ${port + 1}`);
  } finally {
    taken.close();
  }
  expect(await projectCount()).toBe(before);
  expect(readdirSync(folder)).toEqual([]);
  const same = await init(['--template', 'react', '--port', '4100', '--api-port', '4100', '--yes']);
  expect(same.code).toBe(2);
});

test('init asks before it registers; where nobody can be asked it wants --yes', async () => {
  const ran = await init(['--template', 'plain', '--no-install']);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('confirm with --yes');
  const denied = await init(['--template', 'plain', '--no-install'], {
    terminal: { columns: 100 },
    input: 'n\n',
  });
  expect(denied.stdout).toContain('Nothing was done.');
  expect(readdirSync(folder)).toEqual([]);
});

test('init without a network for npm keeps what it wrote and says how to go on', async () => {
  const ran = await init(['--template', 'plain', '--yes', '--no-start'], {
    env: {
      HOME: folder,
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(folder, '.npm'),
    },
  });
  expect(ran.code).toBe(8);
  expect(ran.stderr).toContain('npm cannot reach its registry');
  expect(ran.stderr).toContain('npm run dev');
  expect(existsSync(join(folder, 'server.mjs'))).toBe(true);
}, 60_000);

test('init with --packages names the tarball that is missing', async () => {
  const packages = join(folder, 'packages');
  const args = ['--template', 'plain', ...withoutRunning, '--packages', packages];
  expect((await init(args)).stderr).toContain(`There is no folder ${packages}`);
  mkdirSync(packages);
  writeFileSync(join(packages, 'latchkey-api-0.1.0.tgz'), '');
  const ran = await init(args);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('npm pack -w @latchkey/browser');
});

test('the package of the command line brings the starters', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '-w', 'latchkey'], {
    cwd: root,
  });
  expect(stdout).toContain('dist/starters/starters.json');
}, 60_000);
