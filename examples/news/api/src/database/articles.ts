import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from './open-database.ts';
import type { ArticlesTable } from './tables.ts';

/** What a list shows of an article. */
export interface SummaryRow {
  readonly id: number;
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly topicKey: string;
  readonly topicName: string;
  readonly sourceKey: string;
  readonly sourceName: string;
  readonly author: string;
  readonly publishedAt: Date | null;
  readonly readingMinutes: number;
  readonly tags: readonly string[];
  readonly motif: string;
  readonly palette: string;
  readonly pictureAlt: string;
}

/** A whole article. */
export interface ArticleRow extends SummaryRow {
  readonly bodyFormat: 'markdown' | 'html';
  readonly body: string;
  readonly html: string;
  readonly link: string | null;
  readonly status: 'draft' | 'published';
  readonly version: number;
  readonly updatedAt: Date;
}

/** A place in a list ordered by time and ID, newest first: the last row of the page before. */
export interface TimePosition {
  readonly at: Date;
  readonly id: number;
}

/** The columns of a `SummaryRow`, of the tables `a`, `t` and `s`. */
export const summaryColumns = sql`a.id, a.slug, a.title, a.summary, a.topic_key as "topicKey", t.name as "topicName",
  a.source_key as "sourceKey", s.name as "sourceName", a.author, a.published_at as "publishedAt",
  a.reading_minutes as "readingMinutes", a.tags, a.motif, a.palette, a.picture_alt as "pictureAlt"`;

/** Joins the names of topic and source to the table `a`. */
export const joinNames = sql`join topics t on t.key = a.topic_key join sources s on s.key = a.source_key`;

const articleColumns = sql`${summaryColumns}, a.body_format as "bodyFormat", a.body, a.html, a.link, a.status, a.version,
  a.updated_at as "updatedAt"`;

/** Rows after a position, newest first, in a list ordered by these two columns. */
export function after(
  at: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
  position: TimePosition | undefined,
): RawBuilder<SqlBool> {
  if (position === undefined) return sql<SqlBool>`true`;
  return sql<SqlBool>`(${at}, ${id}) < (${position.at}::timestamptz, ${position.id}::bigint)`;
}

/** Published articles, newest first. Reads one index range. */
export async function listArticles(
  db: Database,
  filter: { readonly topic?: string | undefined; readonly source?: string | undefined },
  page: { readonly after?: TimePosition | undefined; readonly limit: number },
): Promise<readonly SummaryRow[]> {
  const { topic, source } = filter;
  const { rows } = await sql<SummaryRow>`select ${summaryColumns} from articles a ${joinNames}
    where a.status = 'published'
      and ${topic === undefined ? sql`true` : sql`a.topic_key = ${topic}`}
      and ${source === undefined ? sql`true` : sql`a.source_key = ${source}`}
      and ${after(sql`a.published_at`, sql`a.id`, page.after)}
    order by a.published_at desc, a.id desc limit ${page.limit}`.execute(db);
  return rows;
}

/** Articles by ID, in no particular order. */
export async function listArticlesById(db: Database, ids: readonly number[]): Promise<readonly SummaryRow[]> {
  const { rows } = await sql<SummaryRow>`select ${summaryColumns} from articles a ${joinNames}
    where a.id = any(${ids}::bigint[])`.execute(db);
  return rows;
}

/** Drafts, the last changed first. */
export async function listDrafts(
  db: Database,
  page: { readonly after?: TimePosition | undefined; readonly limit: number },
): Promise<readonly (SummaryRow & Pick<ArticleRow, 'version' | 'updatedAt'>)[]> {
  const { rows } = await sql<SummaryRow & Pick<ArticleRow, 'version' | 'updatedAt'>>`
    select ${summaryColumns}, a.version, a.updated_at as "updatedAt" from articles a ${joinNames}
    where a.status = 'draft' and ${after(sql`a.updated_at`, sql`a.id`, page.after)}
    order by a.updated_at desc, a.id desc limit ${page.limit}`.execute(db);
  return rows;
}

/** The article of a slug, draft or published. */
export async function findArticle(db: Database, slug: string): Promise<ArticleRow | undefined> {
  const { rows } = await sql<ArticleRow>`select ${articleColumns} from articles a ${joinNames}
    where a.slug = ${slug}`.execute(db);
  return rows[0];
}

/** The ID of a published article. */
export async function findPublishedId(db: Database, slug: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`select id from articles
    where slug = ${slug} and status = 'published'`.execute(db);
  return rows[0]?.id;
}

/** The values of an article that is written or imported. */
export type NewArticleRow = Omit<ArticlesTable, 'id' | 'version' | 'created_at' | 'updated_at'>;

/** Inserts an article, unless its slug or its ID at the source is taken. Resolves to whether it was inserted. */
export async function insertArticle(db: Database, row: NewArticleRow, now: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('articles')
    .values({ ...row, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** Changes a version of an article. Resolves to false when the article has another version, or is gone. */
export async function updateArticle(
  db: Database,
  where: { readonly id: number; readonly version: number },
  changes: Partial<NewArticleRow>,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('articles')
    .set({ ...changes, version: sql<number>`version + 1`, updated_at: now })
    .where('id', '=', where.id)
    .where('version', '=', where.version)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Deletes a version of an article, with what readers saved and read of it. Resolves to false as `updateArticle` does. */
export async function deleteArticle(
  db: Database,
  where: { readonly id: number; readonly version: number },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('articles')
    .where('id', '=', where.id)
    .where('version', '=', where.version)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
