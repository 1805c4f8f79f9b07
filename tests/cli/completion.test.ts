import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { latchkey } from './cli-world.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-completion-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function scriptFor(shell: string): Promise<string> {
  const file = join(folder, `latchkey.${shell}`);
  writeFileSync(file, (await latchkey(['completion', shell])).stdout);
  return file;
}

function runShell(shell: string, command: string): readonly string[] {
  const ran = spawnSync(shell, ['-c', command], { cwd: folder, encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  return ran.stdout.split('\n').filter((line) => line !== '');
}

test('bash completes groups, what is done to them, and options', async () => {
  const file = await scriptFor('bash');
  const completed = (...words: readonly string[]) =>
    runShell(
      'bash',
      `source ${file}; COMP_WORDS=(latchkey ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _latchkey; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  expect([...completed('app')].sort()).toEqual(['app-keys', 'app-secrets', 'apply', 'apps']);
  expect(completed('apps', '')).toEqual(expect.arrayContaining(['create', 'list', 'remove']));
  expect(completed('apps', 'create', '--redirect')).toEqual(['--redirect-uris']);
  expect(completed('apply', '--dr')).toEqual(['--dry-run']);
});

test('fish completes the same, with what each is for', async (context) => {
  if (spawnSync('fish', ['--version']).error !== undefined) context.skip('fish is not installed');
  const file = await scriptFor('fish');
  const completed = (line: string) => runShell('fish', `source ${file}; complete -C '${line}'`);
  const names = completed('latchkey app').map((line) => line.split('\t')[0]);
  expect(names.sort()).toEqual(['app-keys', 'app-secrets', 'apply', 'apps']);
  expect(completed('latchkey apps rem')).toEqual(['remove\tRemove an application']);
  expect(completed('latchkey apps create --name x --redirect')[0]).toMatch(/^--redirect-uris\tWhere people/);
  expect(completed('latchkey apply --dr')).toEqual(['--dry-run\tonly show what would change']);
});
