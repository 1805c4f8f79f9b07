import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import ts from 'typescript';

/**
 * A package of the workspace. `entries` maps an import specifier (`@latchkey/api/hono`) to its source file.
 * @typedef {{ readonly folder: string, readonly name: string, readonly entries: ReadonlyMap<string, string> }} Workspace
 */

/**
 * The project's own text files by path (relative, with `/`), its packages, and a parser that remembers.
 * @typedef {{
 *   readonly texts: ReadonlyMap<string, string>,
 *   readonly packages: readonly Workspace[],
 *   readonly parse: (path: string) => ts.SourceFile,
 * }} Tree
 */

const skippedFolders = new Set(['node_modules', 'dist', 'coverage', 'artefacts', 'artifacts', 'results']);
const visibleDotFolders = new Set(['.ci', '.github', '.changeset']);
const textExtensions = new Set(
  '.ts .tsx .mts .cts .js .mjs .cjs .jsx .json .md .sql .css .html .sh .yml .yaml .toml .txt'.split(' '),
);
const textNames = new Set(['run', 'Dockerfile', '.npmrc', '.gitignore', '.dockerignore', '.env.example']);
const codePattern = /\.(?:ts|tsx|mts|cts|mjs|js|cjs|jsx)$/;
const testFolderPattern = /^tests\/|\/(?:test-support|fixtures|__fixtures__)\//;
const testPattern = /\.(?:test|test-d|spec)\.[a-z]+$/;

/** @param {string} path */
export const isCode = (path) => codePattern.test(path) && !path.endsWith('.d.ts');

/**
 * A test, or what only tests use: it proves the product and is not shipped.
 * @param {string} path
 */
export const isTest = (path) => testPattern.test(path) || testFolderPattern.test(path);

/**
 * Reads the project's text files from disk, leaving out what is built, downloaded or locked.
 * @param {string} root
 * @returns {Tree}
 */
export function readTree(root) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @param {string} folder */
  const visit = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        const hidden = entry.name.startsWith('.') && !visibleDotFolders.has(entry.name);
        if (!hidden && !skippedFolders.has(entry.name)) visit(path);
      } else if (entry.isFile() && isText(entry.name)) {
        texts.set(path, readFileSync(join(root, path), 'utf8'));
      }
    }
  };
  visit('');
  return createTree(texts);
}

/** @param {string} name */
function isText(name) {
  return name !== 'package-lock.json' && (textExtensions.has(extname(name)) || textNames.has(name));
}

/**
 * A tree out of texts in memory.
 * @param {ReadonlyMap<string, string>} texts
 * @returns {Tree}
 */
export function createTree(texts) {
  /** @type {Map<string, ts.SourceFile>} */
  const parsed = new Map();
  const parse = (/** @type {string} */ path) => {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const text = texts.get(path);
    if (text === undefined) throw new Error(`no such source file: ${path}`);
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
    parsed.set(path, file);
    return file;
  };
  return { texts, packages: findPackages(texts), parse };
}

/**
 * A tree out of an object literal, for the tests of the gates.
 * @param {Record<string, string>} files
 */
export function treeOf(files) {
  return createTree(new Map(Object.entries(files)));
}

/**
 * The code files of a tree, in a stable order.
 * @param {Tree} tree
 * @param {(path: string) => boolean} [wanted]
 */
export function codeFiles(tree, wanted = () => true) {
  return [...tree.texts.keys()].filter((path) => isCode(path) && wanted(path)).sort();
}

/**
 * Line of a position, counted from 1.
 * @param {ts.SourceFile} file
 * @param {number} position
 */
export function lineOf(file, position) {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

/**
 * Calls back on every node below (and including) one.
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} callback
 */
export function walk(node, callback) {
  callback(node);
  node.forEachChild((child) => walk(child, callback));
}

/**
 * @param {ReadonlyMap<string, string>} texts
 * @returns {Workspace[]}
 */
function findPackages(texts) {
  /** @type {Workspace[]} */
  const packages = [];
  for (const [path, text] of texts) {
    if (!path.endsWith('/package.json')) continue;
    const folder = path.slice(0, -'/package.json'.length);
    const manifest = JSON.parse(text);
    if (typeof manifest.name !== 'string') continue;
    packages.push({ folder, name: manifest.name, entries: findEntries(folder, manifest) });
  }
  return packages.sort((a, b) => b.folder.length - a.folder.length);
}

/**
 * @param {string} folder
 * @param {{ name: string, exports?: Record<string, unknown> }} manifest
 */
function findEntries(folder, manifest) {
  /** @type {Map<string, string>} */
  const entries = new Map();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target !== 'object' || target === null || !('@latchkey/source' in target)) continue;
    const source = target['@latchkey/source'];
    if (typeof source !== 'string') continue;
    entries.set(manifest.name + subpath.slice(1), `${folder}/${source.slice(2)}`);
  }
  return entries;
}
