import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, extract } from 'tar';
import { z } from 'zod';
import { ConfigurationProblem } from './configuration.ts';

const manifestName = 'latchkey-backup.json';

const manifest = z.object({
  format: z.literal(1),
  createdAt: z.string(),
  /** SHA-256 of each file of the database, by its path below `postgres`. */
  files: z.record(z.string(), z.string()),
});

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function hashFiles(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(folder.length + 1)] = await sha256Of(path);
  }
  return files;
}

/** Packs the `postgres` folder in `folder` into one compressed file, with the SHA-256 of everything in it. */
export async function packBackup(folder: string, file: string, createdAt: string): Promise<void> {
  const files = await hashFiles(join(folder, 'postgres'));
  await writeFile(join(folder, manifestName), JSON.stringify({ format: 1, createdAt, files }));
  await create({ gzip: { level: 3 }, file, cwd: folder, portable: true, mode: 0o600 }, [
    manifestName,
    'postgres',
  ]);
}

/** What a file begins with: a folder of the embedded engine, a dump of PostgreSQL, or neither. */
export async function kindOfBackup(file: string): Promise<'embedded' | 'postgres' | 'unknown'> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new ConfigurationProblem(`${file} cannot be read.`, { cause });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(5), 0, 5, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.toString('latin1') === 'PGDMP') return 'postgres';
    return head[0] === 0x1f && head[1] === 0x8b ? 'embedded' : 'unknown';
  } finally {
    await handle.close();
  }
}

function damaged(file: string, detail: string, cause?: unknown): ConfigurationProblem {
  return new ConfigurationProblem(
    `The backup ${file} is damaged: ${detail}. Nothing was changed; restore another backup.`,
    { cause },
  );
}

/** Unpacks a backup of the embedded engine into an empty folder and compares every file with its SHA-256. */
export async function unpackBackup(file: string, folder: string): Promise<{ readonly createdAt: string }> {
  try {
    await extract({ file, cwd: folder, strict: true, preserveOwner: false });
  } catch (cause) {
    throw damaged(file, 'it cannot be unpacked to its end', cause);
  }
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => 'null');
  const parsed = manifest.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new ConfigurationProblem(
      `${file} is no backup that \`latchkey backup\` made of an embedded database.`,
    );
  const found = await hashFiles(join(folder, 'postgres'));
  const { files, createdAt } = parsed.data;
  for (const [path, sha256] of Object.entries(files))
    if (found[path] !== sha256) throw damaged(file, `${path} is not what was backed up`);
  return { createdAt };
}
