import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTree } from './source-tree.mjs';

/**
 * One thing that is wrong (a finding) or worth a look (a warning).
 * @typedef {{ readonly file: string, readonly line?: number, readonly message: string }} Finding
 */

/**
 * What a gate found. Findings fail it, warnings do not; the summary is the sentence of its verdict.
 * @typedef {{ readonly findings: readonly Finding[], readonly warnings?: readonly Finding[], readonly summary: string }} Verdict
 */

/**
 * A rule that is checked. `tree` is the source text of the whole project, `root` its folder.
 * @typedef {{ readonly name: string, readonly check: (tree: import('./source-tree.mjs').Tree, root: string) => Verdict | Promise<Verdict> }} Gate
 */

const shownAtMost = 200;

/** The folder that holds the project. */
export const projectRoot = resolve(fileURLToPath(import.meta.url), '../../..');

/**
 * One line per finding, as editors understand it: `file:line message`.
 * @param {Finding} finding
 */
export function formatFinding(finding) {
  const place = finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
  return `${place} ${finding.message}`;
}

/**
 * The lines that tell a verdict: one line, then the details of what failed or deserves a look.
 * @param {string} name
 * @param {Verdict} verdict
 * @param {number} tookMs
 */
export function formatVerdict(name, verdict, tookMs) {
  const warnings = verdict.warnings ?? [];
  const mark = verdict.findings.length > 0 ? 'FAIL' : 'ok  ';
  const told = verdict.findings.length > 0 ? `${verdict.findings.length} finding(s)` : verdict.summary;
  const lines = [`${mark} ${name.padEnd(10)} ${told} (${(tookMs / 1000).toFixed(1)} s)`];
  for (const finding of verdict.findings.slice(0, shownAtMost))
    lines.push(`       ${formatFinding(finding)}`);
  const hidden = verdict.findings.length - shownAtMost;
  if (hidden > 0) lines.push(`       … and ${hidden} more`);
  for (const warning of warnings) lines.push(`  warn ${formatFinding(warning)}`);
  return lines.join('\n');
}

/**
 * The verdict of a gate. A gate that throws has failed.
 * @param {Gate} gate
 * @param {import('./source-tree.mjs').Tree} tree
 * @param {string} root
 * @returns {Promise<Verdict>}
 */
export async function judge(gate, tree, root) {
  try {
    return await gate.check(tree, root);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { findings: [{ file: `scripts/gates/${gate.name}`, message }], summary: '' };
  }
}

/**
 * Runs a gate, prints its verdict and says whether it passed.
 * @param {Gate} gate
 * @param {import('./source-tree.mjs').Tree} tree
 * @param {string} root
 * @returns {Promise<'passed' | 'failed'>}
 */
export async function runGate(gate, tree, root) {
  const startedAt = performance.now();
  const verdict = await judge(gate, tree, root);
  console.log(formatVerdict(gate.name, verdict, performance.now() - startedAt));
  return verdict.findings.length > 0 ? 'failed' : 'passed';
}

/**
 * Lets a gate's file be run by itself: `node scripts/gates/imports.mjs`.
 * @param {string} moduleUrl `import.meta.url` of the gate
 * @param {Gate} gate
 */
export async function runWhenMain(moduleUrl, gate) {
  const main = process.argv[1];
  if (main === undefined || resolve(main) !== fileURLToPath(moduleUrl)) return;
  if ((await runGate(gate, readTree(projectRoot), projectRoot)) === 'failed') process.exitCode = 1;
}
