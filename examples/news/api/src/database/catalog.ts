import { sql } from 'kysely';
import type { Source, Topic } from '../contract.ts';
import type { Database } from './open-database.ts';

/** The two lists by which articles are sorted. */
export type CatalogTable = 'topics' | 'sources';

/** All topics or sources, in the order of the content. */
export async function listCatalog(db: Database, table: CatalogTable): Promise<(Topic | Source)[]> {
  return await db
    .selectFrom(table)
    .select(['key', 'name', 'description'])
    .orderBy('position')
    .orderBy('key')
    .execute();
}

/** Which of these keys do not exist. */
export async function findUnknownKeys(
  db: Database,
  table: CatalogTable,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db
    .selectFrom(table)
    .select('key')
    .where('key', 'in', [...keys])
    .execute();
  const known = new Set(rows.map(({ key }) => key));
  return new Set(keys.filter((key) => !known.has(key)));
}

/** Adds entries, or gives those that exist these names and descriptions. */
export async function putCatalog(
  db: Database,
  table: CatalogTable,
  entries: readonly (Topic | Source)[],
): Promise<void> {
  if (entries.length === 0) return;
  await db
    .insertInto(table)
    .values(entries.map((entry, position) => ({ ...entry, position })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        name: sql<string>`excluded.name`,
        description: sql<string>`excluded.description`,
        position: sql<number>`excluded.position`,
      }),
    )
    .execute();
}
