/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {import('./gate.mjs').Verdict} Verdict */

const shownLines = 80;

/**
 * The verdict on a tool that tells success by its exit code: its output is the finding when it failed.
 * @param {string} file what the finding is about
 * @param {import('../run-command.mjs').Ending} ending
 * @param {string} summary
 * @returns {Verdict}
 */
export function verdictOfTool(file, ending, summary) {
  return { findings: findingOfTool(file, ending), summary };
}

/**
 * @param {string} file
 * @param {import('../run-command.mjs').Ending} ending
 * @returns {Finding[]}
 */
export function findingOfTool(file, { code, output }) {
  if (code === 0) return [];
  const lines = output.trimEnd().split('\n');
  const shown =
    lines.length > shownLines
      ? [...lines.slice(0, shownLines), `… and ${lines.length - shownLines} more lines`]
      : lines;
  return [
    { file, message: `ended with code ${code}:\n${shown.map((line) => `         ${line}`).join('\n')}` },
  ];
}
