import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The program as built. */
export const cliMain = join(root, 'apps/latchkey/dist/main.js');

/** What came of a command. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Where it is run; the root of the workspace unless told. */
  readonly cwd?: string;
  /** In a pseudo-terminal: standard output has everything then. */
  readonly terminal?: { readonly columns: number };
  /** Told everything printed so far, whenever there is more. */
  readonly onOutput?: (output: string) => void;
}

/** Runs the command line as built. */
export function latchkey(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const line = [process.execPath, cliMain, ...args];
  const quoted = line.map((word) => `'${word}'`).join(' ');
  const [command = '', ...rest] =
    options.terminal === undefined
      ? line
      : ['script', '-qec', `stty cols ${options.terminal.columns}; exec ${quoted}`, '/dev/null'];
  const { PATH = '' } = process.env;
  const child = spawn(command, rest, { cwd: options.cwd ?? root, env: { PATH, ...options.env } });
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
      options.onOutput?.(stdout);
    });
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    if (options.terminal === undefined || options.input !== undefined) child.stdin.end(options.input ?? '');
  });
}

/** A server with an owner, a home folder without profiles, and the command line with the owner's token. */
export interface CliWorld {
  readonly world: ManagementWorld;
  readonly home: string;
  /** Runs a command as the owner; `env` of the options goes before. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
  readonly stop: () => Promise<void>;
}

/** Starts a server on PGlite for the command line to call. */
export async function startCliWorld(): Promise<CliWorld> {
  const world = await startManagementWorld('pglite');
  const home = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  const asOwner = {
    XDG_CONFIG_HOME: join(home, 'none'),
    LATCHKEY_TOKEN: world.owner.token,
    LATCHKEY_ISSUER: world.server.issuer,
  };
  return {
    ...{ world, home },
    run: (args, options = {}) => latchkey(args, { ...options, env: { ...asOwner, ...options.env } }),
    stop: async () => {
      await world.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
