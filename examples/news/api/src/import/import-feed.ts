import { createHash } from 'node:crypto';
import type { Topic } from '../contract.ts';
import { insertArticle, type NewArticleRow } from '../database/articles.ts';
import { listCatalog } from '../database/catalog.ts';
import type { Database } from '../database/open-database.ts';
import { plainTextOf } from '../text/clean-html.ts';
import { slugOf } from '../text/slug.ts';
import { buildArticle } from './build-article.ts';
import { decodeFeed } from './decode-feed.ts';
import { ImportError, type ItemProblem } from './import-problem.ts';
import { loadFeed } from './load-feed.ts';
import { parseFeed } from './parse-feed.ts';

/** Which feed is imported, and as what. */
export interface ImportRequest {
  /** A file or an http(s) address. */
  readonly location: string;
  /** The topic of all items; without it the categories of each decide. */
  readonly topic?: string | undefined;
}

/** What came of an import. */
export interface ImportReport {
  readonly imported: number;
  /** Items that had been imported before. */
  readonly known: number;
  readonly problems: readonly ItemProblem[];
}

/**
 * Imports the items of a feed as published articles; the title of the feed becomes their source. Items that were imported
 * before are left as they are. What is wrong with single items is reported and the others are imported. Rejects with
 * `ImportError` when the feed as a whole cannot be read.
 */
export async function importFeed(db: Database, request: ImportRequest, now: Date): Promise<ImportReport> {
  const topics = await listCatalog(db, 'topics');
  checkTopic(request.topic, topics);
  const { bytes, charset, url } = await loadFeed(request.location);
  const feed = parseFeed(decodeFeed(bytes, charset));
  const name = plainTextOf(feed.title ?? '').slice(0, 100);
  const key = slugOf(name).slice(0, 60).replace(/-$/, '');
  if (key === '') throw new ImportError('The feed has no title, which would name the source.');
  const base = feed.link !== undefined && URL.canParse(feed.link, url) ? new URL(feed.link, url).href : url;
  const context = { topics, topic: request.topic, source: { key, name }, base, now };

  return await db.transaction().execute(async (transaction) => {
    await addSource(transaction, key, name);
    const problems: ItemProblem[] = [];
    let [imported, known] = [0, 0];
    for (const [index, entry] of feed.entries.entries()) {
      const built = buildArticle(entry, context);
      if (built.kind === 'problem') {
        problems.push({ item: index + 1, field: built.field, detail: built.detail });
      } else if (await insertImported(transaction, built.row, now)) imported += 1;
      else known += 1;
    }
    return { imported, known, problems };
  });
}

function checkTopic(topic: string | undefined, topics: readonly Topic[]): void {
  if (topic === undefined || topics.some(({ key }) => key === topic)) return;
  throw new ImportError(`There is no topic "${topic}". Topics: ${topics.map(({ key }) => key).join(', ')}.`);
}

async function addSource(db: Database, key: string, name: string): Promise<void> {
  await db
    .insertInto('sources')
    .values({ key, name, description: `Articles from ${name}.`, position: 1_000 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Resolves to false when the item has been imported before. */
async function insertImported(
  db: Database,
  row: NewArticleRow & { readonly external_id: string },
  now: Date,
): Promise<boolean> {
  const known = await db
    .selectFrom('articles')
    .select('id')
    .where('source_key', '=', row.source_key)
    .where('external_id', '=', row.external_id)
    .executeTakeFirst();
  if (known !== undefined) return false;
  if (await insertArticle(db, row, now)) return true;
  // Another article has the slug; this one gets an ending of its own.
  const ending = createHash('sha256')
    .update(`${row.source_key} ${row.external_id}`)
    .digest('hex')
    .slice(0, 8);
  return await insertArticle(db, { ...row, slug: `${row.slug}-${ending}` }, now);
}
