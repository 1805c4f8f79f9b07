import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandProblem } from '../exit-codes.ts';
import { type Manifest, type MergedPackage, mergePackage } from './merge-package.ts';

/** A file to write. */
export interface PlannedFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly text: string;
  /** `merge`: it was there, and what was in it stays. */
  readonly how: 'new' | 'merge' | 'overwrite';
}

/** What writing a starter into a folder comes to. */
export interface FilePlan {
  readonly files: readonly PlannedFile[];
  /** Files that are there with another content; empty with `force`. */
  readonly clashes: readonly string[];
  readonly packageJson: Pick<MergedPackage, 'added' | 'kept'> | undefined;
}

/** Tells what is in a file; undefined when there is none. */
export type ReadExisting = (path: string) => string | undefined;

/**
 * Plans which files to write. An existing package.json gets what is missing in it, a .gitignore the missing lines; any other
 * file that is there with another content is a clash, unless `ifThere` says to overwrite it.
 */
export function planFiles(
  files: Readonly<Record<string, string>>,
  manifest: Manifest,
  read: ReadExisting,
  ifThere: 'clash' | 'overwrite',
): FilePlan {
  const planned: PlannedFile[] = [];
  const clashes: string[] = [];
  let packageJson: FilePlan['packageJson'];
  for (const [path, text] of Object.entries(files)) {
    const existing = read(path);
    if (existing === undefined)
      planned.push({ path, text: path === 'package.json' ? print(manifest) : text, how: 'new' });
    else if (path === 'package.json') {
      const merged = mergePackage(existing, manifest);
      packageJson = merged;
      if (merged.added.length > 0) planned.push({ path, text: merged.text, how: 'merge' });
    } else if (path === '.gitignore') {
      const merged = mergeLines(existing, text);
      if (merged !== existing) planned.push({ path, text: merged, how: 'merge' });
    } else if (existing === text) continue;
    else if (ifThere === 'overwrite') planned.push({ path, text, how: 'overwrite' });
    else clashes.push(path);
  }
  return { files: planned, clashes, packageJson };
}

function print(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function mergeLines(existing: string, wanted: string): string {
  const known = new Set(existing.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, '')));
  const missing = wanted
    .split('\n')
    .filter((line) => line !== '' && !known.has(line.replace(/^\/|\/$/g, '')));
  if (missing.length === 0) return existing;
  return `${existing.replace(/\n*$/, existing === '' ? '' : '\n')}${missing.join('\n')}\n`;
}

/**
 * Reads what is in a folder, which need not be there. Throws `CommandProblem` when a file stands where a folder is needed, or a
 * folder where a file is.
 */
export function readFrom(folder: string): ReadExisting {
  return (path) => {
    for (let parent = dirname(join(folder, path)); parent.length >= folder.length; parent = dirname(parent)) {
      if (existsSync(parent) && !statSync(parent).isDirectory())
        throw new CommandProblem(
          'conflict',
          `${parent} is a file, but a folder is needed there. Choose another folder.`,
        );
    }
    const place = join(folder, path);
    if (!existsSync(place)) return undefined;
    if (statSync(place).isFile()) return readFileSync(place, 'utf8');
    throw new CommandProblem('conflict', `${place} is no file. Choose another folder.`);
  };
}

/** Throws `CommandProblem` when nothing can be written into a folder, or the folder cannot be made. */
export function requireWritable(folder: string): void {
  let place = folder;
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
  } catch (cause) {
    throw new CommandProblem('conflict', `${place} cannot be written to. Choose another folder.`, { cause });
  }
}

/**
 * Writes what was planned. A file that appeared since then is not overwritten. Those that `isSecret` names can be read by their
 * owner alone.
 */
export function writeFiles(
  folder: string,
  files: readonly PlannedFile[],
  isSecret: (path: string) => boolean,
): void {
  for (const { path, text, how } of files) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    const flag = how === 'new' ? 'wx' : 'w';
    if (!isSecret(path)) writeFileSync(place, text, { flag });
    else {
      writeFileSync(place, text, { flag, mode: 0o600 });
      // The mode above is for new files only.
      chmodSync(place, 0o600);
    }
  }
}
