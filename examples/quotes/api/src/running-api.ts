import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One implementation of the quotes API: the command that starts it. */
export interface Implementation {
  readonly name: 'TypeScript' | 'Flask';
  readonly command: readonly [string, ...string[]];
}

/** Both implementations of the contract. `PEER_PYTHON` names another Python than Debian's. */
export const implementations: readonly Implementation[] = [
  {
    name: 'TypeScript',
    command: [
      process.execPath,
      '--import',
      'tsx',
      '--conditions=@latchkey/source',
      join(import.meta.dirname, 'main.ts'),
    ],
  },
  {
    name: 'Flask',
    command: [
      process.env.PEER_PYTHON ?? '/usr/bin/python3',
      join(import.meta.dirname, '../../api-flask/app.py'),
    ],
  },
];

/** A process of an implementation with the environment alone that it is given. */
export function spawnApi(implementation: Implementation, env: Readonly<Record<string, string>>) {
  const [program, ...args] = implementation.command;
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    cwd: import.meta.dirname,
  });
  let output = '';
  const collect = (text: string) => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  const exited = once(child, 'close').then(([code]: unknown[]) => ({ code, output }));
  return { child, exited, output: () => output };
}

/** Starts an implementation on a free port. Rejects with its output when it ends instead of listening. */
export async function startApi(implementation: Implementation, env: Readonly<Record<string, string>>) {
  const { child, exited, output } = spawnApi(implementation, { ...env, HOST: '127.0.0.1', PORT: '0' });
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const origin = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output())?.[1];
      if (origin !== undefined) resolve(origin);
    });
  });
  const ended = exited.then(({ code }): never => {
    throw new Error(`${implementation.name} ended with ${code}:\n${output()}`);
  });
  const origin = await Promise.race([listening, ended]);
  ended.catch(() => undefined);
  return {
    origin,
    output,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
