import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer } from '@latchkey/api/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const children: ChildProcess[] = [];
let folder: string;
let settings: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'news-main-'));
  const issuer = await createTestIssuer();
  const keyFile = join(folder, 'key.json');
  await writeFile(keyFile, JSON.stringify(issuer.createKeyFile()));
  settings = {
    ISSUER: 'http://127.0.0.1:1',
    KEY_FILE: keyFile,
    PROJECT_ID: issuer.projectId,
    HOST: '127.0.0.1',
    PORT: '0',
    NEWS_DATA_DIR: join(folder, 'data'),
  };
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

function run(script: string, args: string[], env: Record<string, string>) {
  const command = [
    '--import',
    'tsx',
    '--conditions=@latchkey/source',
    join(import.meta.dirname, script),
    ...args,
  ];
  const child = spawn(process.execPath, command, { env: { PATH: process.env.PATH ?? '', ...env } });
  children.push(child);
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = once(child, 'close').then(([code]: unknown[]) => ({ code, output }));
  const untilPrints = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(output)) {
      if (child.exitCode !== null) throw new Error(output);
      await Promise.race([once(child.stdout, 'data'), exited]);
    }
    return pattern.exec(output)?.[1] ?? '';
  };
  return { child, exited, untilPrints };
}

test('without settings the API exits with 1 and says what to set', async () => {
  const { code, output } = await run('main.ts', [], {}).exited;
  expect(code).toBe(1);
  expect(output).toContain('ISSUER is not set');
});

test('a key file that cannot be read is named, without a stack', async () => {
  const { code, output } = await run('main.ts', [], { ...settings, KEY_FILE: 'missing.json' }).exited;
  expect(code).toBe(1);
  expect(output).toContain('missing.json');
  expect(output).not.toMatch(/^\s+at /m);
});

test('the API serves the articles of the example, takes an import meanwhile, and keeps both over a restart', async () => {
  const first = run('main.ts', [], settings);
  const origin = await first.untilPrints(/listening on (\S+),/);
  const article = await fetch(`${origin}/api/articles?limit=1`);
  const { items } = Object(await article.json());
  expect(items).toHaveLength(1);

  // A second process on the folder is refused; an import goes through the first one.
  const second = await run('main.ts', [], settings).exited;
  expect([second.code, second.output]).toEqual([1, expect.stringContaining('has the data folder')]);
  const feed = join(folder, 'feed.json');
  const item = { id: '1', title: 'Imported headline', content_text: 'Text.' };
  await writeFile(
    feed,
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Feed',
      items: [item, { id: '2' }],
    }),
  );
  const imported = await run('cli.ts', ['import', feed, '--topic', 'science'], settings).exited;
  expect(imported.output).toContain('item 2: title:');
  expect(imported.output).toContain('Imported 1, known before 0, left out 1.');
  expect(imported.code).toBe(1);

  first.child.kill('SIGTERM');
  expect((await first.exited).code).toBe(0);
  const again = await run('cli.ts', ['import', feed, '--topic', 'science'], settings).exited;
  expect(again.output).toContain('Imported 0, known before 1');
  const third = run('main.ts', [], settings);
  const restarted = await third.untilPrints(/listening on (\S+),/);
  expect((await fetch(`${restarted}/api/articles/imported-headline`)).status).toBe(200);
  third.child.kill('SIGINT');
  expect((await third.exited).code).toBe(0);
}, 120_000);

test('a folder whose process was killed opens again', async () => {
  const first = run('main.ts', [], settings);
  await first.untilPrints(/listening on (\S+),/);
  first.child.kill('SIGKILL');
  await first.exited;
  const second = run('main.ts', [], settings);
  await second.untilPrints(/listening on (\S+),/);
}, 120_000);

test.each([[[]], [['import']], [['import', 'a', 'b']], [['export', 'a']], [['import', 'a', '--nope']]])(
  'news %j prints the usage and exits with 2',
  async (args) => {
    const { code, output } = await run('cli.ts', args, settings).exited;
    expect([code, output]).toEqual([2, expect.stringContaining('news import FILE|URL')]);
  },
);
