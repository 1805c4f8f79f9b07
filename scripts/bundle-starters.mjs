import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What tools leave behind in a starter's folder. */
const leftovers = new Set([
  'node_modules',
  'dist',
  '.angular',
  '.next',
  '.svelte-kit',
  'next-env.d.ts',
  'package-lock.json',
  'api-key.json',
  '.env.local',
]);

/**
 * Gathers the folders of `examples/starters` in one file of the command line's package, for `latchkey init`: npm would leave
 * `.gitignore` files out of a package and treat nested manifests specially.
 * @param {string} root
 * @returns {string} what was done, for the log
 */
export function bundleStarters(root) {
  const source = join(root, 'examples', 'starters');
  const names = readdirSync(source).filter((name) => existsSync(join(source, name, 'starter.json')));
  const starters = names.sort().map((name) => ({
    name,
    ...JSON.parse(readFileSync(join(source, name, 'starter.json'), 'utf8')),
    files: Object.fromEntries(
      filesIn(join(source, name), '')
        .filter((path) => path !== 'starter.json')
        .map((path) => [path, readFileSync(join(source, name, path), 'utf8')]),
    ),
  }));
  const target = join(root, 'apps', 'latchkey', 'dist', 'starters', 'starters.json');
  const text = `${JSON.stringify(starters, null, 1)}\n`;
  if (existsSync(target) && readFileSync(target, 'utf8') === text) return 'are up to date';
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  return `${names.length} bundled`;
}

/**
 * @param {string} folder
 * @param {string} inner
 * @returns {string[]} paths relative to `folder`
 */
function filesIn(folder, inner) {
  return readdirSync(join(folder, inner), { withFileTypes: true })
    .filter((entry) => !leftovers.has(entry.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
      return entry.isDirectory() ? filesIn(folder, path) : [path];
    });
}
