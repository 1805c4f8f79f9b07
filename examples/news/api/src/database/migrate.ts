import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

const folder = new URL('./migrations/', import.meta.url);

// Any number works, as long as nothing else in the database takes the same one.
const LOCK = 7_302_511;

/**
 * Brings the schema up to date, in one transaction and in the order of the file names. Several processes may start at
 * once: one migrates, the others wait. Rejects when a migration that was applied has been changed since.
 */
export async function migrate(
  db: Kysely<Tables>,
  runScript: (db: Kysely<Tables>, text: string) => Promise<void>,
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort();
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction);
    await sql`create table if not exists schema_migrations (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`.execute(
      transaction,
    );
    const { rows } = await sql<{
      name: string;
      sha256: string;
    }>`select name, sha256 from schema_migrations`.execute(transaction);
    const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
    for (const name of names) {
      const text = await readFile(new URL(name, folder), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      const known = applied.get(name);
      if (known === sha256) continue;
      if (known !== undefined)
        throw new Error(`The migration ${name} was changed after it had been applied.`);
      await runScript(transaction, text);
      await sql`insert into schema_migrations (name, sha256) values (${name}, ${sha256})`.execute(
        transaction,
      );
    }
  });
}
