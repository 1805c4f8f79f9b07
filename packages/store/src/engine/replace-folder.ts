import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDataFolder } from './data-folder.ts';
import { forgetFiles } from './folder-check.ts';
import { lockFolder } from './folder-lock.ts';
import { syncTree } from './sync-tree.ts';

const draftName = 'restore.new';
const readyName = 'postgres.restored';
const keptName = 'postgres.before-restore';

/** Finishes a replacement that died between its two renames. The folder must be locked. */
export async function finishReplacement(dataDir: string): Promise<void> {
  const place = join(dataDir, 'postgres');
  const ready = join(dataDir, readyName);
  if (!existsSync(ready) || existsSync(place)) return;
  await rename(ready, place);
  syncTree(dataDir, 'this-folder-only');
}

/**
 * Replaces the database in a data folder by one that `fill` makes in the data folder it is given (its `postgres` folder). The
 * replaced one is kept beside it; resolves to where, if there was one. Until `fill` has resolved nothing is changed. Rejects
 * with FolderInUse while a server runs on the folder.
 */
export async function replaceDatabaseFolder(
  dataDir: string,
  fill: (draftDir: string) => Promise<void>,
): Promise<string | undefined> {
  await prepareDataFolder(dataDir);
  const lock = await lockFolder(dataDir);
  const draft = join(dataDir, draftName);
  const place = join(dataDir, 'postgres');
  const ready = join(dataDir, readyName);
  const kept = join(dataDir, keptName);
  try {
    for (const old of [draft, ready]) await rm(old, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await fill(draft);
    syncTree(join(draft, 'postgres'));
    await rename(join(draft, 'postgres'), ready);
    await forgetFiles(place);
    const isReplacing = existsSync(place);
    if (isReplacing) {
      await rm(kept, { recursive: true, force: true });
      await rename(place, kept);
    }
    await rename(ready, place);
    syncTree(dataDir, 'this-folder-only');
    return isReplacing ? kept : undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await lock.release();
  }
}
