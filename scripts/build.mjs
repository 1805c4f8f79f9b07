import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleStarters } from './bundle-starters.mjs';
import { bundleWorkers } from './bundle-workers.mjs';
import { mirrorAssets } from './mirror-assets.mjs';
import { commandScript, runCommand } from './run-command.mjs';
import { inputsDigest, readStamp, writeStamp } from './web-stamp.mjs';

/** Says one line of progress. @typedef {(line: string) => void} Log */

/** A step of the build that failed; `output` is what the tool printed. */
export class BuildFailed extends Error {
  /** @override */
  name = 'BuildFailed';

  /**
   * @param {string} step
   * @param {string} output
   */
  constructor(step, output) {
    super(`${step} failed`);
    this.output = output;
  }
}

const defaultRoot = resolve(fileURLToPath(import.meta.url), '../..');
const viteConfigs = ['vite.config.ts', 'vite.config.mts', 'vite.config.js', 'vite.config.mjs'];

/**
 * Builds what the server, the tests and the examples run: every TypeScript project of `tsconfig.json`, the files beside
 * the TypeScript sources (SQL, CSS, …) and the web apps that have a vite configuration. What is up to date is left
 * alone. Rejects with `BuildFailed`.
 * @param {{ readonly root?: string, readonly log?: Log, readonly web?: 'build' | 'skip' }} [options]
 * @returns {Promise<void>}
 */
export async function build(options = {}) {
  const { root = defaultRoot, log = console.log, web = 'build' } = options;
  await step(log, 'TypeScript', () => buildTypeScript(root));
  await step(log, 'assets', async () => mirrorAssets(projectFolders(root)));
  if (existsSync(join(root, 'examples', 'starters')))
    await step(log, 'starters', async () => bundleStarters(root));
  await step(log, 'workers', () => bundleWorkers(projectFolders(root)));
  if (web === 'skip') return;
  for (const folder of webFolders(root)) await step(log, folder, () => buildWeb(root, folder));
}

/**
 * @param {Log} log
 * @param {string} name
 * @param {() => Promise<string>} work
 */
async function step(log, name, work) {
  const startedAt = performance.now();
  const outcome = await work();
  log(`build: ${name} ${outcome} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/** @param {string} root */
async function buildTypeScript(root) {
  const script = commandScript(root, 'typescript', 'tsc');
  const { code, output } = await runCommand(process.execPath, [script, '-b', '--pretty', 'false'], {
    cwd: root,
  });
  if (code !== 0) throw new BuildFailed('TypeScript (tsc -b)', output);
  return 'compiled';
}

/**
 * The folders that `tsc -b` builds from `src` to `dist`.
 * @param {string} root
 */
function projectFolders(root) {
  /** @type {{ references?: { path: string }[] }} */
  const { references = [] } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return references.map(({ path }) => join(root, path));
}

/**
 * The folders, relative to the root, of the web apps.
 * @param {string} root
 */
function webFolders(root) {
  const candidates = [
    ...childFolders(root, 'apps'),
    // A starter is built where it was copied to, with packages of its own.
    ...childFolders(root, 'examples')
      .filter((folder) => folder !== 'examples/starters')
      .flatMap((folder) => [folder, ...childFolders(root, folder)]),
  ];
  return candidates
    .filter((folder) => viteConfigs.some((name) => existsSync(join(root, folder, name))))
    .sort();
}

/**
 * @param {string} root
 * @param {string} folder
 */
function childFolders(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map((entry) => `${folder}/${entry.name}`);
}

/**
 * @param {string} root
 * @param {string} folder
 */
async function buildWeb(root, folder) {
  const digest = inputsDigest(root, folder);
  const page = join(root, folder, 'dist', 'index.html');
  if (existsSync(page) && readStamp(root, folder) === digest) return 'is up to date';
  const script = commandScript(join(root, folder), 'vite');
  const { code, output } = await runCommand(process.execPath, [script, 'build', '--logLevel', 'warn'], {
    cwd: join(root, folder),
  });
  if (code !== 0) throw new BuildFailed(`${folder} (vite build)`, output);
  if (!existsSync(page))
    throw new BuildFailed(
      `${folder} (vite build)`,
      `vite ended well but wrote no ${folder}/dist/index.html\n${output}`,
    );
  writeStamp(root, folder, digest);
  return 'built';
}

/**
 * Tells a failed build the way a person wants to read it.
 * @param {unknown} error
 */
export function describeBuildFailure(error) {
  if (error instanceof BuildFailed) return `${error.output.trimEnd()}\nbuild: ${error.message}`;
  return `build: ${error instanceof Error ? error.message : String(error)}`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await build();
  } catch (error) {
    console.error(describeBuildFailure(error));
    process.exitCode = 1;
  }
}
