import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * How a command ended: its exit code (128 + n when signal n ended it, 127 when it could not start) and what it printed.
 * @typedef {{ readonly code: number, readonly output: string }} Ending
 */

/**
 * @typedef {{
 *   readonly cwd?: string,
 *   readonly env?: NodeJS.ProcessEnv,
 *   readonly print?: 'live' | 'captured',
 * }} RunOptions
 */

const signalNumbers = new Map([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGKILL', 9],
  ['SIGTERM', 15],
]);

/**
 * Runs a command without a shell and without standard input. `print: 'live'` shows its output as it comes and captures
 * nothing; by default the output is captured and not shown. Never rejects.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Ending>}
 */
export function runCommand(command, args, options = {}) {
  const { cwd, env = process.env, print = 'captured' } = options;
  return new Promise((resolve) => {
    const out = print === 'live' ? 'inherit' : 'pipe';
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env,
      stdio: ['ignore', out, out],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => {
      resolve({
        code: code ?? 128 + (signalNumbers.get(signal ?? '') ?? 0),
        output: Buffer.concat(chunks).toString('utf8'),
      });
    });
  });
}

/**
 * The script behind a package's command, to be run with this very Node: no shell, no shims, no PATH.
 * @param {string} fromFolder the folder whose dependencies are meant
 * @param {string} packageName
 * @param {string} [command] for packages with several
 */
export function commandScript(
  fromFolder,
  packageName,
  command = packageName.split('/').at(-1) ?? packageName,
) {
  const folder = packageFolder(fromFolder, packageName);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const script = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin?.[command];
  if (typeof script !== 'string') throw new Error(`${packageName} has no command ${command}`);
  return join(folder, script);
}

/**
 * @param {string} fromFolder
 * @param {string} packageName
 */
function packageFolder(fromFolder, packageName) {
  const paths = createRequire(join(fromFolder, 'package.json')).resolve.paths(packageName) ?? [];
  for (const path of paths) {
    const folder = join(path, packageName);
    try {
      readFileSync(join(folder, 'package.json'));
      return folder;
    } catch {
      // not installed at this level: the next one up may have it
    }
  }
  throw new Error(
    `${packageName} is not installed: run npm ci (looked from ${dirname(join(fromFolder, 'package.json'))})`,
  );
}
