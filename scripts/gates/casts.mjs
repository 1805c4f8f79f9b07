import ts from 'typescript';
import { runWhenMain } from './gate.mjs';
import { isBrandFile } from './imports.mjs';
import { codeFiles, isTest, lineOf, walk } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {{ readonly line: number, readonly message: string }} Doubt */

const scriptPattern = /\.(?:mjs|cjs|js|jsx)$/;
const suppressions = [
  {
    pattern: /biome-ignore(?:-all|-start)?\s+[\w/]+(?:\([^)]*\))?\s*:?\s*(.*?)(?:\*\/|$)/,
    name: 'biome-ignore',
  },
  { pattern: /@ts-expect-error\b[\s:—-]*(.*?)(?:\*\/|$)/, name: '@ts-expect-error' },
];
const forbidden = /@ts-ignore\b|@ts-nocheck\b|eslint-disable/;
const shortestReason = 8;

/**
 * The compiler is not talked out of anything: no `any`, no `!`, no `as` but `as const`, brands (a file named
 * `brands.ts`), and casts with a reason (`// cast: why` on the line or the one above). Tests and benches may cast what
 * they read off the wire, but not to `any`.
 * @type {import('./gate.mjs').Gate}
 */
export const casts = {
  name: 'casts',
  check(tree) {
    const files = codeFiles(tree);
    let reasoned = 0;
    const findings = files.flatMap((path) => {
      const file = tree.parse(path);
      const doubts = findSuppressions(file);
      if (!scriptPattern.test(path)) {
        const found = findCasts(file);
        reasoned += found.reasoned;
        doubts.push(...findHoles(file), ...(mayCast(path) ? [] : found.doubts));
      }
      return doubts.map((doubt) => ({ file: path, ...doubt }));
    });
    return { findings, summary: `${files.length} files, ${reasoned} casts with a reason` };
  },
};

/** @param {string} path */
const mayCast = (path) => isTest(path) || isBrandFile(path) || path.startsWith('bench/');

/**
 * @param {ts.SourceFile} file
 * @returns {{ doubts: Doubt[], reasoned: number }}
 */
function findCasts(file) {
  /** @type {Doubt[]} */
  const doubts = [];
  let reasoned = 0;
  const lines = file.text.split('\n');
  walk(file, (node) => {
    if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return;
    if (node.type.getText(file) === 'const') return;
    if (
      ts.isAsExpression(node.parent) ||
      (ts.isParenthesizedExpression(node.parent) && ts.isAsExpression(node.parent.parent))
    )
      return;
    if (hasReason(lines, firstLine(file, node), lineOf(file, node.end))) {
      reasoned += 1;
      return;
    }
    const type = node.type.getText(file).replace(/\s+/g, ' ').slice(0, 60);
    doubts.push({
      line: lineOf(file, node.type.getStart(file)),
      message: `casts to ${type} without a reason: narrow it, or say why in a comment "cast: …"`,
    });
  });
  return { doubts, reasoned };
}

/**
 * The line a cast begins on; the line above when its statement begins there, since the formatter breaks long ones.
 * @param {ts.SourceFile} file
 * @param {ts.Node} cast
 */
function firstLine(file, cast) {
  const line = lineOf(file, cast.getStart(file));
  let outer = cast.parent;
  while (!ts.isVariableStatement(outer) && !ts.isReturnStatement(outer) && !ts.isExpressionStatement(outer)) {
    if (ts.isSourceFile(outer)) return line;
    outer = outer.parent;
  }
  const statementLine = lineOf(file, outer.getStart(file));
  return line - statementLine <= 1 ? statementLine : line;
}

/**
 * Whether a line of an expression, or a comment line right above it, gives the reason of a cast.
 * @param {readonly string[]} lines
 * @param {number} first
 * @param {number} last
 */
function hasReason(lines, first, last) {
  const pattern = /(?:\/\/|\/\*\*?|\*)\s*cast:\s*(.{8,})/;
  for (let line = first; line <= last; line += 1) if (pattern.test(lines[line - 1] ?? '')) return true;
  for (let line = first - 1; line >= 1; line -= 1) {
    const text = (lines[line - 1] ?? '').trim();
    if (pattern.test(text)) return true;
    if (!/^(?:\/\/|\*|\/\*)/.test(text)) return false;
  }
  return false;
}

/**
 * @param {ts.SourceFile} file
 * @returns {Doubt[]}
 */
function findHoles(file) {
  /** @type {Doubt[]} */
  const doubts = [];
  walk(file, (node) => {
    const line = () => lineOf(file, node.getStart(file));
    if (node.kind === ts.SyntaxKind.AnyKeyword)
      doubts.push({ line: line(), message: 'says any: say unknown and narrow it' });
    if (ts.isNonNullExpression(node))
      doubts.push({
        line: line(),
        message: `asserts ${node.getText(file).slice(0, 40)}: handle the missing case`,
      });
    if (
      (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) &&
      node.exclamationToken !== undefined
    ) {
      doubts.push({ line: line(), message: `declares ${node.name.getText(file)}! as assigned: assign it` });
    }
  });
  return doubts;
}

/**
 * @param {ts.SourceFile} file
 * @returns {Doubt[]}
 */
function findSuppressions(file) {
  return commentsOf(file).flatMap(({ text, line }) => {
    const banned = forbidden.exec(text);
    if (banned !== null)
      return [
        {
          line,
          message: `${banned[0]} silences too much: use @ts-expect-error or biome-ignore with a reason`,
        },
      ];
    for (const { pattern, name } of suppressions) {
      const match = pattern.exec(text);
      if (match !== null && (match[1] ?? '').trim().length < shortestReason)
        return [{ line, message: `${name} gives no reason` }];
    }
    return [];
  });
}

/**
 * @param {ts.SourceFile} file
 * @returns {{ text: string, line: number }[]}
 */
function commentsOf(file) {
  /** @type {Map<number, { text: string, line: number }>} */
  const comments = new Map();
  /** @param {readonly ts.CommentRange[] | undefined} ranges */
  const add = (ranges) => {
    for (const range of ranges ?? [])
      comments.set(range.pos, { text: file.text.slice(range.pos, range.end), line: lineOf(file, range.pos) });
  };
  walk(file, (node) => {
    add(ts.getLeadingCommentRanges(file.text, node.getFullStart()));
    add(ts.getTrailingCommentRanges(file.text, node.end));
    if (ts.isJsxExpression(node) && node.expression === undefined)
      add(ts.getLeadingCommentRanges(file.text, node.getStart(file) + 1));
  });
  return [...comments.values()].filter(({ text }) => /^\/[/*]/.test(text));
}

await runWhenMain(import.meta.url, casts);
