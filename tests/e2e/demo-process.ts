import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The project's folder. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const latchkeyMain = join(projectRoot, 'apps/latchkey/dist/main.js');

/** The parts of demo.json the journeys use. */
export interface DemoFile {
  readonly issuer: string;
  readonly users: readonly {
    readonly loginName: string;
    readonly password: string;
    readonly roles: string[];
  }[];
  readonly apps: Readonly<
    Record<
      string,
      {
        readonly clientId: string;
        readonly clientSecret?: string;
        readonly keyFile?: string;
        readonly projectId: string;
      }
    >
  >;
}

export interface Ports {
  readonly issuer: number;
  readonly web: number;
  readonly api: number;
  readonly newsWeb: number;
  readonly newsApi: number;
}

/** A running product. */
export interface Demo {
  readonly ports: Ports;
  readonly issuer: string;
  readonly web: string;
  readonly api: string;
  readonly folder: string;
  readonly file: DemoFile;
  /** Everything printed so far. */
  readonly output: () => string;
  /** Runs the command line beside the running server; rejects when it exits with another code than 0. */
  readonly latchkey: (...args: string[]) => Promise<string>;
  /** Process ids of the whole tree, the started process first. */
  readonly processIds: () => Promise<readonly number[]>;
  /** Resolves to the exit code when the started process and all that share its output have ended. */
  readonly ended: Promise<number | null>;
  /** What Ctrl-C in a terminal does: SIGINT to the foreground group. Resolves to the exit code. */
  readonly interrupt: () => Promise<number | null>;
}

function listenAnywhere(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) return reject(new Error('no port'));
      resolve({ server, port: address.port });
    });
  });
}

/** Different ports that are free now. */
export async function freePorts(): Promise<Ports> {
  const names = ['issuer', 'web', 'api', 'newsWeb', 'newsApi'] as const;
  const taken = await Promise.all(names.map(async (name) => ({ name, ...(await listenAnywhere()) })));
  await Promise.all(taken.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))));
  const portOf = (name: (typeof names)[number]) => taken.find((each) => each.name === name)?.port ?? 0;
  return {
    issuer: portOf('issuer'),
    web: portOf('web'),
    api: portOf('api'),
    newsWeb: portOf('newsWeb'),
    newsApi: portOf('newsApi'),
  };
}

/** A folder for one test file's data, and the way to delete it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lk-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The environment of a person's shell: what vitest adds must not change how the page is built. */
export function plainEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...env } = process.env;
  const ours = Object.entries(env).filter(([name]) => !/^(VITEST|LATCHKEY_|(PORT|MODE)$)/.test(name));
  return { ...Object.fromEntries(ours), ...extra };
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  // A process group of its own stands for the terminal's foreground group.
  const child = spawn(command, args, {
    cwd: projectRoot,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, output: () => chunks.join(''), ended };
}

/** Resolves once the output contains `text`; rejects with the output when the process ends before. */
function untilPrints(started: Started, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (started.output().includes(text)) resolve();
    };
    started.child.stdout?.on('data', check);
    started.child.stderr?.on('data', check);
    void started.ended.then((code) => reject(new Error(`ended with code ${code}:\n${started.output()}`)));
    check();
  });
}

async function treeOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    rows.flatMap(([child = 0, ppid]) => (ppid === parent ? [child, ...below(child)] : []));
  return [pid, ...below(pid)];
}

function demoOf(started: Started, folder: string, ports: Ports): Demo {
  const { child, output, ended } = started;
  const file: DemoFile = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'));
  const pid = child.pid ?? 0;
  const env = plainEnvironment({ PORT: String(ports.issuer), LATCHKEY_DATA_DIR: join(folder, 'data') });
  return {
    ports,
    issuer: file.issuer,
    web: `http://localhost:${ports.web}`,
    api: `http://localhost:${ports.api}`,
    folder,
    file,
    output,
    latchkey: async (...args) => {
      const { stdout } = await run(process.execPath, [latchkeyMain, ...args, '--folder', folder], {
        cwd: projectRoot,
        env,
      });
      return stdout;
    },
    processIds: () => treeOf(pid),
    ended,
    interrupt: () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGINT');
      return ended;
    },
  };
}

/** `npm start` as a process of its own on the given ports, from the call to its last word. `args` go behind `--`. */
export function runNpmStart(folder: string, ports: Ports, args: readonly string[] = []): Started {
  const env = plainEnvironment({
    PORT: String(ports.issuer),
    LATCHKEY_QUOTES_WEB_PORT: String(ports.web),
    LATCHKEY_QUOTES_API_PORT: String(ports.api),
    LATCHKEY_NEWS_WEB_PORT: String(ports.newsWeb),
    LATCHKEY_NEWS_API_PORT: String(ports.newsApi),
    LATCHKEY_QUOTES_FOLDER: folder,
  });
  return start('npm', ['start', '--', ...args], env);
}

/** Runs `npm start` and resolves when it says that everything runs. */
export async function startDemo(folder: string, ports?: Ports, args: readonly string[] = []): Promise<Demo> {
  const chosen = ports ?? (await freePorts());
  const started = runNpmStart(folder, chosen, args);
  await untilPrints(started, 'Ctrl-C stops everything.');
  return demoOf(started, folder, chosen);
}

/** Runs the server with demo data alone: the ports of the quotes page and API are left to the test. */
export async function startIssuer(folder: string, ports: Ports): Promise<Demo> {
  const args = [
    latchkeyMain,
    'demo',
    '--folder',
    folder,
    '--quotes-web',
    `http://localhost:${ports.web}`,
    '--quotes-api',
    `http://localhost:${ports.api}`,
    '--news-web',
    `http://localhost:${ports.newsWeb}`,
    '--news-api',
    `http://localhost:${ports.newsApi}`,
  ];
  const env = plainEnvironment({ PORT: String(ports.issuer), LATCHKEY_DATA_DIR: join(folder, 'data') });
  const started = start(process.execPath, args, env);
  await untilPrints(started, 'Latchkey answers at');
  return demoOf(started, folder, ports);
}
