import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, describeBuildFailure } from './build.mjs';
import { describeMissing, requireTools } from './require-tools.mjs';
import { commandScript, runCommand } from './run-command.mjs';
import { formatCounts, summaryFileVariable } from './summary-reporter.mjs';

/** @typedef {import('./summary-reporter.mjs').Counts} Counts */

const root = resolve(fileURLToPath(import.meta.url), '../..');
/** @type {Counts} */
const nothingRan = { passed: 0, failed: 1, skipped: 0 };

/**
 * Gets the tools, builds the product, runs vitest with the given arguments. A step that fails is a failure of the run.
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function runTests(args) {
  const outcome = await requireTools();
  if (outcome.kind === 'missing') {
    console.error(describeMissing(outcome.missing));
    return nothingRan;
  }
  const { chromiumPath, postgresBin } = outcome.tools;
  console.log(`tools: Chromium ${chromiumPath}, PostgreSQL ${postgresBin}`);
  try {
    await build();
  } catch (error) {
    console.error(describeBuildFailure(error));
    return nothingRan;
  }
  const path = `${process.env.PATH ?? ''}${delimiter}${postgresBin}`;
  return runVitest(args, { ...process.env, CHROMIUM_PATH: chromiumPath, PATH: path });
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Counts>}
 */
async function runVitest(args, env) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  const summaryFile = join(folder, 'summary.json');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'summary-reporter.mjs')}`];
  const vitestArgs = [commandScript(root, 'vitest'), 'run', '--allowOnly=false', ...reporters, ...args];
  try {
    const { code } = await runCommand(process.execPath, vitestArgs, {
      cwd: root,
      env: { ...env, [summaryFileVariable]: summaryFile },
      print: 'live',
    });
    if (!existsSync(summaryFile)) {
      console.error(`vitest ended with code ${code} before it had counted`);
      return nothingRan;
    }
    /** @type {Counts} */
    const counts = JSON.parse(readFileSync(summaryFile, 'utf8'));
    if (code === 0 || counts.failed > 0) return counts;
    console.error(`vitest ended with code ${code} although no test failed`);
    return { ...counts, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const counts = await runTests(process.argv.slice(2));
process.exitCode = counts.failed > 0 ? 1 : 0;
console.log(formatCounts(counts));
