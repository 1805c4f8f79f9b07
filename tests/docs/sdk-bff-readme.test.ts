import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@latchkey/testkit';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'packages/sdk-bff');
const environment = {
  PATH: process.env.PATH ?? '',
  CLIENT_SECRET: 'secret',
  COOKIE_SECRET: 'a secret of a test, long enough to be one',
};

/** The code on the first screen of the README, without its types, at a port of its own. */
async function firstBlock(port: number): Promise<string> {
  const code = /```ts\n(.*?)```/s.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
  expect(code).toContain('app.listen(3000)');
  return (await transform(code.replace('3000', String(port)), { loader: 'ts', format: 'esm' })).code;
}

/** Runs a module until it answers at an address; resolves to the answer. */
async function askModule(code: string, cwd: string, flags: readonly string[], url: string): Promise<unknown> {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-'], { cwd, env: environment });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stdin.end(code);
  try {
    const ask = async () =>
      child.exitCode === null ? (await fetch(url)).json().catch(() => undefined) : { ended: output };
    await expect.poll(() => ask().catch(() => undefined), { timeout: 20_000 }).toBeDefined();
    return await ask();
  } finally {
    child.kill();
  }
}

test('the first screen of the README runs and answers who is signed in', async () => {
  const port = await findFreePort();
  const flags = ['--import', 'tsx', '--conditions=@latchkey/source'];
  const url = `http://127.0.0.1:${port}/auth/session`;
  expect(await askModule(await firstBlock(port), folder, flags, url)).toEqual({ user: null });
}, 60_000);

test('the packed package installs in an empty folder with two dependencies, and every entry can be imported', async () => {
  const place = await mkdtemp(join(tmpdir(), 'lk-packed-'));
  try {
    const [tarballs, app] = [join(place, 'tarballs'), join(place, 'app')];
    await Promise.all([mkdir(tarballs), mkdir(app)]);
    const modules = ['jose', 'oauth4webapi'].map((name) => join(root, 'node_modules', name));
    for (const source of [folder, ...modules])
      await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', tarballs], {
        cwd: source,
      });
    const packed = (await readdir(tarballs)).map((name) => join(tarballs, name));
    await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...packed], {
      cwd: app,
    });
    const installed = await readdir(join(app, 'node_modules'));
    expect(installed.filter((name) => !name.startsWith('.')).sort()).toEqual([
      '@latchkey',
      'jose',
      'oauth4webapi',
    ]);
    const entries = [
      '@latchkey/bff',
      ...['express', 'fastify', 'hono'].map((name) => `@latchkey/bff/${name}`),
    ];
    const code = entries.map((name) => `import(${JSON.stringify(name)})`).join(', ');
    const script = `console.log((await Promise.all([${code}])).map((each) => Object.keys(each).sort().slice(-2).join()).join(' '))`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: app });
    expect(stdout.trim().split(' ').slice(1)).toEqual(Array(3).fill('requestOf,serveBff'));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}, 120_000);
