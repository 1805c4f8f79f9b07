import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const skipped = new Set(['node_modules', 'dist', 'coverage']);

/**
 * A digest of everything a web app is made of: its own files, the sources of our packages it depends on (directly or
 * not), the lockfile and the compiler's settings.
 * @param {string} root
 * @param {string} folder relative to the root
 * @returns {string} SHA-256, hexadecimal
 */
export function inputsDigest(root, folder) {
  const hash = createHash('sha256');
  const inputs = [
    ...filesBelow(root, folder),
    ...dependencyFolders(root, folder).flatMap((path) => filesBelow(root, path)),
  ];
  for (const path of [...inputs, 'package-lock.json', 'tsconfig.base.json'].sort()) {
    if (!existsSync(join(root, path))) continue;
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * The digest of the last good build, or `undefined`.
 * @param {string} root
 * @param {string} folder
 */
export function readStamp(root, folder) {
  const path = stampPath(root, folder);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * Remembers a good build. The stamp lies outside `dist`, which is served to browsers.
 * @param {string} root
 * @param {string} folder
 * @param {string} digest
 */
export function writeStamp(root, folder, digest) {
  mkdirSync(dirname(stampPath(root, folder)), { recursive: true });
  writeFileSync(stampPath(root, folder), digest);
}

/**
 * @param {string} root
 * @param {string} folder
 */
function stampPath(root, folder) {
  return join(root, 'node_modules', '.cache', 'latchkey', `${folder.replaceAll('/', '-')}.stamp`);
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(root, path);
    return entry.isFile() && !entry.name.endsWith('.tsbuildinfo') ? [path] : [];
  });
}

/**
 * @param {string} root
 * @param {string} folder
 */
function dependencyFolders(root, folder) {
  const known = ourPackages(root);
  /** @type {Set<string>} */
  const found = new Set();
  const queue = [folder];
  for (const current of queue) {
    for (const name of dependencyNames(root, current)) {
      const path = known.get(name);
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      queue.push(path);
    }
  }
  return [...found];
}

/** @param {string} root */
function ourPackages(root) {
  /** @type {Map<string, string>} */
  const folders = new Map();
  for (const entry of existsSync(join(root, 'packages')) ? readdirSync(join(root, 'packages')) : []) {
    const manifest = join(root, 'packages', entry, 'package.json');
    if (existsSync(manifest))
      folders.set(JSON.parse(readFileSync(manifest, 'utf8')).name, `packages/${entry}`);
  }
  return folders;
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function dependencyNames(root, folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies });
}
