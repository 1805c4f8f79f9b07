import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FolderNotWritable } from './engine.ts';

const BALLAST_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

function ballastPath(dataDir: string): string {
  return join(dataDir, 'latchkey.ballast');
}

/** What to do when the volume of the data folder is full. */
export function ballastAdvice(dataDir: string): string {
  return `Delete ${ballastPath(dataDir)} (16 MB kept for this) to start again, then free more space.`;
}

/** True when the volume of the folder has no room for another piece of PostgreSQL's log (16 MB). */
export async function isVolumeFull(dataDir: string): Promise<boolean> {
  const volume = await statfs(dataDir);
  return volume.bavail * volume.bsize < BALLAST_BYTES;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function explain(dataDir: string, error: unknown): FolderNotWritable {
  const code = codeOf(error);
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    const message = `${dataDir} is not a folder. Name a folder, or a path where one can be created.`;
    return new FolderNotWritable(message, { cause: error });
  }
  if (code === 'EROFS') {
    const message = `The data folder ${dataDir} is on a read-only file system. Mount it writable or choose another.`;
    return new FolderNotWritable(message, { cause: error });
  }
  const message = `The data folder ${dataDir} cannot be written (${code ?? 'unknown error'}). Give this user read, write and search permission on it, or choose another folder.`;
  return new FolderNotWritable(message, { cause: error });
}

// Node's own `recursive` never ends where the system answers ENOENT below an existing folder, as /proc does.
async function makeFolder(folder: string, missing: 'make-parent' | 'fail' = 'make-parent'): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && missing === 'make-parent' && dirname(folder) !== folder) {
      await makeFolder(dirname(folder));
      return makeFolder(folder, 'fail');
    }
    const present = await stat(folder).catch(() => undefined);
    if (present?.isDirectory() !== true) throw error;
  }
}

/** Makes sure that the folder exists (created with mode 0700) and can be written; else throws FolderNotWritable. */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir);
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explain(dataDir, error);
  }
}

/**
 * Keeps 16 MB in the folder that an operator can delete when the volume is full, since PostgreSQL needs some space to
 * start. Does nothing when it is there, or when there is no room for it now.
 */
export async function ensureBallast(dataDir: string): Promise<void> {
  const path = ballastPath(dataDir);
  const present = await stat(path).catch(() => undefined);
  if (present !== undefined && present.size >= BALLAST_BYTES) return;
  const draft = `${path}.new`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      // Random, so that a file system that compresses or skips zeros sets the space aside as well.
      for (let written = 0; written < BALLAST_BYTES; written += CHUNK_BYTES)
        await file.write(randomBytes(CHUNK_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    if (codeOf(error) !== 'ENOSPC' && codeOf(error) !== 'EDQUOT') throw explain(dataDir, error);
  }
}
