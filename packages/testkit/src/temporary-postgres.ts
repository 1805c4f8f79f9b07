import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);
const START_TIMEOUT_MS = 30_000;

/** How a temporary PostgreSQL is started. */
export interface TemporaryPostgresOptions {
  /** 'on' makes commits durable (slower); 'off' by default. */
  readonly fsync?: 'on' | 'off';
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A PostgreSQL server of its own for tests, on a free port of 127.0.0.1, deleted by `stop`. */
export interface TemporaryPostgres {
  /** The URL of the database `postgres`; user `postgres`, no password. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The process id of the postmaster that runs now. */
  pid(): number;
  /** Creates an empty database and resolves to its URL. */
  createDatabase(): Promise<string>;
  /** Starts again after `halt` or `kill`; resolves when it takes connections. */
  start(): Promise<void>;
  /** Stops the server and keeps its data: `fast` cuts the sessions off, `immediate` skips the checkpoint as well. */
  halt(mode: 'fast' | 'immediate'): Promise<void>;
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  /** `kill -9` of the postmaster and its children. */
  kill(): Promise<void>;
  /** Stops the processes as a hang would, without closing anything, until `resume`. */
  freeze(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/** The system user that a database program runs as; the present one where nothing is named. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch((): string[] => []);
}

async function findBinaries(): Promise<string> {
  const versions = await listFolder('/usr/lib/postgresql');
  const packaged = versions.sort((a, b) => Number(b) - Number(a)).map((v) => `/usr/lib/postgresql/${v}/bin`);
  for (const folder of [...packaged, ...(process.env.PATH ?? '').split(delimiter)]) {
    const names = await listFolder(folder);
    if (names.includes('initdb') && names.includes('postgres')) return folder;
  }
  throw new Error(
    'PostgreSQL was not found. Install it (Debian: apt-get install postgresql) or put initdb on PATH.',
  );
}

/** Whom to run as: PostgreSQL and PgBouncer refuse to run as root, so then it is the user `postgres`. */
export async function findAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const accounts = await readFile('/etc/passwd', 'utf8');
  const fields = /^postgres:[^:]*:(\d+):(\d+):/m.exec(accounts);
  if (fields === null) throw new Error('Running as root needs a system user named postgres.');
  return { uid: Number(fields[1]), gid: Number(fields[2]) };
}

async function createCluster(bin: string, account: Account): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'lk-pg-'));
  await chmod(root, 0o700);
  await mkdir(join(root, 'sockets'));
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(root, account.uid, account.gid);
    await chown(join(root, 'sockets'), account.uid, account.gid);
  }
  const args = [
    '--pgdata',
    join(root, 'data'),
    '--username',
    'postgres',
    '--auth',
    'trust',
    '--encoding',
    'UTF8',
  ];
  await run(join(bin, 'initdb'), [...args, '--locale', 'C', '--no-sync'], { ...account, cwd: root });
  return root;
}

function serverArguments(root: string, port: number, options: TemporaryPostgresOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: join(root, 'sockets'),
    fsync: options.fsync ?? 'off',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', join(root, 'data'), '-p', String(port), ...flags];
}

// The server says on its error stream when it takes connections, so nothing has to be tried in vain.
function untilAccepting(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => reject(new Error(`PostgreSQL did not start:\n${log}`)), START_TIMEOUT_MS);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (log.length < 20_000) log += text;
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`PostgreSQL ended at its start:\n${log}`));
    });
  });
}

function untilExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.split('\n').map(Number).filter(Boolean);
}

async function signalAll(postmaster: number, signal: NodeJS.Signals): Promise<void> {
  for (const pid of [postmaster, ...(await childrenOf(postmaster))]) {
    try {
      process.kill(pid, signal);
    } catch {
      // That child ended by itself meanwhile.
    }
  }
}

/** Starts a fresh PostgreSQL (newest installed version); as root it runs under the user `postgres`. */
export async function startTemporaryPostgres(
  options: TemporaryPostgresOptions = {},
): Promise<TemporaryPostgres> {
  const bin = await findBinaries();
  const account = await findAccount();
  const root = await createCluster(bin, account);
  const port = await findFreePort();
  let child: ChildProcess;
  let databases = 0;
  const pid = (): number => child.pid ?? 0;
  const start = async (): Promise<void> => {
    const stdio: ['ignore', 'ignore', 'pipe'] = ['ignore', 'ignore', 'pipe'];
    child = spawn(join(bin, 'postgres'), serverArguments(root, port, options), {
      ...account,
      cwd: root,
      stdio,
    });
    await untilAccepting(child);
  };
  const halt = async (mode: 'fast' | 'immediate'): Promise<void> => {
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await untilExit(child);
  };
  const database = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  await start();
  return {
    url: database('postgres'),
    port,
    dataDir: join(root, 'data'),
    pid,
    createDatabase: async () => {
      databases += 1;
      const name = `test_${databases}`;
      await run(join(bin, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', name], {
        cwd: root,
      });
      return database(name);
    },
    start,
    halt,
    restart: async (mode) => {
      await halt(mode);
      await start();
    },
    kill: async () => {
      await signalAll(pid(), 'SIGKILL');
      await untilExit(child);
    },
    freeze: () => signalAll(pid(), 'SIGSTOP'),
    resume: () => signalAll(pid(), 'SIGCONT'),
    stop: async () => {
      await signalAll(pid(), 'SIGCONT');
      await halt('immediate');
      await rm(root, { recursive: true, force: true });
    },
  };
}
