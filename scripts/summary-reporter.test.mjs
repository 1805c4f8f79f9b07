import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { commandScript, runCommand } from './run-command.mjs';
import { formatCounts, summaryFileVariable } from './summary-reporter.mjs';

const scripts = fileURLToPath(new URL('.', import.meta.url));
/** @type {string[]} */
const folders = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** @param {Record<string, string>} files */
function writeProject(files) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-reporter-'));
  folders.push(folder);
  mkdirSync(join(folder, 'tests'));
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    'export default { test: { globals: true, watch: false } };',
  );
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, 'tests', name), source);
  return folder;
}

/**
 * Runs real vitest with the reporter over test files in a folder of their own.
 * @param {Record<string, string>} files
 * @param {readonly string[]} [args]
 */
async function runVitest(files, args = []) {
  const folder = writeProject(files);
  const reporters = ['--reporter=default', `--reporter=${join(scripts, 'summary-reporter.mjs')}`];
  const env = { ...process.env, [summaryFileVariable]: undefined };
  const command = [commandScript(scripts, 'vitest'), 'run', '--root', folder, ...reporters, ...args];
  const { code, output } = await runCommand(process.execPath, command, { cwd: folder, env });
  return { code, output, last: output.trimEnd().split('\n').at(-1) };
}

describe('the last line', () => {
  test('counts test cases, and the exit code is 0 when none failed', async () => {
    const outcome = await runVitest({
      'a.test.js': "test('a', () => {}); test.each([1, 2])('b %s', () => {});",
      'b.test.js': "describe('c', () => { test('d', () => {}); });",
    });
    expect(outcome).toMatchObject({ code: 0, last: '4 passed, 0 failed' });
  });

  test('counts failures', async () => {
    const outcome = await runVitest({
      'a.test.js': "test('a', () => {}); test('b', () => { throw new Error('no'); });",
    });
    expect(outcome).toMatchObject({ code: 1, last: '1 passed, 1 failed' });
  });

  test('tells skipped tests with their printed reason', async () => {
    const outcome = await runVitest({
      'a.test.js': "test('a', (ctx) => ctx.skip('no IPv6 here'));test('b', () => {});",
    });
    expect(outcome).toMatchObject({ code: 0, last: '1 passed, 0 failed, 1 skipped' });
    expect(outcome.output).toContain('skipped tests/a.test.js > a: no IPv6 here');
  });

  test('calls a test skipped without a reason failed', async () => {
    const source =
      "test.skip('a', () => {}); test('b', (ctx) => ctx.skip()); test.todo('c'); describe.skip('d', () => { test('e', () => {}); });";
    const outcome = await runVitest({ 'a.test.js': source });
    expect(outcome).toMatchObject({ code: 1, last: '0 passed, 4 failed' });
  });

  test('counts a run that found no test as failed', async () => {
    expect(await runVitest({}, ['gone'])).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
  });

  test('counts a run that one test would have to itself as failed', async () => {
    const source = "test.only('a', () => {}); test('b', () => {});";
    expect(await runVitest({ 'a.test.js': source }, ['--allowOnly=false'])).toMatchObject({
      code: 1,
      last: '0 passed, 2 failed',
    });
  });

  test('leaves out what a name filter leaves out', async () => {
    const source = "describe('x', () => { test('one', () => {}); test('two', () => {}); });";
    expect(await runVitest({ 'a.test.js': source }, ['-t', 'x one'])).toMatchObject({
      code: 0,
      last: '1 passed, 0 failed',
    });
  });
});

describe('what breaks outside a test is a failure', () => {
  test.each([
    ['a file that does not load', "test('a', () => {}); throw new Error('no');", '0 passed, 1 failed'],
    ['a file that does not parse', 'test(', '0 passed, 1 failed'],
    ['a file without tests', 'export const a = 1;', '0 passed, 1 failed'],
    [
      'an error nobody caught',
      "test('a', () => { Promise.reject(new Error('no')); });",
      '1 passed, 1 failed',
    ],
    [
      'a set-up',
      "describe('x', () => { beforeAll(() => { throw new Error('no'); }); test('a', () => {}); });",
      '0 passed, 1 failed, 1 skipped',
    ],
    ['a tear-down', "afterAll(() => { throw new Error('no'); }); test('a', () => {});", '1 passed, 1 failed'],
  ])('%s', async (_what, source, last) => {
    expect(await runVitest({ 'a.test.js': source })).toMatchObject({ code: 1, last });
  });
});

test('the counts go to the file that the environment names', async () => {
  const folder = writeProject({ 'a.test.js': "test('a', () => {});" });
  const summaryFile = join(folder, 'summary.json');
  const command = [
    commandScript(scripts, 'vitest'),
    'run',
    '--root',
    folder,
    `--reporter=${join(scripts, 'summary-reporter.mjs')}`,
  ];
  await runCommand(process.execPath, command, {
    cwd: folder,
    env: { ...process.env, [summaryFileVariable]: summaryFile },
  });
  expect(JSON.parse(readFileSync(summaryFile, 'utf8'))).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test('skipped tests are told only when there are some', () => {
  expect(formatCounts({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(formatCounts({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});
