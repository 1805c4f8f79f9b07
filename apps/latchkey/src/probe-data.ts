import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createStore,
  type DamagedFile,
  findDamagedPages,
  findMissingFiles,
  findRelationOfFile,
  findUnreadableTables,
  isFolderHeld,
  openPglite,
  type Store,
} from '@latchkey/store';
import type { DatabaseConfiguration } from './configuration.ts';
import type { Finding } from './doctor-findings.ts';

const restoreAdvice =
  'Restore a backup: latchkey restore FILE. The damaged database is kept beside it, in postgres.before-restore.';
// Reading a large table takes its time.
const statementTimeoutMs = 600_000;

function broken(check: string, detail: string): Finding {
  return { check, outcome: 'broken', detail, fix: restoreAdvice };
}

async function withFolder<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = createStore(await openPglite({ dataDir, durable: 'fsync', statementTimeoutMs }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Names the tables that damaged files belong to, as far as the catalog can still be read. */
async function nameTables(dataDir: string, damage: readonly DamagedFile[]): Promise<readonly string[]> {
  const plain = damage.map(({ file, detail }) => `${file} ${detail}`);
  try {
    return await withFolder(dataDir, ({ db }) =>
      Promise.all(
        damage.map(async ({ file, detail }) => {
          const name = await findRelationOfFile(db, file);
          return name === undefined ? `${file} ${detail}` : `${file} (${name}) ${detail}`;
        }),
      ),
    );
  } catch {
    return plain;
  }
}

/** Reads everything in the embedded database: files, checksums of all pages, all rows and primary keys. */
export async function probeData(database: DatabaseConfiguration): Promise<readonly Finding[]> {
  const check = 'data';
  if (database.kind === 'postgres')
    return [
      {
        ...{
          check,
          outcome: 'warning',
          detail: 'The files of a PostgreSQL server are not looked at from here.',
        },
        fix: 'Use its own programs: pg_checksums --check, pg_amcheck.',
      },
    ];
  const { dataDir } = database;
  const postgresDir = join(dataDir, 'postgres');
  if (!existsSync(postgresDir)) return [{ check, outcome: 'good', detail: `${dataDir} has no data yet.` }];
  if (await isFolderHeld(dataDir))
    return [
      {
        ...{ check, outcome: 'warning', detail: `A running server holds ${dataDir}, so its files change.` },
        fix: 'Stop the server first, or restore a backup into another folder and look at that.',
      },
    ];
  const missing = await findMissingFiles(postgresDir);
  if (missing.length > 0)
    return missing.map(({ file, detail }) => broken('files', `${join(postgresDir, file)} ${detail}.`));
  const { damage, pages } = await findDamagedPages(postgresDir);
  if (damage.length > 0)
    return (await nameTables(dataDir, damage)).map((text) => broken('pages', `${join(postgresDir, text)}.`));
  const unreadable = await withFolder(dataDir, ({ db }) => findUnreadableTables(db));
  if (unreadable.length > 0)
    return unreadable.map(({ table, detail }) => broken('tables', `The table ${table}: ${detail}.`));
  return [
    { check: 'pages', outcome: 'good', detail: `The checksums of all ${pages} pages are right.` },
    {
      check: 'tables',
      outcome: 'good',
      detail: 'Every row can be read, along the tables and their primary keys.',
    },
  ];
}
