import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { ConfigurationProblem } from './configuration.ts';

/** The address and secret of a database as PostgreSQL's own programs are given them: no password among the arguments. */
export function libpqTarget(url: string): { readonly url: string; readonly env: NodeJS.ProcessEnv } {
  const match = /^(postgres(?:ql)?:\/\/)([^/?#]*)@(.*)$/.exec(url);
  if (match === null) return { url, env: process.env };
  const [, scheme = '', credentials = '', rest = ''] = match;
  const colon = credentials.indexOf(':');
  if (colon < 0) return { url, env: process.env };
  const password = decodeURIComponent(credentials.slice(colon + 1));
  return {
    url: `${scheme}${credentials.slice(0, colon)}@${rest}`,
    env: { ...process.env, PGPASSWORD: password },
  };
}

/** A program to run; `input` is what it reads, nothing by default. */
export interface ToolRun {
  readonly program: 'pg_dump' | 'pg_restore' | 'psql';
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

function notFound(program: string): ConfigurationProblem {
  return new ConfigurationProblem(
    `${program} was not found. Install PostgreSQL's client programs, of the server's version or newer (Debian: apt-get install postgresql-client), or back up as you always do and run \`latchkey restored\` after a restore.`,
  );
}

/** A started program; `done` rejects with what it said when it fails. */
export interface StartedTool {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: Readable;
  readonly done: Promise<void>;
}

/** Starts one of PostgreSQL's programs. */
export function startTool({ program, args, env }: ToolRun): StartedTool {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  // A program that fails stops reading; its own words say why.
  child.stdin.on('error', () => undefined);
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? notFound(program) : error),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new ConfigurationProblem(`${program} failed: ${said.trim() || `exit code ${code}`}`));
    });
  });
  return { stdin: child.stdin, stdout: child.stdout, done };
}
