import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DatabaseLocation } from '../config.ts';
import { holdFolder } from './hold-folder.ts';
import { migrate } from './migrate.ts';
import { createPgliteDialect } from './pglite-dialect.ts';
import type { Tables } from './tables.ts';

/** The news database. */
export type Database = Kysely<Tables>;

/** An open database; `close` ends it. */
export interface OpenDatabase {
  readonly db: Database;
  close(): Promise<void>;
}

const INT8 = 20;
const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Opens the database and brings its schema up to date. A folder is opened by one process at a time; `onRequest` answers
 * what other processes ask its holder (`askHolder`). Rejects with `FolderInUse` when another process has the folder.
 */
export async function openDatabase(
  location: DatabaseLocation,
  onRequest?: (request: unknown) => Promise<unknown>,
): Promise<OpenDatabase> {
  switch (location.kind) {
    case 'postgresql':
      return await migrated(openPool(location.url, location.statementTimeoutMs), async () => undefined);
    case 'memory':
      return await migrated(createPgliteDialect(new PGlite()), async () => undefined);
    case 'folder': {
      const folder = resolve(location.folder);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const hold = await holdFolder(folder, onRequest);
      try {
        return await migrated(createPgliteDialect(new PGlite(join(folder, 'postgres'))), hold.release);
      } catch (error) {
        await hold.release();
        throw error;
      }
    }
  }
}

async function migrated(
  dialect: ConstructorParameters<typeof Kysely>[0]['dialect'],
  release: () => Promise<void>,
): Promise<OpenDatabase> {
  const db = new Kysely<Tables>({ dialect });
  const close = async () => {
    await db.destroy();
    await release();
  };
  try {
    await migrate(db, runScript);
    return { db, close };
  } catch (error) {
    await close();
    throw error;
  }
}

// Neither engine takes several statements with parameters, so a script goes statement by statement.
async function runScript(db: Database, text: string): Promise<void> {
  for (const statement of text.split(/;\s*$/m)) {
    if (statement.trim() !== '') await db.executeQuery(CompiledQuery.raw(statement));
  }
}

function openPool(url: string, statementTimeoutMs = STATEMENT_TIMEOUT_MS): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    statement_timeout: statementTimeoutMs,
    // IDs stay far below 2^53.
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', (error) => console.error(`The news database closed a connection: ${error.message}`));
  return new PostgresDialect({ pool });
}
