import type { Database } from './open-database.ts';

/** What the API noted under a name. */
export async function findNote(db: Database, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('notes').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

/** Notes a value, in place of the one before. */
export async function putNote(db: Database, name: string, value: string): Promise<void> {
  await db
    .insertInto('notes')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
