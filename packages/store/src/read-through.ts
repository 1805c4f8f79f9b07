import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** A table that cannot be read to its end. */
export interface UnreadableTable {
  readonly table: string;
  readonly detail: string;
}

interface PrimaryKey {
  readonly table: string;
  readonly columns: string[];
}

async function listPrimaryKeys(db: Kysely<Tables>): Promise<readonly PrimaryKey[]> {
  const { rows } = await sql<PrimaryKey>`
    select c.relname as table, array(select a.attname::text from unnest(i.indkey) with ordinality k (attnum, place)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum order by k.place) as columns
    from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by c.relname`.execute(db);
  return rows;
}

async function countBothWays(db: Kysely<Tables>, { table, columns }: PrimaryKey): Promise<readonly number[]> {
  const order = sql.join(columns.map((column) => sql.ref(column)));
  return await db.transaction().execute(async (trx) => {
    const counts: number[] = [];
    for (const way of ['enable_indexscan', 'enable_seqscan']) {
      // Once along the table and once along its primary key, every column with what lies outside of the row.
      await sql`set local enable_bitmapscan = off`.execute(trx);
      await sql`set local enable_sort = ${sql.lit(way === 'enable_indexscan' ? 'on' : 'off')}`.execute(trx);
      await sql`set local enable_indexscan = ${sql.lit(way === 'enable_indexscan' ? 'off' : 'on')}`.execute(
        trx,
      );
      await sql`set local enable_seqscan = ${sql.lit(way === 'enable_seqscan' ? 'off' : 'on')}`.execute(trx);
      // Its text differs by the way: a prepared statement would keep the plan it was given first.
      const { rows } = await sql<{ count: number }>`
        select ${sql.lit(way)} as avoided, count(t::text)::int as count from (select * from ${sql.table(table)} order by ${order}) t`.execute(
        trx,
      );
      counts.push(rows[0]?.count ?? 0);
    }
    return counts;
  });
}

/** Reads every row of every table, along the table and along its primary key, and compares how many there are. */
export async function findUnreadableTables(db: Kysely<Tables>): Promise<readonly UnreadableTable[]> {
  const found: UnreadableTable[] = [];
  for (const key of await listPrimaryKeys(db)) {
    try {
      const [rows = 0, entries = 0] = await countBothWays(db, key);
      if (rows !== entries)
        found.push({ table: key.table, detail: `has ${rows} rows, and ${entries} by its primary key` });
    } catch (error) {
      found.push({ table: key.table, detail: error instanceof Error ? error.message : String(error) });
    }
  }
  return found;
}

/** The name of the table or index that is kept in a file such as `base/5/16394.1`; `undefined` for none. */
export async function findRelationOfFile(db: Kysely<Tables>, file: string): Promise<string | undefined> {
  const [, node] = /\/(\d+)[^/]*$/.exec(file) ?? [];
  if (node === undefined) return undefined;
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where pg_relation_filenode(oid) = ${Number(node)}::bigint::oid`.execute(
    db,
  );
  return rows[0]?.name;
}
