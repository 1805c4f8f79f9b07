import { sql } from 'kysely';
import { after, joinNames, type SummaryRow, summaryColumns, type TimePosition } from './articles.ts';
import type { Database } from './open-database.ts';
import { type Account, ensureReader, findReaderId } from './readers.ts';

/** An article with the time it was saved or read. */
export interface TimedRow {
  readonly article: SummaryRow;
  readonly at: Date;
}

/** What an account saved, of all or of some articles, the last saved first. Drafts are left out until they are published again. */
export async function listSaved(
  db: Database,
  account: Account,
  page: {
    readonly slugs?: readonly string[] | undefined;
    readonly after?: TimePosition | undefined;
    readonly limit: number;
  },
): Promise<readonly TimedRow[]> {
  const { rows } = await sql<SummaryRow & { at: Date }>`select ${summaryColumns}, m.saved_at as at
    from readers r join saved_articles m on m.reader_id = r.id join articles a on a.id = m.article_id ${joinNames}
    where r.issuer = ${account.issuer} and r.subject = ${account.subject} and a.status = 'published'
      and ${page.slugs === undefined ? sql`true` : sql`a.slug = any(${page.slugs}::text[])`}
      and ${after(sql`m.saved_at`, sql`m.article_id`, page.after)}
    order by m.saved_at desc, m.article_id desc limit ${page.limit}`.execute(db);
  return rows.map(({ at, ...article }) => ({ article, at }));
}

/** When an account saved an article. */
export async function findSavedAt(
  db: Database,
  account: Account,
  articleId: number,
): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`select m.saved_at as at
    from readers r join saved_articles m on m.reader_id = r.id
    where r.issuer = ${account.issuer} and r.subject = ${account.subject} and m.article_id = ${articleId}`.execute(
    db,
  );
  return rows[0]?.at;
}

/** Saves an article; the time of the first time stays. */
export async function saveArticle(
  db: Database,
  account: Account,
  articleId: number,
  now: Date,
): Promise<void> {
  const readerId = await ensureReader(db, account, now);
  await db
    .insertInto('saved_articles')
    .values({ reader_id: readerId, article_id: articleId, saved_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes an article off the list, if it is on it. */
export async function unsaveArticle(db: Database, account: Account, articleId: number): Promise<void> {
  const readerId = await findReaderId(db, account);
  if (readerId === undefined) return;
  await db
    .deleteFrom('saved_articles')
    .where('reader_id', '=', readerId)
    .where('article_id', '=', articleId)
    .execute();
}
