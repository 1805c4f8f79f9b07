import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'packages/sdk-api');
const printed = ["200 { reader: 'ada' }", '403', '401'];

/** The code on the first screen of the README, without its types. */
async function firstBlock(): Promise<string> {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  expect(code).toContain('createTestIssuer');
  return (await transform(code, { loader: 'ts', format: 'esm' })).code;
}

/** Runs a module handed over on standard input; imports resolve from `cwd`. */
async function runModule(code: string, cwd: string, flags: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-'], {
    cwd,
    env: { PATH: process.env.PATH ?? '' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  child.stdin.end(code);
  await once(child, 'close');
  return output.trim().split('\n');
}

test('the first screen of the README runs and prints what its comments say', async () => {
  const flags = ['--import', 'tsx', '--conditions=@latchkey/source'];
  expect(await runModule(await firstBlock(), folder, flags)).toEqual(printed);
});

test('the packed package installs in an empty folder, the README runs there, and every entry can be imported', async () => {
  const place = await mkdtemp(join(tmpdir(), 'lk-packed-'));
  try {
    const tarballs = join(place, 'tarballs');
    const app = join(place, 'app');
    await mkdir(tarballs);
    await mkdir(app);
    // Its one dependency and the framework of the README come from this installation, so no registry is asked.
    for (const source of [folder, join(root, 'node_modules/jose'), join(root, 'node_modules/hono')])
      await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', tarballs], {
        cwd: source,
      });
    const packed = (await readdir(tarballs)).map((name) => join(tarballs, name));
    await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...packed], {
      cwd: app,
    });
    const installed = await readdir(join(app, 'node_modules'));
    expect(installed.filter((name) => !name.startsWith('.')).sort()).toEqual(['@latchkey', 'hono', 'jose']);
    expect(await runModule(await firstBlock(), app, [])).toEqual(printed);
    // The others need their framework, which is an optional peer.
    for (const entry of ['node', 'fetch', 'live', 'hono', 'express', 'fastify', 'koa'])
      expect(
        await runModule(`console.log(typeof (await import('@latchkey/api/${entry}')).getAuth)`, app, []),
      ).toEqual(['function']);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}, 120_000);
