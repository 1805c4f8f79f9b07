import ts from 'typescript';
import { lineOf, walk } from './source-tree.mjs';

/** @typedef {import('./gate.mjs').Finding} Finding */

const bannedGlobals = new Map(
  Object.entries({
    fetch: 'reaches the network',
    process: 'reads the machine',
    console: 'writes to the terminal',
    performance: 'reads the clock',
    setTimeout: 'waits on the clock',
    setInterval: 'waits on the clock',
    setImmediate: 'waits on the event loop',
    XMLHttpRequest: 'reaches the network',
    WebSocket: 'reaches the network',
    EventSource: 'reaches the network',
    localStorage: 'keeps state',
    sessionStorage: 'keeps state',
    indexedDB: 'keeps state',
  }),
);
const randomNames = new Set(
  'randomUUID getRandomValues randomBytes randomInt randomFill randomFillSync generateKey generateKeySync generateKeyPair generateKeyPairSync'.split(
    ' ',
  ),
);

/**
 * What in a file of a pure room does I/O, reads the clock or draws randomness.
 * @param {ts.SourceFile} file
 * @param {string} path
 * @returns {Finding[]}
 */
export function findImpurities(file, path) {
  /** @type {Finding[]} */
  const findings = [];
  walk(file, (node) => {
    const reason = describeImpurity(node);
    if (reason !== undefined)
      findings.push({ file: path, line: lineOf(file, node.getStart(file)), message: reason });
  });
  return findings;
}

/** @param {ts.Node} node */
function describeImpurity(node) {
  if (ts.isPropertyAccessExpression(node)) return describeMember(node);
  if (ts.isNewExpression(node) && isGlobal(node.expression, 'Date') && (node.arguments ?? []).length === 0) {
    return 'new Date() reads the clock: take the time as an argument';
  }
  if (ts.isCallExpression(node) && isGlobal(node.expression, 'Date'))
    return 'Date() reads the clock: take the time as an argument';
  if (ts.isImportSpecifier(node) && randomNames.has((node.propertyName ?? node.name).text)) {
    return `${(node.propertyName ?? node.name).text} draws randomness: take the value as an argument`;
  }
  if (!ts.isIdentifier(node)) return undefined;
  const why = bannedGlobals.get(node.text);
  return why !== undefined && isGlobal(node, node.text)
    ? `${node.text} ${why}: a pure room is handed what it needs`
    : undefined;
}

/** @param {ts.PropertyAccessExpression} node */
function describeMember(node) {
  const member = node.name.text;
  if (member === 'now' && isGlobal(node.expression, 'Date'))
    return 'Date.now reads the clock: take the time as an argument';
  if (member === 'random' && isGlobal(node.expression, 'Math'))
    return 'Math.random draws randomness: take the value as an argument';
  if (randomNames.has(member)) return `${member} draws randomness: take the value as an argument`;
  if (bannedGlobals.has(member) && isGlobal(node.expression, 'globalThis'))
    return `globalThis.${member} is not for a pure room`;
  return undefined;
}

/**
 * Lines at which a file reads the environment: `process.env` in any spelling.
 * @param {ts.SourceFile} file
 * @returns {number[]}
 */
export function findEnvironmentReads(file) {
  /** @type {number[]} */
  const lines = [];
  walk(file, (node) => {
    if (readsEnvironment(node)) lines.push(lineOf(file, node.getStart(file)));
  });
  return lines;
}

/** @param {ts.Node} node */
function readsEnvironment(node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && isProcess(node.expression);
  if (ts.isElementAccessExpression(node)) {
    return (
      ts.isStringLiteralLike(node.argumentExpression) &&
      node.argumentExpression.text === 'env' &&
      isProcess(node.expression)
    );
  }
  if (
    ts.isVariableDeclaration(node) &&
    ts.isObjectBindingPattern(node.name) &&
    node.initializer !== undefined
  ) {
    const takesEnv = node.name.elements.some((e) => (e.propertyName ?? e.name).getText() === 'env');
    return takesEnv && isProcess(node.initializer);
  }
  if (!ts.isImportSpecifier(node) || (node.propertyName ?? node.name).text !== 'env') return false;
  const from = node.parent.parent.parent.moduleSpecifier;
  return ts.isStringLiteral(from) && /^(?:node:)?process$/.test(from.text);
}

/** @param {ts.Expression} expression */
function isProcess(expression) {
  if (ts.isPropertyAccessExpression(expression))
    return expression.name.text === 'process' && isGlobal(expression.expression, 'globalThis');
  if (!ts.isIdentifier(expression) || expression.text !== 'process') return false;
  const scope = bindingScope(expression);
  return scope === undefined || ts.isSourceFile(scope);
}

/**
 * Whether an expression is the global of that name: an identifier in a value position that nothing in scope declares.
 * @param {ts.Node} node
 * @param {string} name
 */
function isGlobal(node, name) {
  return ts.isIdentifier(node) && node.text === name && isValueUse(node) && bindingScope(node) === undefined;
}

/** @param {ts.Identifier} node */
function isValueUse(node) {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent))
    return !('name' in parent) || parent.name !== node;
  if (ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) return parent.name !== node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isImportClause(parent)) return false;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node;
  if (ts.isTypeQueryNode(parent) || ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent))
    return false;
  if (ts.isFunctionDeclaration(parent) || ts.isLabeledStatement(parent) || ts.isEnumMember(parent))
    return false;
  return (
    !ts.isJsxAttribute(parent) && !ts.isTypeParameterDeclaration(parent) && !ts.isNamedTupleMember(parent)
  );
}

/**
 * The innermost scope around an identifier that declares its name.
 * @param {ts.Identifier} identifier
 * @returns {ts.Node | undefined}
 */
function bindingScope(identifier) {
  for (let scope = identifier.parent; scope !== undefined; scope = scope.parent) {
    if (declaresName(scope, identifier.text)) return scope;
    if (ts.isSourceFile(scope)) return undefined;
  }
  return undefined;
}

/**
 * @param {ts.Node} scope
 * @param {string} name
 */
function declaresName(scope, name) {
  if (ts.isFunctionLike(scope)) return scope.parameters.some((parameter) => binds(parameter.name, name));
  if (ts.isCatchClause(scope))
    return scope.variableDeclaration !== undefined && binds(scope.variableDeclaration.name, name);
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) {
    const start = scope.initializer;
    return (
      start !== undefined &&
      ts.isVariableDeclarationList(start) &&
      start.declarations.some((d) => binds(d.name, name))
    );
  }
  if (ts.isBlock(scope) || ts.isSourceFile(scope))
    return scope.statements.some((statement) => statementBinds(statement, name));
  return false;
}

/**
 * @param {ts.Statement} statement
 * @param {string} name
 */
function statementBinds(statement, name) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.some((d) => binds(d.name, name));
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    return statement.name?.text === name;
  if (!ts.isImportDeclaration(statement)) return false;
  const clause = statement.importClause;
  if (clause?.name?.text === name) return true;
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return false;
  return ts.isNamespaceImport(bindings)
    ? bindings.name.text === name
    : bindings.elements.some((e) => e.name.text === name);
}

/**
 * @param {ts.BindingName} binding
 * @param {string} name
 * @returns {boolean}
 */
function binds(binding, name) {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((element) => ts.isBindingElement(element) && binds(element.name, name));
}
