import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHttpClient, type HttpClient } from './http-client.ts';

const latchkeyMain = join(fileURLToPath(new URL('../..', import.meta.url)), 'apps/latchkey/dist/main.js');

/** The issuer of every server of these tests: a name, not a place, so that several processes can have it. */
export const issuer = 'http://localhost';

/** A master key of its own for a test file. */
export function newMasterKeys(id = 'k1'): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}

/** The settings a server of these tests is started with, unless said otherwise. */
export function settingsFor(settings: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PORT: '0',
    LATCHKEY_HOST: '127.0.0.1',
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_ADMIN_PASSWORD: 'administrator-of-the-test',
    LATCHKEY_DRAIN_DELAY_SECONDS: '0',
    // Each sign-in comes from an address of its own, so that the limit per address is not what is tested.
    LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
    ...settings,
  };
}

function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(LATCHKEY_|PORT$|DATABASE_URL$|NODE_ENV$|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...settings };
}

/** A process that may or may not come up. */
export interface Launched {
  readonly pid: number;
  readonly output: () => string;
  /** Resolves when it has ended and everything it printed has been read. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly isRunning: () => boolean;
  /** Resolves to the port once it answers; rejects with its output when it ends before. */
  readonly port: Promise<number>;
}

/** A running server. */
export interface ServerProcess extends Launched {
  readonly http: HttpClient;
  /** Sends a signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<{ readonly code: number | null }>;
}

/** How a process is started: as another system user, or by a line of the shell that ends in `exec "$@"`. */
export interface LaunchOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly shellLine?: string;
}

/** Starts a command of the binary with exactly these settings. */
export function launch(
  settings: Readonly<Record<string, string>>,
  command: readonly string[] = ['serve'],
  { shellLine, ...account }: LaunchOptions = {},
): Launched {
  const line = [latchkeyMain, ...command];
  const [program, words] =
    shellLine === undefined
      ? [process.execPath, line]
      : ['sh', ['-c', shellLine, 'sh', process.execPath, ...line]];
  const child = spawn(program, words, {
    ...account,
    env: environment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const port = new Promise<number>((resolve, reject) => {
    const read = (text: string): void => {
      chunks.push(text);
      const found = /"port":(\d+).*Latchkey answers/.exec(chunks.join(''));
      if (found?.[1] !== undefined) resolve(Number(found[1]));
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    void ended.then(({ code, signal }) =>
      reject(
        new Error(`the server ended (${signal ?? `code ${code}`}) before it answered:\n${chunks.join('')}`),
      ),
    );
  });
  // Whoever only waits for the end need not hear of the port.
  port.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    output: () => chunks.join(''),
    ended,
    kill: (signal) => void child.kill(signal),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    port,
  };
}

/** Starts `serve` and resolves once it answers. */
export async function startServer(
  settings: Readonly<Record<string, string>>,
  options: LaunchOptions = {},
): Promise<ServerProcess> {
  const launched = launch(settingsFor(settings), ['serve'], options);
  const http = createHttpClient(await launched.port, issuer);
  return {
    ...launched,
    http,
    end: async (signal) => {
      launched.kill(signal);
      const outcome = await launched.ended;
      http.close();
      return outcome;
    },
  };
}

/** Asks again until the condition holds; rejects after `timeoutMs` with what was seen last. */
export async function untilTrue(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean>,
): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - startedAt;
}
