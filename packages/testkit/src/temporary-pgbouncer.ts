import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from './free-port.ts';
import { findAccount } from './temporary-postgres.ts';

const START_TIMEOUT_MS = 20_000;

/** A PgBouncer of its own for tests, in transaction mode with the settings it comes with. */
export interface TemporaryPgbouncer {
  readonly port: number;
  /** The same database through the pooler: for a URL of the server, the one that leads here. */
  readonly through: (databaseUrl: string) => string;
  /** What it has logged so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

function untilListening(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`PgBouncer ${why}:\n${log()}`));
    const timer = setTimeout(() => fail('did not start'), START_TIMEOUT_MS);
    child.once('error', (error) => fail(`could not be run (apt-get install pgbouncer): ${error.message}`));
    child.once('exit', () => fail('ended at its start'));
    child.stderr?.on('data', () => {
      if (!log().includes('process up')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Starts PgBouncer (Debian: pgbouncer) before a PostgreSQL server on 127.0.0.1, for the given users, who need no password.
 * `settings` go over the defaults; as root it runs under the user `postgres`.
 */
export async function startTemporaryPgbouncer(
  serverPort: number,
  settings: Readonly<Record<string, string>> = {},
  users: readonly string[] = ['postgres'],
): Promise<TemporaryPgbouncer> {
  const account = await findAccount();
  const root = await mkdtemp(join(tmpdir(), 'lk-pgb-'));
  const port = await findFreePort();
  const values = {
    listen_addr: '127.0.0.1',
    listen_port: `${port}`,
    unix_socket_dir: '',
    pool_mode: 'transaction',
    auth_type: 'trust',
    auth_file: join(root, 'users.txt'),
    ...settings,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
  const file = join(root, 'pgbouncer.ini');
  await writeFile(
    file,
    ['[databases]', `* = host=127.0.0.1 port=${serverPort}`, '[pgbouncer]', ...lines, ''].join('\n'),
  );
  await writeFile(join(root, 'users.txt'), users.map((name) => `"${name}" ""\n`).join(''));
  await chmod(root, 0o755);
  if (account.uid !== undefined && account.gid !== undefined) await chown(root, account.uid, account.gid);
  const program = process.env.PGBOUNCER_PATH ?? '/usr/sbin/pgbouncer';
  const child = spawn(program, [file], { ...account, cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    if (text.length < 200_000) text += more;
  });
  const log = (): string => text;
  try {
    await untilListening(child, log);
  } catch (error) {
    child.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    through: (databaseUrl) => Object.assign(new URL(databaseUrl), { port: `${port}` }).href,
    log,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await ended;
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}
