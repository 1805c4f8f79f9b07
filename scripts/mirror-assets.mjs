import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const sourcePattern = /\.(?:ts|tsx|mts|cts)$/;
const outputPattern = /^(.*?)\.(?:d\.ts|js|d\.mts|mjs)(?:\.map)?$/;
const testFolderPattern = /(?:^|\/)__(?:fixtures|snapshots)__(?:\/|$)/;

/**
 * Makes `dist` follow `src` in what the compiler does not do: copies every file of `src` that is no TypeScript and no
 * test's, and removes from `dist` what has no source any more (a migration that was renamed would run twice, a module
 * that was moved would be imported still). Folders of `dist` without a twin in `src` belong to somebody else.
 * @param {readonly string[]} projectFolders absolute
 * @returns {string} what was done, for the log
 */
export function mirrorAssets(projectFolders) {
  const counts = { copied: 0, removed: 0 };
  for (const folder of projectFolders) if (existsSync(join(folder, 'src'))) mirrorFolder(folder, '', counts);
  if (counts.copied + counts.removed === 0) return 'are up to date';
  return `${counts.copied} copied, ${counts.removed} stale files removed`;
}

/**
 * @param {string} project
 * @param {string} inner folder inside `src` and `dist`
 * @param {{ copied: number, removed: number }} counts
 */
function mirrorFolder(project, inner, counts) {
  const source = join(project, 'src', inner);
  const entries = readdirSync(source, { withFileTypes: true });
  for (const entry of entries) {
    const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
    if (testFolderPattern.test(path)) continue;
    if (entry.isDirectory()) mirrorFolder(project, path, counts);
    else if (
      entry.isFile() &&
      isAsset(entry.name) &&
      copyIfChanged(join(project, 'src', path), join(project, 'dist', path))
    )
      counts.copied += 1;
  }
  counts.removed += removeStale(join(project, 'dist', inner), new Set(entries.map((entry) => entry.name)));
}

/** @param {string} name */
function isAsset(name) {
  return !sourcePattern.test(name) && !/\.test\.\w+$/.test(name) && !name.startsWith('.');
}

/**
 * @param {string} from
 * @param {string} to
 */
function copyIfChanged(from, to) {
  if (existsSync(to) && readFileSync(from).equals(readFileSync(to))) return false;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  return true;
}

/**
 * @param {string} folder in `dist`
 * @param {ReadonlySet<string>} sourceNames
 */
function removeStale(folder, sourceNames) {
  if (!existsSync(folder)) return 0;
  let removed = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.') || entry.name.endsWith('.tsbuildinfo')) continue;
    if (hasSource(entry.name, sourceNames)) continue;
    rmSync(join(folder, entry.name));
    removed += 1;
  }
  return removed;
}

/**
 * @param {string} name
 * @param {ReadonlySet<string>} sourceNames
 */
function hasSource(name, sourceNames) {
  if (sourceNames.has(name)) return true;
  const stem = outputPattern.exec(name)?.[1];
  return (
    stem !== undefined && ['ts', 'tsx', 'mts', 'cts'].some((ending) => sourceNames.has(`${stem}.${ending}`))
  );
}
