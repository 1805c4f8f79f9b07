import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
  const child = spawn(command, rest, { cwd: root, env: { PATH, ...options.env } });
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
