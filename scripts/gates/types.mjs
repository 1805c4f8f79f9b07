import { join } from 'node:path';
import { commandScript, runCommand } from '../run-command.mjs';
import { runWhenMain } from './gate.mjs';
import { findingOfTool } from './tool-output.mjs';

/**
 * Everything type-checks: the product, the tests, the examples, the scripts.
 * @type {import('./gate.mjs').Gate}
 */
export const types = {
  name: 'types',
  async check(tree, root) {
    const tsc = commandScript(root, 'typescript', 'tsc');
    const projects = looseProjects(tree);
    const runs = [
      ['-b', '--pretty', 'false'],
      ...projects.map((path) => ['-p', path, '--noEmit', '--pretty', 'false']),
    ];
    const findings = [];
    for (const args of runs) {
      const ending = await runCommand(process.execPath, [tsc, ...args], { cwd: root });
      findings.push(...findingOfTool(`tsc ${args.slice(0, args[0] === '-b' ? 1 : 2).join(' ')}`, ending));
    }
    return { findings, summary: `tsc -b and ${projects.length} more projects: ${projects.join(', ')}` };
  },
};

/**
 * The TypeScript projects that `tsc -b` does not reach from the root's `tsconfig.json`. The starters are not among them:
 * their frameworks are not installed here; the test that runs them installs and builds each.
 * @param {import('./source-tree.mjs').Tree} tree
 * @returns {string[]}
 */
export function looseProjects(tree) {
  /** @type {{ references?: { path: string }[] }} */
  const { references = [] } = JSON.parse(tree.texts.get('tsconfig.json') ?? '{}');
  const built = new Set([
    'tsconfig.json',
    'tsconfig.base.json',
    ...references.map(({ path }) => join(path, 'tsconfig.json')),
  ]);
  return [...tree.texts.keys()]
    .filter((path) => /(?:^|\/)tsconfig(?:\.test)?\.json$/.test(path) && !built.has(path))
    .filter((path) => !path.startsWith('examples/starters/'))
    .sort();
}

await runWhenMain(import.meta.url, types);
