import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeMissing, findChromium, findPostgres, requireTools } from './require-tools.mjs';
import { runCommand } from './run-command.mjs';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tools-'));
  mkdirSync(join(folder, 'bin'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/**
 * @param {string} path below the test's folder
 * @param {string} body
 */
function program(path, body) {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** @param {string} version */
function postgres(version, at = `debian/${version}/bin`) {
  for (const name of ['initdb', 'pg_ctl']) program(`${at}/${name}`, 'exit 0');
  program(`${at}/postgres`, `echo "postgres (PostgreSQL) ${version}.4"`);
  return join(folder, at);
}

const policy = () => join(folder, 'policy-rc.d');

/** @param {NodeJS.ProcessEnv} [env] */
function machine(env = {}) {
  return {
    env: { PATH: join(folder, 'bin'), ...env },
    debianPostgres: join(folder, 'debian'),
    servicePolicy: policy(),
    run: runCommand,
  };
}

describe('Chromium', () => {
  test('CHROMIUM_PATH comes first, then the names on PATH', async () => {
    const usual = program('bin/google-chrome', 'echo "Google Chrome 150.0.1"');
    const named = program('elsewhere/chrome', 'echo "Chromium 150.0.1"');
    expect(await findChromium(machine())).toBe(usual);
    expect(await findChromium(machine({ CHROMIUM_PATH: named }))).toBe(named);
  });

  test('a program that does not tell its version is no browser', async () => {
    program('bin/chromium-browser', 'echo "please install the snap"; exit 1');
    expect(await findChromium(machine())).toBeUndefined();
  });
});

describe('PostgreSQL', () => {
  test('the newest of the installed versions is taken', async () => {
    postgres('9');
    postgres('15');
    const newest = postgres('17');
    expect(await findPostgres(machine())).toBe(newest);
  });

  test('version 14 is too old', async () => {
    postgres('14');
    expect(await findPostgres(machine())).toBeUndefined();
  });

  test('pg_config and PATH lead to it too', async () => {
    const place = postgres('16', 'opt/pg');
    expect(await findPostgres(machine({ PATH: place }))).toBe(place);
    program('bin/pg_config', `echo ${place}`);
    expect(await findPostgres(machine())).toBe(place);
  });

  test('a folder without initdb does not do', async () => {
    program('bin/postgres', 'echo "postgres (PostgreSQL) 16.1"');
    expect(await findPostgres(machine())).toBeUndefined();
  });
});

describe('what is missing', () => {
  /** @type {string[]} */
  let log = [];
  const options = (/** @type {() => boolean} */ isRoot) => ({
    machine: machine(),
    isRoot,
    log: (/** @type {string} */ line) => log.push(line),
  });

  beforeEach(() => {
    log = [];
  });

  test('is named when it cannot be installed', async () => {
    postgres('15');
    expect(await requireTools(options(() => false))).toEqual({ kind: 'missing', missing: ['Chromium'] });
    expect(await requireTools(options(() => true))).toEqual({ kind: 'missing', missing: ['Chromium'] });
    expect(describeMissing(['Chromium'])).toContain('apt-get install -y --no-install-recommends chromium');
  });

  test('is installed by root with apt-get, without questions, and only what is missing', async () => {
    postgres('15');
    program(
      'bin/apt-get',
      `
      case "$*" in
        update) exit 0 ;;
        "install -y --no-install-recommends -o Dpkg::Options::=--force-confold chromium") test "$DEBIAN_FRONTEND" = noninteractive && ${policy()} || test $? -eq 101 || exit 9 ;;
        *) exit 8 ;;
      esac
      printf '#!/bin/sh\\necho Chromium 150.0.1\\n' > ${folder}/bin/chromium
      ${process.execPath} -e "require('fs').chmodSync('${folder}/bin/chromium', 0o755)"`,
    );
    expect(await requireTools(options(() => true))).toEqual({
      kind: 'found',
      tools: { chromiumPath: join(folder, 'bin/chromium'), postgresBin: join(folder, 'debian/15/bin') },
    });
    expect(existsSync(policy())).toBe(false);
    expect(log.join('\n')).toContain('installing chromium with apt-get');
  });

  test('stays missing when apt-get fails', async () => {
    program('bin/apt-get', 'exit 100');
    expect(await requireTools(options(() => true))).toEqual({
      kind: 'missing',
      missing: ['Chromium', 'PostgreSQL'],
    });
    expect(log.at(-1)).toContain('ended with code 100');
  });

  test('nothing is installed when nothing is missing', async () => {
    program('bin/chromium', 'echo "Chromium 150.0.1"');
    postgres('15');
    program('bin/apt-get', 'exit 0');
    expect((await requireTools(options(() => true))).kind).toBe('found');
    expect(log).toEqual([]);
  });
});
