import { sql } from 'kysely';
import type { Preferences, PreferencesInput } from '../contract.ts';
import type { Database } from './open-database.ts';
import type { Stance } from './tables.ts';

/** An account of an issuer: what names a reader here. */
export interface Account {
  readonly issuer: string;
  readonly subject: string;
}

/** The reader of an account, by ID; an account that has stored nothing here has none. */
export async function findReaderId(db: Database, account: Account): Promise<number | undefined> {
  const row = await db
    .selectFrom('readers')
    .select('id')
    .where('issuer', '=', account.issuer)
    .where('subject', '=', account.subject)
    .executeTakeFirst();
  return row?.id;
}

/** The reader of an account, made when there is none yet. Two requests at once get the same one. */
export async function ensureReader(db: Database, account: Account, now: Date): Promise<number> {
  const known = await findReaderId(db, account);
  if (known !== undefined) return known;
  const row = await db
    .insertInto('readers')
    .values({ ...account, created_at: now })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet({ issuer: account.issuer }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Forgets readers with everything that was stored for them. Resolves to how many there were. */
export async function forgetReaders(
  db: Database,
  issuer: string,
  subjects: readonly string[],
): Promise<number> {
  if (subjects.length === 0) return 0;
  const { numDeletedRows } = await db
    .deleteFrom('readers')
    .where('issuer', '=', issuer)
    .where('subject', 'in', [...subjects])
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** When the first reader of an issuer that is still known was stored. */
export async function findFirstReaderAt(db: Database, issuer: string): Promise<Date | undefined> {
  const { rows } = await sql<{
    first: Date | null;
  }>`select min(created_at) as first from readers where issuer = ${issuer}`.execute(db);
  return rows[0]?.first ?? undefined;
}

interface PreferencesRow {
  readonly isHistoryOn: boolean;
  readonly chosenAt: Date | null;
  readonly topics: string[];
  readonly mutedTopics: string[];
  readonly sources: string[];
  readonly mutedSources: string[];
}

const keysOf = (kind: 'topic' | 'source', stance: Stance) => {
  const column = sql.ref(`${kind}_key`);
  return sql`array(select ${column} from ${sql.table(`reader_${kind}s`)} k
    where k.reader_id = r.id and k.stance = ${sql.lit(stance)} order by ${column})`;
};

/** What a reader chose; the defaults for an account that has not chosen yet. */
export async function findPreferences(db: Database, account: Account): Promise<Preferences> {
  const { rows } =
    await sql<PreferencesRow>`select r.is_history_on as "isHistoryOn", r.chosen_at as "chosenAt",
      ${keysOf('topic', 'followed')} as topics, ${keysOf('topic', 'muted')} as "mutedTopics",
      ${keysOf('source', 'followed')} as sources, ${keysOf('source', 'muted')} as "mutedSources"
    from readers r where r.issuer = ${account.issuer} and r.subject = ${account.subject}`.execute(db);
  const [row] = rows;
  if (row === undefined) {
    return { topics: [], sources: [], mutedTopics: [], mutedSources: [], isHistoryOn: true, updatedAt: null };
  }
  const { chosenAt, ...chosen } = row;
  return { ...chosen, updatedAt: chosenAt?.toISOString() ?? null };
}

/** Stores what a reader chose, in place of all that was chosen before. All keys must exist. */
export async function putPreferences(
  db: Database,
  account: Account,
  chosen: PreferencesInput,
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const readerId = await ensureReader(transaction, account, now);
    // The row is locked first, so that of two changes at once the later one stands as a whole.
    await transaction
      .updateTable('readers')
      .set({ is_history_on: chosen.isHistoryOn, chosen_at: now })
      .where('id', '=', readerId)
      .execute();
    await transaction.deleteFrom('reader_topics').where('reader_id', '=', readerId).execute();
    await transaction.deleteFrom('reader_sources').where('reader_id', '=', readerId).execute();
    const topics = stances(chosen.topics, chosen.mutedTopics).map(({ key, stance }) => ({
      reader_id: readerId,
      topic_key: key,
      stance,
    }));
    const sources = stances(chosen.sources, chosen.mutedSources).map(({ key, stance }) => ({
      reader_id: readerId,
      source_key: key,
      stance,
    }));
    if (topics.length > 0) await transaction.insertInto('reader_topics').values(topics).execute();
    if (sources.length > 0) await transaction.insertInto('reader_sources').values(sources).execute();
    // Switching the history off forgets it.
    if (!chosen.isHistoryOn) {
      await transaction.deleteFrom('history').where('reader_id', '=', readerId).execute();
    }
  });
}

function stances(followed: readonly string[], muted: readonly string[]): { key: string; stance: Stance }[] {
  return [
    ...followed.map((key) => ({ key, stance: 'followed' as const })),
    ...muted.map((key) => ({ key, stance: 'muted' as const })),
  ];
}
