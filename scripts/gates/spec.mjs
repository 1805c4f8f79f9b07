import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { runWhenMain } from './gate.mjs';
import { codeFiles, isTest, walk } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {import('./source-tree.mjs').Tree} Tree */
/** @typedef {{ readonly line: number, readonly requirement: string, readonly file: string, readonly test: string }} Row */

/**
 * Every row of `docs/spec/*.md` (requirement, file, test) names a file that is there and a test of exactly that name.
 * @type {import('./gate.mjs').Gate}
 */
export const spec = {
  name: 'spec',
  check(tree, root) {
    const titles = testTitles(tree);
    let count = 0;
    /** @type {Finding[]} */
    const findings = [];
    for (const [path, content] of tree.texts) {
      if (!/^docs\/spec\/[^/]+\.md$/.test(path)) continue;
      for (const row of readRows(content)) {
        count += 1;
        for (const message of describeRow(
          row,
          titles,
          (file) => tree.texts.has(file) || existsSync(join(root, file)),
        )) {
          findings.push({ file: path, line: row.line, message });
        }
      }
    }
    return { findings, summary: `${count} requirements name a file and a test` };
  },
};

/**
 * @param {Row} row
 * @param {ReadonlySet<string>} titles
 * @param {(file: string) => boolean} exists
 * @returns {string[]}
 */
function describeRow(row, titles, exists) {
  const messages = [];
  const files = splitCell(row.file);
  const tests = splitCell(row.test);
  if (files.length === 0) messages.push(`"${row.requirement}" names no file`);
  if (tests.length === 0) messages.push(`"${row.requirement}" names no test`);
  for (const file of files)
    if (!exists(file.split(/[#:]/)[0] ?? file)) messages.push(`names a file that is not there: ${file}`);
  for (const test of tests) if (!titles.has(test)) messages.push(`names a test that is not there: ${test}`);
  return messages;
}

/** One cell may name several things, one a `<br>`. @param {string} cell */
function splitCell(cell) {
  return cell
    .split(/<br\s*\/?>/)
    .map((part) =>
      part
        .trim()
        .replace(/^`+|`+$/g, '')
        .trim(),
    )
    .filter((part) => /\w/.test(part));
}

/**
 * The rows of every table with the columns requirement, file and test (further columns are ignored).
 * @param {string} markdown
 * @returns {Row[]}
 */
export function readRows(markdown) {
  /** @type {Row[]} */
  const rows = [];
  /** @type {readonly string[] | undefined} */
  let header;
  markdown.split('\n').forEach((line, index) => {
    if (!line.trim().startsWith('|')) {
      header = undefined;
      return;
    }
    const cells = line
      .trim()
      .replace(/^\||\|$/g, '')
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
    if (header === undefined) {
      header = cells.map((cell) => cell.toLowerCase());
      return;
    }
    if (cells.every((cell) => /^:?-+:?$/.test(cell))) return;
    const columns = header;
    const cell = (/** @type {string} */ name) => cells[columns.indexOf(name)] ?? '';
    if (['requirement', 'file', 'test'].every((name) => columns.includes(name))) {
      rows.push({
        line: index + 1,
        requirement: cell('requirement'),
        file: cell('file'),
        test: cell('test'),
      });
    }
  });
  return rows;
}

/**
 * The titles of all tests, alone and with their describe blocks in front (`block > test`).
 * @param {Tree} tree
 * @returns {Set<string>}
 */
export function testTitles(tree) {
  /** @type {Set<string>} */
  const titles = new Set();
  for (const path of codeFiles(tree, isTest)) {
    walk(tree.parse(path), (node) => {
      const title = titleOf(node, /^(?:it|test)\b/);
      if (title === undefined) return;
      titles.add(title);
      const blocks = [];
      for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
        const block = titleOf(outer, /^(?:describe|suite)\b/);
        if (block !== undefined) blocks.unshift(block);
      }
      titles.add([...blocks, title].join(' > '));
    });
  }
  return titles;
}

/**
 * @param {ts.Node} node
 * @param {RegExp} callee
 */
function titleOf(node, callee) {
  if (!ts.isCallExpression(node) || !callee.test(node.expression.getText())) return undefined;
  const [first] = node.arguments;
  if (first === undefined || ts.isPropertyAccessExpression(node.parent)) return undefined;
  return ts.isStringLiteralLike(first) ? first.text : undefined;
}

await runWhenMain(import.meta.url, spec);
