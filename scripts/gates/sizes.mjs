import ts from 'typescript';
import { runWhenMain } from './gate.mjs';
import { codeFiles, isTest, lineOf, walk } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */
/** @typedef {{ readonly name: string, readonly kind: 'function' | 'component', readonly line: number, readonly lines: number }} FunctionSize */

const limits = {
  fileLines: 400,
  testFileLines: 500,
  medianFileLines: 100,
  functionLines: 80,
  functionP95: 45,
  componentLines: 150,
};

/** Below this many functions, a package's 95th percentile is its longest function and says nothing new. */
const fewFunctions = 20;

/** Files that hold data rather than code, and why their length is not a smell. */
const dataFiles = [
  {
    pattern: /^packages\/login-ui\/src\/messages\/[a-z-]+\.ts$/i,
    reason: 'a message catalogue, one sentence a line',
  },
];

/**
 * Files and functions stay short enough to be read at one sitting.
 * @type {import('./gate.mjs').Gate}
 */
export const sizes = {
  name: 'sizes',
  check(tree) {
    /** @type {Finding[]} */
    const findings = [];
    /** @type {Finding[]} */
    const warnings = [];
    /** @type {Map<string, { files: number[], functions: number[] }>} */
    const packages = new Map();
    for (const path of codeFiles(tree)) {
      const length = countLines(tree.texts.get(path) ?? '');
      const exempt = dataFiles.some(({ pattern }) => pattern.test(path));
      const allowed = isTest(path) ? limits.testFileLines : limits.fileLines;
      if (length > allowed && !exempt)
        findings.push({ file: path, message: `has ${length} lines, more than ${allowed}` });
      if (isTest(path) || exempt) continue;
      const functions = functionSizes(tree.parse(path));
      findings.push(...functions.flatMap((size) => describeFunction(path, size)));
      const group = groupOf(path);
      const sums = packages.get(group) ?? { files: [], functions: [] };
      sums.files.push(length);
      sums.functions.push(...functions.filter((size) => size.kind === 'function').map((size) => size.lines));
      packages.set(group, sums);
    }
    for (const [group, sums] of packages) {
      const p95 = quantile(sums.functions, 0.95);
      if (sums.functions.length >= fewFunctions && p95 > limits.functionP95) {
        findings.push({
          file: group,
          message: `95th percentile of its functions is ${p95} lines, more than ${limits.functionP95}`,
        });
      }
      const median = quantile(sums.files, 0.5);
      if (median > limits.medianFileLines)
        warnings.push({
          file: group,
          message: `median file has ${median} lines, more than ${limits.medianFileLines}`,
        });
    }
    const all = [...packages.values()].flatMap((sums) => sums.functions);
    return {
      findings,
      warnings,
      summary: `functions: ${all.length}, p95 ${quantile(all, 0.95)} lines, longest ${Math.max(0, ...all)}`,
    };
  },
};

/** @param {string} path */
function groupOf(path) {
  const parts = path.split('/');
  const depth = parts[0] === 'examples' ? 3 : parts[0] === 'packages' || parts[0] === 'apps' ? 2 : 1;
  return parts.slice(0, Math.min(depth, parts.length - 1)).join('/') || '.';
}

/** @param {string} text */
function countLines(text) {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}

/**
 * @param {string} path
 * @param {FunctionSize} size
 * @returns {Finding[]}
 */
function describeFunction(path, size) {
  const allowed = size.kind === 'component' ? limits.componentLines : limits.functionLines;
  if (size.lines <= allowed) return [];
  return [
    {
      file: path,
      line: size.line,
      message: `${size.kind} ${size.name} has ${size.lines} lines, more than ${allowed}`,
    },
  ];
}

/**
 * The smallest value that at least this share of the values does not exceed; 0 for none.
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/**
 * The functions of a file that have a block body, with their length from signature to closing brace.
 * @param {ts.SourceFile} file
 * @returns {FunctionSize[]}
 */
export function functionSizes(file) {
  /** @type {FunctionSize[]} */
  const found = [];
  walk(file, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined || !ts.isBlock(node.body))
      return;
    const line = lineOf(file, node.getStart(file));
    const name = functionName(node);
    const component = /^[A-Z]/.test(name) && returnsJsx(node.body);
    found.push({
      name,
      kind: component ? 'component' : 'function',
      line,
      lines: lineOf(file, node.end) - line + 1,
    });
  });
  return found;
}

/** @param {ts.SignatureDeclaration} node */
function functionName(node) {
  if (node.name !== undefined) return node.name.getText();
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  /** @type {ts.Node} */
  let holder = node.parent;
  while (ts.isCallExpression(holder) || ts.isParenthesizedExpression(holder)) {
    if (
      ts.isCallExpression(holder) &&
      holder.arguments.length > 0 &&
      !/^(?:React\.)?(?:memo|forwardRef)$/.test(holder.expression.getText())
    )
      break;
    holder = holder.parent;
  }
  if ((ts.isVariableDeclaration(holder) || ts.isPropertyAssignment(holder)) && holder.name !== undefined)
    return holder.name.getText();
  return '(anonymous)';
}

/** @param {ts.Block} body */
function returnsJsx(body) {
  let found = false;
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (found || ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined)
      walk(node.expression, (part) => {
        if (ts.isJsxElement(part) || ts.isJsxSelfClosingElement(part) || ts.isJsxFragment(part)) found = true;
      });
    node.forEachChild(visit);
  };
  visit(body);
  return found;
}

await runWhenMain(import.meta.url, sizes);
