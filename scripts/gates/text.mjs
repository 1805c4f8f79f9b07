import { runWhenMain } from './gate.mjs';
import { isCode, isTest } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {{ readonly pattern: RegExp, readonly message: string, readonly applies?: (path: string) => boolean }} Rule */

/** @param {string} path */
const inTests = (path) => isCode(path) && isTest(path);

/** @type {readonly Rule[]} */
const rules = [
  {
    pattern: /\b(?:TODO|FIXME|XXX)\b(?![^\n]*(?:#\d+|\/issues\/\d+))/,
    message: 'leaves work behind without an issue (#123)',
    applies: (path) => !path.startsWith('scripts/gates/'),
  },
  {
    pattern: /\b(?:it|test|describe|suite)(?:\.\w+)*\.only\b/,
    message: 'runs one test and hides the others',
    applies: inTests,
  },
  {
    pattern: /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:skip|todo|skipIf|runIf)\b/,
    message:
      "skips without saying why: call ctx.skip('reason') inside the test, so that the reason is printed",
    applies: inTests,
  },
  {
    pattern: /\b(?:ctx|context|t|task)\.skip\(\s*\)|(?<![.\w])skip\(\s*\)/,
    message: 'skips without a reason',
    applies: inTests,
  },
  { pattern: /(?<![\w.:~/@*)}-])\/(?:work|root|home|Users)\/[\w.-]/, message: 'names a path of one machine' },
  { pattern: /\b[A-Z]:\\Users\\/, message: 'names a path of one machine' },
  {
    pattern:
      /\bregistry\.[\w-]+\.\w+|\b[\w.-]*(?:artifactory|verdaccio|npmmirror|jfrog|nexus-repo)[\w-]*\.\w+/i,
    message: 'names a package registry: npm finds its own',
  },
];

/**
 * What does not belong in a text that is shipped: work left behind, tests switched off, paths and hosts of one machine.
 * @type {import('./gate.mjs').Gate}
 */
export const text = {
  name: 'text',
  check(tree) {
    /** @type {Finding[]} */
    const findings = [];
    for (const [path, content] of tree.texts) {
      // The gates' own tests hold bad examples on purpose.
      if (/^scripts\/.*\.test\.mjs$/.test(path)) continue;
      const applying = rules.filter((rule) => rule.applies?.(path) ?? true);
      content.split('\n').forEach((line, index) => {
        for (const rule of applying) {
          const match = rule.pattern.exec(line);
          if (match !== null)
            findings.push({ file: path, line: index + 1, message: `${rule.message}: ${match[0]}` });
        }
      });
    }
    return { findings, summary: `${tree.texts.size} text files` };
  },
};

await runWhenMain(import.meta.url, text);
