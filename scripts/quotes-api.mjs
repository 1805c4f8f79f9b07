import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

const root = join(import.meta.dirname, '..');
const typescript = {
  program: process.execPath,
  args: ['--import', 'tsx', join(root, 'examples/quotes/api/src/main.ts')],
  dpop: 'on',
};
const flask = join(root, 'examples/quotes/api-flask/app.py');
/** An activated virtual environment comes first, then Debian's own Python. */
const pythons = ['python3', '/usr/bin/python3'];

/**
 * Chooses the program of the quotes API from the arguments of `npm start`: TypeScript, or Python with
 * `--quotes-api=flask`. `dpop` tells the page whether that API takes tokens bound to a key; Authlib takes bearer tokens only. `run` runs a command and is replaced by tests. A refusal says what to type or to install.
 * @param {readonly string[]} argv
 * @param {typeof runCommand} [run]
 * @returns {Promise<{ kind: 'chosen', program: string, args: readonly string[], dpop: string } | { kind: 'refused', message: string }>}
 */
export async function chooseQuotesApi(argv, run = runCommand) {
  for (const argument of argv) {
    if (argument === '--quotes-api=typescript' || argument === '--quotes-api=flask') continue;
    return {
      kind: 'refused',
      message: `npm start does not know "${argument}". Use npm start -- --quotes-api=typescript (the default) or --quotes-api=flask.`,
    };
  }
  if (argv.at(-1) !== '--quotes-api=flask') return { kind: 'chosen', ...typescript };
  for (const program of pythons) {
    const { code } = await run(program, ['-c', 'import authlib, flask, requests'], {});
    if (code === 0) return { kind: 'chosen', program, args: [flask], dpop: 'off' };
  }
  return {
    kind: 'refused',
    message:
      'The quotes API in Flask needs Python 3 with Flask, Authlib and requests.\n' +
      '  Debian: apt-get install python3-flask python3-authlib python3-requests\n' +
      '  elsewhere: pip install flask authlib requests',
  };
}
