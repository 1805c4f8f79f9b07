import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@latchkey/testkit';

const program = process.env.APACHE_PATH ?? '/usr/sbin/apache2';
const modules = process.env.APACHE_MODULES ?? '/usr/lib/apache2/modules';
const advice =
  'install the peers of these tests: apt-get update && apt-get install -y --no-install-recommends apache2 libapache2-mod-auth-openidc';

/** A private Apache with mod_auth_openidc, on a port of its own and out of a folder of its own. */
export interface Apache {
  readonly origin: string;
  /** What it has logged so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Makes a folder whose files Apache's worker may read, and a port, so that an application can be registered first. */
export async function prepareApache(): Promise<{ readonly folder: string; readonly port: number }> {
  for (const file of [program, join(modules, 'mod_auth_openidc.so')])
    if (!existsSync(file)) throw new Error(`${file} is missing; ${advice}`);
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-apache-'));
  chmodSync(folder, 0o755);
  return { folder, port: await findFreePort() };
}

const loaded = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'mime', 'include', 'auth_openidc'];

function configuration(folder: string, port: number, settings: readonly string[]): string {
  return [
    ...loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    `ServerName localhost:${port}`,
    `Listen 127.0.0.1:${port}`,
    // Without root these two are ignored; with root Apache does not serve without them.
    'User www-data',
    'Group www-data',
    `PidFile ${folder}/httpd.pid`,
    `ErrorLog ${folder}/error.log`,
    'LogLevel warn auth_openidc:info',
    `Mutex file:${folder} default`,
    `DefaultRuntimeDir ${folder}`,
    'StartServers 1',
    'ServerLimit 2',
    'ThreadsPerChild 8',
    'MaxRequestWorkers 16',
    'TypesConfig /etc/mime.types',
    `DocumentRoot ${folder}/www`,
    'AddOutputFilter INCLUDES .shtml',
    'AddType text/html .shtml',
    `<Directory ${folder}/www>`,
    '  Options +Includes',
    '  Require all granted',
    '</Directory>',
    ...settings,
    '',
  ].join('\n');
}

async function untilItAnswers(child: ChildProcess, origin: string, log: () => string): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${origin}/open.shtml`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Apache did not come up:\n${log()}`);
}

/**
 * Starts Apache in the foreground. `settings` are lines of its configuration; below `/protected` and `/api` there is a
 * page that shows the environment of the request. Rejects with Apache's log when it does not answer.
 */
export async function startApache(
  { folder, port }: { readonly folder: string; readonly port: number },
  settings: readonly string[],
): Promise<Apache> {
  for (const path of ['www/protected', 'www/api']) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'page.shtml'), '<pre>\n<!--#printenv --></pre>\n');
  }
  writeFileSync(join(folder, 'www/open.shtml'), 'open\n');
  writeFileSync(join(folder, 'httpd.conf'), configuration(folder, port, settings));
  const said: string[] = [];
  const child = spawn(program, ['-d', folder, '-f', join(folder, 'httpd.conf'), '-D', 'FOREGROUND'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const logFile = join(folder, 'error.log');
  const log = (): string => said.join('') + (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const origin = `http://localhost:${port}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(child, origin, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, log, stop };
}
