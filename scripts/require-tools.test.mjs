import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  describeMissing,
  findChromium,
  findPostgres,
  hasApachePeer,
  hasAuthlib,
  hasFirefox,
  hasServer,
  requireTools,
} from './require-tools.mjs';
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

/** The two peers, Firefox and the servers, as Debian installs them. */
function peers() {
  program('sbin/apache2', 'echo "Server version: Apache/2.4.62 (Debian)"');
  program('modules/mod_auth_openidc.so', '');
  program('python/python3', 'exit 0');
  program('bin/firefox-esr', 'echo "Mozilla Firefox 153.8.0esr"');
  program('servers/pgbouncer', 'echo "PgBouncer 1.18.0"');
  program('servers/nginx', 'echo "nginx version: nginx/1.22.1" >&2');
  program('servers/haproxy', 'echo "HAProxy version 2.6.12-1+deb12u4"');
  program('bin/caddy', 'echo 2.6.2');
}

const policy = () => join(folder, 'policy-rc.d');

/** @param {NodeJS.ProcessEnv} [env] */
function machine(env = {}) {
  return {
    env: { PATH: join(folder, 'bin'), ...env },
    debianPostgres: join(folder, 'debian'),
    sbin: join(folder, 'servers'),
    apache: join(folder, 'sbin/apache2'),
    apacheModules: join(folder, 'modules'),
    python: join(folder, 'python/python3'),
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

describe('Firefox', () => {
  test('FIREFOX_PATH comes before Debian’s name on PATH; what does not tell its version does not do', async () => {
    expect(await hasFirefox(machine())).toBe(false);
    program('bin/firefox-esr', 'echo "Mozilla Firefox 153.8.0esr"');
    expect(await hasFirefox(machine())).toBe(true);
    expect(await hasFirefox(machine({ FIREFOX_PATH: program('elsewhere/firefox', 'exit 1') }))).toBe(false);
  });
});

describe('a server', () => {
  test('is named by its variable, or found on PATH and among the servers of Debian, and must tell its version', async () => {
    expect(await hasServer('nginx', machine())).toBe(false);
    program('servers/nginx', 'exit 1');
    expect(await hasServer('nginx', machine())).toBe(false);
    program('servers/nginx', 'echo "nginx version: nginx/1.22.1" >&2');
    expect(await hasServer('nginx', machine())).toBe(true);
    const other = program('elsewhere/nginx', 'exit 127');
    expect(await hasServer('nginx', machine({ NGINX_PATH: other }))).toBe(false);
    program('bin/caddy', 'echo "v2.6.2"');
    expect(await hasServer('Caddy', machine())).toBe(true);
  });
});

describe('the peers', () => {
  test('Apache without mod_auth_openidc does not do, nor the module without Apache', async () => {
    expect(await hasApachePeer(machine())).toBe(false);
    program('sbin/apache2', 'echo "Server version: Apache/2.4.62 (Debian)"');
    expect(await hasApachePeer(machine())).toBe(false);
    program('elsewhere/mod_auth_openidc.so', '');
    expect(await hasApachePeer(machine({ APACHE_MODULES: join(folder, 'elsewhere') }))).toBe(true);
    program('sbin/apache2', 'exit 127');
    expect(await hasApachePeer(machine({ APACHE_MODULES: join(folder, 'elsewhere') }))).toBe(false);
  });

  test('PEER_PYTHON comes before Debian’s Python; one that cannot import Authlib and Flask does not do', async () => {
    expect(await hasAuthlib(machine())).toBe(false);
    program('python/python3', 'test "$1 $2" = "-c import authlib, flask, requests"');
    expect(await hasAuthlib(machine())).toBe(true);
    const other = program('elsewhere/python', 'exit 1');
    expect(await hasAuthlib(machine({ PEER_PYTHON: other }))).toBe(false);
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
    peers();
  });

  test('is named when it cannot be installed', async () => {
    postgres('15');
    expect(await requireTools(options(() => false))).toEqual({ kind: 'missing', missing: ['Chromium'] });
    expect(await requireTools(options(() => true))).toEqual({ kind: 'missing', missing: ['Chromium'] });
    expect(describeMissing(['Chromium'])).toContain('apt-get install -y --no-install-recommends chromium');
  });

  test('a missing peer is named like any other tool, with the packages that bring it', async () => {
    program('bin/chromium', 'echo "Chromium 150.0.1"');
    postgres('15');
    program('python/python3', 'exit 1');
    rmSync(join(folder, 'modules'), { recursive: true });
    const missing = /** @type {const} */ (['mod_auth_openidc', 'Authlib']);
    expect(await requireTools(options(() => false))).toEqual({ kind: 'missing', missing });
    expect(describeMissing(missing)).toContain(
      'apt-get install -y --no-install-recommends apache2 libapache2-mod-auth-openidc python3-authlib python3-flask python3-requests',
    );
    program('bin/apt-get', `echo "$*" >> ${folder}/asked; exit 0`);
    await requireTools(options(() => true));
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain(
      'force-confold apache2 libapache2-mod-auth-openidc python3-authlib python3-flask python3-requests',
    );
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
