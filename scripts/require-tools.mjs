import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.mjs';

/** The programs the tests drive. @typedef {{ readonly chromiumPath: string, readonly postgresBin: string }} Tools */

/** What may be missing. @typedef {'Chromium' | 'PostgreSQL' | 'mod_auth_openidc' | 'Authlib' | 'Firefox' | ServerName} ToolName */

/**
 * What the search needs of the machine: the environment, the folder of Debian's PostgreSQL versions, its folder of servers,
 * which may not be on PATH, where it keeps Apache, its modules and its Python, the file that may forbid services to start, a way to run a program.
 * @typedef {{
 *   readonly env: NodeJS.ProcessEnv,
 *   readonly debianPostgres: string,
 *   readonly sbin: string,
 *   readonly apache: string,
 *   readonly apacheModules: string,
 *   readonly python: string,
 *   readonly servicePolicy: string,
 *   readonly run: typeof runCommand,
 * }} Machine
 */

/** @type {Machine} */
const thisMachine = {
  env: process.env,
  debianPostgres: '/usr/lib/postgresql',
  sbin: '/usr/sbin',
  apache: '/usr/sbin/apache2',
  apacheModules: '/usr/lib/apache2/modules',
  python: '/usr/bin/python3',
  servicePolicy: '/usr/sbin/policy-rc.d',
  run: runCommand,
};

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const postgresPrograms = ['initdb', 'postgres', 'pg_ctl'];
const oldestPostgres = 15;
const debianPackages = {
  Chromium: 'chromium',
  PostgreSQL: 'postgresql',
  mod_auth_openidc: 'apache2 libapache2-mod-auth-openidc',
  Authlib: 'python3-authlib python3-flask python3-requests',
  Firefox: 'firefox-esr',
  PgBouncer: 'pgbouncer',
  nginx: 'nginx-light',
  HAProxy: 'haproxy',
  Caddy: 'caddy',
};

/**
 * Servers that the tests put before Latchkey or its database: the program, how it is asked for its version, what it says.
 * @typedef {'PgBouncer' | 'nginx' | 'HAProxy' | 'Caddy'} ServerName
 * @type {Readonly<Record<ServerName, { readonly program: string, readonly variable: string, readonly version: string, readonly says: RegExp }>>}
 */
const servers = {
  PgBouncer: {
    program: 'pgbouncer',
    variable: 'PGBOUNCER_PATH',
    version: '--version',
    says: /PgBouncer \d/i,
  },
  nginx: { program: 'nginx', variable: 'NGINX_PATH', version: '-v', says: /nginx\/\d/ },
  HAProxy: { program: 'haproxy', variable: 'HAPROXY_PATH', version: '-v', says: /HAProxy version \d/i },
  Caddy: { program: 'caddy', variable: 'CADDY_PATH', version: 'version', says: /\d+\.\d+/ },
};

/**
 * Whether a server of that name is there: the variable that names it, PATH, Debian's folder of servers.
 * @param {ServerName} name
 * @param {Machine} [machine]
 * @returns {Promise<boolean>}
 */
export async function hasServer(name, machine = thisMachine) {
  const { program, variable, version, says } = servers[name];
  const named = machine.env[variable];
  const candidates = named ? [named] : [...onPath(machine.env, program), join(machine.sbin, program)];
  for (const path of candidates.filter(isExecutable)) {
    const { code, output } = await machine.run(path, [version], { env: machine.env });
    if (code === 0 && says.test(output)) return true;
  }
  return false;
}

/**
 * Finds a Chromium that starts: `CHROMIUM_PATH`, then the usual names on PATH.
 * @param {Machine} [machine]
 * @returns {Promise<string | undefined>}
 */
export async function findChromium(machine = thisMachine) {
  const named = machine.env.CHROMIUM_PATH;
  const candidates = [
    ...(named ? [named] : []),
    ...chromiumNames.flatMap((name) => onPath(machine.env, name)),
  ];
  for (const path of candidates) {
    // Ubuntu's chromium-browser is a note that asks for a snap: only a program that tells its version is a browser.
    const { code, output } = await machine.run(path, ['--version'], { env: machine.env });
    if (code === 0 && /\d+\.\d+\.\d+/.test(output)) return path;
  }
  return undefined;
}

/**
 * Whether there is a Firefox: `FIREFOX_PATH`, else Debian's name on PATH.
 * @param {Machine} [machine]
 * @returns {Promise<boolean>}
 */
export async function hasFirefox(machine = thisMachine) {
  const named = machine.env.FIREFOX_PATH;
  for (const path of named ? [named] : onPath(machine.env, 'firefox-esr')) {
    const { code, output } = await machine.run(path, ['--version'], { env: machine.env });
    if (code === 0 && /Firefox \d+/.test(output)) return true;
  }
  return false;
}

/**
 * Finds the folder of PostgreSQL's server programs, version 15 or newer; the newest of Debian's, else what `pg_config`
 * tells, else PATH.
 * @param {Machine} [machine]
 * @returns {Promise<string | undefined>}
 */
export async function findPostgres(machine = thisMachine) {
  for (const folder of await postgresFolders(machine)) {
    if (!postgresPrograms.every((name) => isExecutable(join(folder, name)))) continue;
    const { output } = await machine.run(join(folder, 'postgres'), ['--version'], { env: machine.env });
    const major = Number(/(\d+)(?:\.\d+|beta|rc|devel)/.exec(output)?.[1] ?? 0);
    if (major >= oldestPostgres) return folder;
  }
  return undefined;
}

/** @param {Machine} machine */
async function postgresFolders(machine) {
  const versions = existsSync(machine.debianPostgres) ? readdirSync(machine.debianPostgres) : [];
  const debian = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(machine.debianPostgres, version, 'bin'));
  const told = await machine.run('pg_config', ['--bindir'], { env: machine.env });
  const onThePath = onPath(machine.env, 'postgres').map((path) => resolve(path, '..'));
  return [...debian, ...(told.code === 0 ? [told.output.trim()] : []), ...onThePath];
}

/**
 * Whether there is an Apache with mod_auth_openidc, a peer of the tests: `APACHE_PATH` and `APACHE_MODULES`, else where
 * Debian keeps them.
 * @param {Machine} [machine]
 * @returns {Promise<boolean>}
 */
export async function hasApachePeer(machine = thisMachine) {
  const modules = machine.env.APACHE_MODULES ?? machine.apacheModules;
  if (!existsSync(join(modules, 'mod_auth_openidc.so'))) return false;
  const program = machine.env.APACHE_PATH ?? machine.apache;
  const { code, output } = await machine.run(program, ['-v'], { env: machine.env });
  return code === 0 && output.includes('Apache/2.');
}

/**
 * Whether there is a Python with Authlib, Flask and requests, for a peer of the tests and the Flask example: `PEER_PYTHON`, else Debian's own Python.
 * @param {Machine} [machine]
 * @returns {Promise<boolean>}
 */
export async function hasAuthlib(machine = thisMachine) {
  const program = machine.env.PEER_PYTHON ?? machine.python;
  const { code } = await machine.run(program, ['-c', 'import authlib, flask, requests'], {
    env: machine.env,
  });
  return code === 0;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 */
function onPath(env, name) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the tools, installing what is missing with apt-get when this is root on a Debian-like system. `missing` lists
 * what still is not there afterwards.
 * @param {{ readonly machine?: Machine, readonly isRoot?: () => boolean, readonly log?: (line: string) => void }} [options]
 * @returns {Promise<{ readonly kind: 'found', readonly tools: Tools } | { readonly kind: 'missing', readonly missing: readonly ToolName[] }>}
 */
export async function requireTools(options = {}) {
  const { machine = thisMachine, isRoot = () => process.getuid?.() === 0, log = console.log } = options;
  const first = await look(machine);
  if (first.kind === 'found' || !isRoot() || onPath(machine.env, 'apt-get').length === 0) return first;
  await install(machine, first.missing, log);
  return look(machine);
}

/** @param {Machine} machine */
async function look(machine) {
  const chromiumPath = await findChromium(machine);
  const postgresBin = await findPostgres(machine);
  /** @type {ToolName[]} */
  const missing = [];
  if (chromiumPath === undefined) missing.push('Chromium');
  if (postgresBin === undefined) missing.push('PostgreSQL');
  if (!(await hasApachePeer(machine))) missing.push('mod_auth_openidc');
  if (!(await hasAuthlib(machine))) missing.push('Authlib');
  if (!(await hasFirefox(machine))) missing.push('Firefox');
  for (const name of /** @type {ServerName[]} */ (Object.keys(servers)))
    if (!(await hasServer(name, machine))) missing.push(name);
  if (chromiumPath !== undefined && postgresBin !== undefined && missing.length === 0) {
    return { kind: /** @type {const} */ ('found'), tools: { chromiumPath, postgresBin } };
  }
  return { kind: /** @type {const} */ ('missing'), missing };
}

/**
 * @param {Machine} machine
 * @param {readonly ToolName[]} missing
 * @param {(line: string) => void} log
 */
async function install(machine, missing, log) {
  const names = missing.flatMap((tool) => debianPackages[tool].split(' '));
  const env = { ...machine.env, DEBIAN_FRONTEND: 'noninteractive' };
  log(
    `tools: ${missing.join(' and ')} not found; installing ${names.join(' ')} with apt-get (this can take some minutes)`,
  );
  const updated = await machine.run('apt-get', ['update'], { env, print: 'live' });
  if (updated.code !== 0) log('tools: apt-get update failed; trying with the package lists there are');
  const release = forbidServiceStart(machine.servicePolicy);
  try {
    const args = [
      'install',
      '-y',
      '--no-install-recommends',
      '-o',
      'Dpkg::Options::=--force-confold',
      ...names,
    ];
    const { code } = await machine.run('apt-get', args, { env, print: 'live' });
    log(
      code === 0 ? `tools: ${names.join(' ')} installed` : `tools: apt-get install ended with code ${code}`,
    );
  } finally {
    release();
  }
}

/**
 * Keeps packages from starting their services while they are installed (Debian's policy-rc.d, code 101: "not allowed"),
 * unless the machine has a policy of its own.
 * @param {string} policy the file that Debian asks
 * @returns {() => void} takes the ban back
 */
function forbidServiceStart(policy) {
  if (existsSync(policy)) return () => {};
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  } catch {
    // Not ours to write: the package may then start its service, which harms nothing but takes some memory.
    return () => {};
  }
  const release = () => rmSync(policy, { force: true });
  const stop = () => {
    release();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    release();
  };
}

/**
 * What a person must do to get the missing tools.
 * @param {readonly ToolName[]} missing
 */
export function describeMissing(missing) {
  const names = missing.map((tool) => debianPackages[tool]).join(' ');
  return [
    `tools: the tests need ${missing.join(' and ')} (PostgreSQL ${oldestPostgres} or newer), and this machine has none that works.`,
    `  Debian 12 or newer: apt-get update && apt-get install -y --no-install-recommends ${names}`,
    '  elsewhere: install them any way you like; CHROMIUM_PATH and FIREFOX_PATH may name the browsers, PATH must lead to initdb and postgres,',
    '  APACHE_PATH and APACHE_MODULES may name Apache and its modules, PEER_PYTHON a Python that has authlib, flask and requests,',
    `  ${Object.values(servers)
      .map(({ variable }) => variable)
      .join(', ')} the servers.`,
  ].join('\n');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const outcome = await requireTools();
  if (outcome.kind === 'found') {
    console.log(
      `tools: Chromium ${outcome.tools.chromiumPath}, PostgreSQL ${outcome.tools.postgresBin}, Firefox, both peers, ${Object.keys(servers).join(', ')}`,
    );
  } else {
    console.error(describeMissing(outcome.missing));
    process.exitCode = 1;
  }
}
