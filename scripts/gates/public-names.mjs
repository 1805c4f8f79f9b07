import ts from 'typescript';
import { resolveImport } from './module-graph.mjs';

/** @typedef {import('./source-tree.mjs').Tree} Tree */

/**
 * Where an exported name is declared; all declarations of it (overloads, merged types).
 * @typedef {{ readonly name: string, readonly path: string, readonly declarations: readonly ts.Node[] }} PublicName
 */

/** @typedef {{ readonly kind: 'local', readonly local: string } | { readonly kind: 'from', readonly specifier: string, readonly imported: string }} Source */

/**
 * Every name a module exports, followed through re-exports to its declaration. Names that come from a package outside
 * the tree are left out.
 * @param {Tree} tree
 * @param {string} path
 * @param {ReadonlySet<string>} [visited]
 * @returns {Map<string, PublicName>}
 */
export function publicNames(tree, path, visited = new Set()) {
  /** @type {Map<string, PublicName>} */
  const names = new Map();
  if (visited.has(path) || !tree.texts.has(path) || path.endsWith('.json')) return names;
  const trail = new Set([...visited, path]);
  const { exported, stars } = listExports(tree.parse(path));
  for (const specifier of stars) {
    const target = resolveImport(tree, path, specifier);
    if (target.kind !== 'file') continue;
    for (const [name, found] of publicNames(tree, target.path, trail))
      if (name !== 'default') names.set(name, found);
  }
  for (const [name, source] of exported) {
    const found = follow(tree, path, source, trail);
    if (found !== undefined) names.set(name, { ...found, name });
  }
  return names;
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @param {Source} source
 * @param {ReadonlySet<string>} trail
 * @returns {PublicName | undefined}
 */
function follow(tree, path, source, trail) {
  if (source.kind === 'from') {
    const target = resolveImport(tree, path, source.specifier);
    if (target.kind !== 'file') return undefined;
    if (source.imported === '*')
      return { name: '*', path: target.path, declarations: [tree.parse(target.path)] };
    return publicNames(tree, target.path, trail).get(source.imported);
  }
  const file = tree.parse(path);
  const declarations = localDeclarations(file, source.local);
  if (declarations.length > 0) return { name: source.local, path, declarations };
  const imported = findImported(file, source.local);
  return imported === undefined ? undefined : follow(tree, path, imported, trail);
}

/** @param {ts.SourceFile} file */
function listExports(file) {
  /** @type {Map<string, Source>} */
  const exported = new Map();
  /** @type {string[]} */
  const stars = [];
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement)) readExportDeclaration(statement, exported, stars);
    else if (ts.isExportAssignment(statement)) exported.set('default', { kind: 'local', local: 'default' });
    else if (isExported(statement))
      for (const name of declaredNames(statement)) exported.set(name, { kind: 'local', local: name });
  }
  return { exported, stars };
}

/**
 * @param {ts.ExportDeclaration} statement
 * @param {Map<string, Source>} exported
 * @param {string[]} stars
 */
function readExportDeclaration(statement, exported, stars) {
  const from = statement.moduleSpecifier;
  const specifier = from !== undefined && ts.isStringLiteral(from) ? from.text : undefined;
  const clause = statement.exportClause;
  if (clause === undefined) {
    if (specifier !== undefined) stars.push(specifier);
    return;
  }
  if (ts.isNamespaceExport(clause)) {
    if (specifier !== undefined) exported.set(clause.name.text, { kind: 'from', specifier, imported: '*' });
    return;
  }
  for (const element of clause.elements) {
    const imported = (element.propertyName ?? element.name).text;
    exported.set(
      element.name.text,
      specifier === undefined ? { kind: 'local', local: imported } : { kind: 'from', specifier, imported },
    );
  }
}

/** @param {ts.Statement} statement */
function isExported(statement) {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
  );
}

/**
 * @param {ts.Statement} statement
 * @returns {string[]}
 */
function declaredNames(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((d) =>
      ts.isIdentifier(d.name) ? [d.name.text] : [],
    );
  }
  const isDefault =
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword);
  if (isDefault) return ['default'];
  if (isNamedDeclaration(statement) && statement.name !== undefined) return [statement.name.text];
  return [];
}

/**
 * @param {ts.Node} node
 * @returns {node is ts.FunctionDeclaration | ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration | ts.ModuleDeclaration}
 */
function isNamedDeclaration(node) {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isModuleDeclaration(node)
  );
}

/**
 * @param {ts.SourceFile} file
 * @param {string} name
 */
function localDeclarations(file, name) {
  return file.statements.filter(
    (statement) =>
      declaredNames(statement).includes(name) || (name === 'default' && ts.isExportAssignment(statement)),
  );
}

/**
 * @param {ts.SourceFile} file
 * @param {string} local
 * @returns {Source | undefined}
 */
function findImported(file, local) {
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const specifier = statement.moduleSpecifier.text;
    const clause = statement.importClause;
    if (clause?.name?.text === local) return { kind: 'from', specifier, imported: 'default' };
    const bindings = clause?.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) {
      if (bindings.name.text === local) return { kind: 'from', specifier, imported: '*' };
      continue;
    }
    const element = bindings.elements.find((candidate) => candidate.name.text === local);
    if (element !== undefined)
      return { kind: 'from', specifier, imported: (element.propertyName ?? element.name).text };
  }
  return undefined;
}
