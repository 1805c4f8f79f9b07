import { sql } from 'kysely';
import { after, joinNames, type SummaryRow, summaryColumns, type TimePosition } from './articles.ts';
import type { Database } from './open-database.ts';
import { type Account, ensureReader, findReaderId } from './readers.ts';
import type { TimedRow } from './saved.ts';

/** What an account read, the last read first. */
export async function listHistory(
  db: Database,
  account: Account,
  page: { readonly after?: TimePosition | undefined; readonly limit: number },
): Promise<readonly TimedRow[]> {
  const { rows } = await sql<SummaryRow & { at: Date }>`select ${summaryColumns}, m.read_at as at
    from readers r join history m on m.reader_id = r.id join articles a on a.id = m.article_id ${joinNames}
    where r.issuer = ${account.issuer} and r.subject = ${account.subject} and a.status = 'published'
      and ${after(sql`m.read_at`, sql`m.article_id`, page.after)}
    order by m.read_at desc, m.article_id desc limit ${page.limit}`.execute(db);
  return rows.map(({ at, ...article }) => ({ article, at }));
}

/** Records that an article was read, unless the reader keeps no history. Resolves to whether it was recorded. */
export async function recordReading(
  db: Database,
  account: Account,
  articleId: number,
  now: Date,
): Promise<boolean> {
  const readerId = await ensureReader(db, account, now);
  // One statement decides and writes, so that switching the history off at the same time leaves no entry behind.
  const { rows } = await sql`insert into history (reader_id, article_id, read_at)
    select r.id, ${articleId}::bigint, ${now}::timestamptz from readers r
    where r.id = ${readerId} and r.is_history_on for share
    on conflict (reader_id, article_id) do update set read_at = greatest(history.read_at, excluded.read_at)
    returning 1 as recorded`.execute(db);
  return rows.length > 0;
}

/** Forgets what an account read. */
export async function clearHistory(db: Database, account: Account): Promise<void> {
  const readerId = await findReaderId(db, account);
  if (readerId !== undefined) await db.deleteFrom('history').where('reader_id', '=', readerId).execute();
}
