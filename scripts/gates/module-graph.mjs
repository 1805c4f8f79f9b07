import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { lineOf, walk } from './source-tree.mjs';

/**
 * One import or re-export. `names` are the imported names, or `'*'` for all of them or a side effect.
 * @typedef {{ readonly specifier: string, readonly kind: 'value' | 'type', readonly names: readonly string[] | '*', readonly line: number }} Import
 */

/**
 * What an import leads to: a file of the tree (through a package's name in `workspace`), Node itself, a package from
 * the registry, or nothing.
 * @typedef {{ readonly kind: 'file', readonly path: string, readonly workspace?: string }
 *   | { readonly kind: 'builtin', readonly name: string }
 *   | { readonly kind: 'external', readonly name: string }
 *   | { readonly kind: 'missing' }} Target
 */

/** @typedef {import('./source-tree.mjs').Tree} Tree */

const builtins = new Set(builtinModules);
const swappedEndings = [
  ['.js', '.ts'],
  ['.js', '.tsx'],
  ['.mjs', '.mts'],
];
const addedEndings = ['', '.ts', '.tsx', '.mjs', '.js', '/index.ts', '/index.tsx'];

/**
 * Every import of a file: declarations, re-exports, `import()`, `require()` and `import('x')` types.
 * @param {ts.SourceFile} file
 * @returns {Import[]}
 */
export function importsOf(file) {
  /** @type {Import[]} */
  const found = [];
  walk(file, (node) => {
    const described = describeImport(node);
    if (described !== undefined) found.push({ ...described, line: lineOf(file, node.getStart(file)) });
  });
  return found;
}

/**
 * @param {ts.Node} node
 * @returns {Omit<Import, 'line'> | undefined}
 */
function describeImport(node) {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, ...describeClause(node.importClause) };
  }
  if (
    ts.isExportDeclaration(node) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  ) {
    const named =
      node.exportClause !== undefined && ts.isNamedExports(node.exportClause)
        ? node.exportClause.elements
        : undefined;
    const typeOnly =
      node.isTypeOnly || (named?.length ? named.every((element) => element.isTypeOnly) : false);
    const names =
      named === undefined ? '*' : named.map((element) => (element.propertyName ?? element.name).text);
    return { specifier: node.moduleSpecifier.text, kind: typeOnly ? 'type' : 'value', names };
  }
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    return { specifier: node.argument.literal.text, kind: 'type', names: '*' };
  }
  if (ts.isExternalModuleReference(node) && ts.isStringLiteral(node.expression)) {
    return { specifier: node.expression.text, kind: 'value', names: '*' };
  }
  return describeCall(node);
}

/**
 * @param {ts.Node} node
 * @returns {Omit<Import, 'line'> | undefined}
 */
function describeCall(node) {
  if (!ts.isCallExpression(node)) return undefined;
  const dynamic = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const required = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  const argument = node.arguments[0];
  if ((!dynamic && !required) || argument === undefined || !ts.isStringLiteralLike(argument))
    return undefined;
  return { specifier: argument.text, kind: 'value', names: '*' };
}

/**
 * @param {ts.ImportClause | undefined} clause
 * @returns {{ kind: 'value' | 'type', names: readonly string[] | '*' }}
 */
function describeClause(clause) {
  if (clause === undefined) return { kind: 'value', names: '*' };
  const bindings = clause.namedBindings;
  const allTypes =
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly);
  const kind = clause.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes ? 'type' : 'value';
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) return { kind, names: '*' };
  const names = (bindings?.elements ?? []).map((element) => (element.propertyName ?? element.name).text);
  return { kind, names: clause.name === undefined ? names : ['default', ...names] };
}

/**
 * Where an import of a file leads.
 * @param {Tree} tree
 * @param {string} from path of the importing file
 * @param {string} specifier
 * @returns {Target}
 */
export function resolveImport(tree, from, specifier) {
  const bare = specifier.split('?')[0] ?? specifier;
  if (bare.startsWith('.')) {
    const path = findFile(tree, posix.normalize(posix.join(posix.dirname(from), bare)));
    return path === undefined ? { kind: 'missing' } : { kind: 'file', path };
  }
  if (bare.startsWith('node:') || builtins.has(bare))
    return { kind: 'builtin', name: bare.replace(/^node:/, '') };
  for (const workspace of tree.packages) {
    const path = workspace.entries.get(bare);
    if (path !== undefined) return { kind: 'file', path, workspace: workspace.name };
    const inside = bare === workspace.name || bare.startsWith(`${workspace.name}/`);
    if (inside) return { kind: 'file', path: `${workspace.folder}/package.json`, workspace: workspace.name };
  }
  const parts = bare.split('/');
  return { kind: 'external', name: bare.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? bare) };
}

/**
 * @param {Tree} tree
 * @param {string} path
 */
function findFile(tree, path) {
  for (const ending of addedEndings) if (tree.texts.has(path + ending)) return path + ending;
  for (const [from, to] of swappedEndings) {
    if (from === undefined || to === undefined || !path.endsWith(from)) continue;
    const swapped = path.slice(0, -from.length) + to;
    if (tree.texts.has(swapped)) return swapped;
  }
  return undefined;
}
