import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { DatabaseError } from 'pg';
import { settleForeignEvents } from './database-identity.ts';
import type { Engine } from './engine/engine.ts';
import type { Tables } from './tables.ts';

/** The schema cannot be brought up to date; the message says what to do. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem';
}

/** A migration as it stands in the product. */
interface Migration {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const folder = new URL('./migrations/', import.meta.url);

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^[0-9]{4}-[a-z0-9-]+\.sql$/.test(name)).sort();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

async function appliedMigrations(db: Kysely<Tables>): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{
    name: string;
    sha256: string;
  }>`select name, sha256 from schema_migrations order by name`.execute(db);
  return new Map(rows.map((row) => [row.name, row.sha256]));
}

function checkHistory(known: readonly Migration[], applied: ReadonlyMap<string, string>): void {
  for (const [name, sha256] of applied) {
    const migration = known.find((candidate) => candidate.name === name);
    // A newer version of the product may have migrated already; old and new run side by side while nodes are replaced.
    if (migration !== undefined && migration.sha256 !== sha256) {
      throw new SchemaProblem(
        `The migration ${name} was applied with another text than this version has. Start the version that applied it, or a newer one.`,
      );
    }
  }
}

/** What the database is and what its schema still lacks. */
export interface SchemaState {
  /** Of PostgreSQL. */
  readonly version: string;
  /** Names of migrations of this version of the product that were not applied yet. */
  readonly pending: readonly string[];
  /** Whether the user may create tables where they belong. */
  readonly mayCreate: boolean;
  readonly mode: 'writable' | 'read-only';
}

/** Looks at the database without changing it. */
export async function inspectSchema(db: Kysely<Tables>): Promise<SchemaState> {
  const { rows } = await sql<{
    version: string;
    isBegun: boolean;
    mayCreate: boolean | null;
    isReadOnly: boolean;
  }>`select current_setting('server_version') as version,
    has_schema_privilege(current_schema(), 'create') as may_create,
    pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as is_read_only,
    to_regclass('schema_migrations') is not null as is_begun`.execute(db);
  const [found] = rows;
  const applied = found?.isBegun === true ? await appliedMigrations(db) : new Map<string, string>();
  const known = await readMigrations();
  return {
    version: found?.version ?? '',
    pending: known.map(({ name }) => name).filter((name) => !applied.has(name)),
    mayCreate: found?.mayCreate === true,
    mode: found?.isReadOnly === true ? 'read-only' : 'writable',
  };
}

/** What an operator does about a statement of a migration that the database refused. */
async function explainRefusal(db: Kysely<Tables>, name: string, error: unknown): Promise<unknown> {
  if (!(error instanceof DatabaseError)) return error;
  const because = `The database said: ${error.message}.`;
  if (error.code !== '42501' && error.code !== '3F000')
    return new SchemaProblem(
      `The migration ${name} failed, and nothing of it was kept. ${because} Resolve that, then start again.`,
      { cause: error },
    );
  const { rows } = await sql<{
    user: string;
    schema: string | null;
    database: string;
  }>`select quote_ident(current_user) as user, quote_ident(current_schema()) as schema, quote_ident(current_database()) as database`.execute(
    db,
  );
  const { user = 'latchkey', schema, database = 'latchkey' } = rows[0] ?? {};
  const remedy =
    schema == null
      ? `create schema ${user} authorization ${user};`
      : `grant create, usage on schema ${schema} to ${user};`;
  return new SchemaProblem(
    `The database user ${user} may not create tables in the database ${database}. ${because} As its owner run: ${remedy} (or make the user the owner: alter database ${database} owner to ${user};).`,
    { cause: error },
  );
}

/**
 * Brings the schema up to date. Several processes may start at once: one migrates, the others wait for it.
 * Resolves to the names of the migrations applied now. Rejects with `SchemaProblem` when the database refuses one.
 */
export async function migrate(engine: Engine, db: Kysely<Tables>): Promise<readonly string[]> {
  const known = await readMigrations();
  return await engine.withAdvisoryLock('latchkey-migrations', async () => {
    const run = (name: string, text: string): Promise<void> =>
      engine.runScript(text).catch(async (error: unknown) => {
        throw await explainRefusal(db, name, error);
      });
    await run(
      'of the table of migrations',
      'create table if not exists schema_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
    );
    const applied = await appliedMigrations(db);
    checkHistory(known, applied);
    const due = known.filter((migration) => !applied.has(migration.name));
    for (const migration of due) {
      const record = `insert into schema_migrations (name, sha256) values ('${migration.name}', '${migration.sha256}');`;
      await run(migration.name, `${migration.text}\n${record}`);
    }
    await settleForeignEvents(engine, db);
    return due.map((migration) => migration.name);
  });
}
