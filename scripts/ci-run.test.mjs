import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { runCommand } from './run-command.mjs';

const script = fileURLToPath(new URL('../.ci/run', import.meta.url));
/** @type {string[]} */
const folders = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/**
 * Runs `.ci/run` in a project of its own where `npm` is a script that acts as told.
 * @param {{ ci?: string, test?: string, ok?: string }} steps shell commands
 */
async function runCi({
  ci = 'true',
  test: tests = "echo '5 passed, 0 failed'",
  ok = "echo 'gates: 3 passed, 0 failed'",
}) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-ci-'));
  folders.push(folder);
  mkdirSync(join(folder, '.ci'));
  mkdirSync(join(folder, 'bin'));
  cpSync(script, join(folder, '.ci', 'run'));
  const npm = join(folder, 'bin', 'npm');
  const cases = `case "$1" in ci) ${ci} ;; test) ${tests} ;; run) ${ok} ;; esac`;
  writeFileSync(npm, `#!/bin/sh\necho "$CI $*" >> "${folder}/calls"\n${cases}\n`);
  chmodSync(npm, 0o755);
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}` };
  const { code, output } = await runCommand(join(folder, '.ci', 'run'), [], { cwd: tmpdir(), env });
  return {
    code,
    last: output.trimEnd().split('\n').at(-1),
    calls: readFileSync(join(folder, 'calls'), 'utf8'),
  };
}

test('installs, tests and checks, and counts tests and gates together', async () => {
  expect(await runCi({})).toEqual({
    code: 0,
    last: '8 passed, 0 failed',
    calls: 'true ci\ntrue test\ntrue run ok -- --no-tests\n',
  });
});

test('an install that fails is one failure and ends the run', async () => {
  expect(await runCi({ ci: 'exit 3' })).toEqual({ code: 1, last: '0 passed, 1 failed', calls: 'true ci\n' });
});

test('a failed test fails the run, and the gates are still shown', async () => {
  expect(await runCi({ test: "echo '4 passed, 1 failed, 2 skipped'; exit 1" })).toMatchObject({
    code: 1,
    last: '7 passed, 1 failed, 2 skipped',
  });
});

test('a failed gate fails the run', async () => {
  expect(await runCi({ ok: "echo 'gates: 2 passed, 1 failed'; exit 1" })).toMatchObject({
    code: 1,
    last: '7 passed, 1 failed',
  });
});

test('tests that end without counting are a failure', async () => {
  expect(await runCi({ test: 'echo Segmentation fault; exit 139' })).toMatchObject({
    code: 1,
    last: '3 passed, 1 failed',
  });
  expect(await runCi({ test: 'true' })).toMatchObject({ code: 1, last: '3 passed, 1 failed' });
});

test('an exit code that contradicts the count is believed', async () => {
  expect(await runCi({ test: "echo '5 passed, 0 failed'; exit 1" })).toMatchObject({
    code: 1,
    last: '8 passed, 1 failed',
  });
});

test('colours and standard error do not hide the count', async () => {
  const tests = "printf '\\033[32m5 passed, 0 failed\\033[0m\\n\\n'; echo 'npm warn late' >&2";
  expect(await runCi({ test: tests })).toMatchObject({ code: 0, last: '8 passed, 0 failed' });
});

test('nothing waits for standard input', async () => {
  expect(await runCi({ ci: 'cat' })).toMatchObject({ code: 0 });
});
