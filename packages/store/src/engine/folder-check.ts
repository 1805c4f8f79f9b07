import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FolderDamaged } from './engine.ts';
import { pageBytes, pageChecksum, storedChecksum } from './page-checksum.ts';
import { syncTree } from './sync-tree.ts';

const listName = 'latchkey.files';
const blocksPerSegment = 131_072;

/** A file of the database that is not what it must be. */
export interface DamagedFile {
  /** Below the folder of the database, such as `base/5/16394`. */
  readonly file: string;
  readonly detail: string;
}

async function filesOf(folder: string): Promise<ReadonlyMap<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, number>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), (await stat(path)).size);
  }
  return files;
}

/** Notes the files of a database that was shut down in order, with their sizes, so that the next start can compare. */
export async function noteFiles(postgresDir: string): Promise<void> {
  const path = join(dirname(postgresDir), listName);
  const files = Object.fromEntries(await filesOf(postgresDir));
  await writeFile(`${path}.new`, JSON.stringify(files), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

/** Forgets the note: from now on files change. */
export async function forgetFiles(postgresDir: string): Promise<void> {
  await rm(join(dirname(postgresDir), listName), { force: true });
  syncTree(dirname(postgresDir), 'this-folder-only');
}

// Files without which PostgreSQL does not start, with their sizes where those never change.
const neededFiles: Readonly<Record<string, number | undefined>> = {
  PG_VERSION: undefined,
  'postgresql.conf': undefined,
  'global/pg_control': 8192,
  'global/pg_filenode.map': 512,
  'pg_xact/0000': undefined,
};

function missingOf(files: ReadonlyMap<string, number>): DamagedFile[] {
  const damage: DamagedFile[] = [];
  for (const [file, size] of Object.entries(neededFiles)) {
    const found = files.get(file);
    if (found === undefined) damage.push({ file, detail: 'is missing' });
    else if (found === 0 || (size !== undefined && found < size))
      damage.push({ file, detail: `has ${found} bytes${size === undefined ? '' : ` instead of ${size}`}` });
  }
  if (![...files].some(([file]) => /^pg_wal\/[0-9A-F]{24}$/.test(file)))
    damage.push({ file: 'pg_wal', detail: 'holds no write-ahead log' });
  return damage;
}

function parseNote(text: string): readonly (readonly [string, number])[] {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([file, size]) => (typeof size === 'number' ? [[file, size]] : []));
}

async function comparedWithNote(
  postgresDir: string,
  files: ReadonlyMap<string, number>,
): Promise<DamagedFile[]> {
  const text = await readFile(join(dirname(postgresDir), listName), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const damage: DamagedFile[] = [];
  for (const [file, size] of parseNote(text)) {
    const found = files.get(file);
    if (found === undefined) damage.push({ file, detail: 'is missing' });
    else if (found !== size)
      damage.push({ file, detail: `has ${found} bytes; when the server stopped it had ${size}` });
  }
  return damage;
}

/** What is missing or has another size than at the last orderly stop. Reads no contents, so it takes milliseconds. */
export async function findMissingFiles(postgresDir: string): Promise<readonly DamagedFile[]> {
  const files = await filesOf(postgresDir);
  const compared = await comparedWithNote(postgresDir, files);
  const known = new Set(compared.map(({ file }) => file));
  return [...compared, ...missingOf(files).filter(({ file }) => !known.has(file))];
}

/** Throws FolderDamaged when files of the database are missing or cut off. A folder without a database passes. */
export async function refuseDamagedFolder(postgresDir: string): Promise<void> {
  if (!existsSync(postgresDir)) return;
  const damage = await findMissingFiles(postgresDir);
  if (damage.length > 0) throw new FolderDamaged(dirname(postgresDir), describeDamage(damage));
}

/** Damaged files in a clause, the first three by name. */
export function describeDamage(damage: readonly DamagedFile[]): string {
  const named = damage.slice(0, 3).map(({ file, detail }) => `${file} ${detail}`);
  return damage.length > 3 ? `${named.join(', ')}, and ${damage.length - 3} more` : named.join(', ');
}

async function damagedPagesOf(postgresDir: string, file: string, firstBlock: number): Promise<DamagedFile[]> {
  const handle = await open(join(postgresDir, file), 'r');
  const wrong: number[] = [];
  let block = firstBlock;
  try {
    const buffer = Buffer.alloc(pageBytes * 64);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      for (let at = 0; at + pageBytes <= bytesRead; at += pageBytes, block += 1) {
        const page = buffer.subarray(at, at + pageBytes);
        // A page that was never used is all zero (pd_upper of its header is 0).
        const isNew = page.readUInt16LE(14) === 0 && page.every((byte) => byte === 0);
        if (!isNew && storedChecksum(page) !== pageChecksum(page, block)) wrong.push(block);
      }
      if (bytesRead % pageBytes !== 0) return [{ file, detail: 'ends in the middle of a page' }];
    }
  } finally {
    await handle.close();
  }
  if (wrong.length === 0) return [];
  const pages = wrong.slice(0, 3).join(', ') + (wrong.length > 3 ? ', …' : '');
  return [{ file, detail: `has ${wrong.length} pages with a wrong checksum (${pages})` }];
}

/**
 * Reads every page of every table and index and compares its checksum. The database must not be running. Resolves to the damaged
 * files and how many pages were read.
 */
export async function findDamagedPages(
  postgresDir: string,
): Promise<{ readonly damage: readonly DamagedFile[]; readonly pages: number }> {
  const damage: DamagedFile[] = [];
  let pages = 0;
  for (const [file, size] of await filesOf(postgresDir)) {
    const relation = /^(?:base\/\d+|global)\/\d+(?:_(?:fsm|vm|init))?(?:\.(\d+))?$/.exec(file);
    if (relation === null) continue;
    damage.push(...(await damagedPagesOf(postgresDir, file, Number(relation[1] ?? 0) * blocksPerSegment)));
    pages += Math.floor(size / pageBytes);
  }
  return { damage, pages };
}
