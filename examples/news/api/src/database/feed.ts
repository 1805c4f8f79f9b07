import { type RawBuilder, sql } from 'kysely';
import type { FeedCandidate, FeedFacts, SavedFact } from '../rank-feed.ts';
import type { Database } from './open-database.ts';
import type { Account } from './readers.ts';

/** A candidate of the feed, with what the reader has done with it by now. */
export interface CandidateRow extends FeedCandidate {
  readonly isReadByNow: boolean;
  readonly isSavedByNow: boolean;
}

// How many articles a feed is ranked from. Each followed key brings its newest ones, fewer of each when there are many.
const CANDIDATES_PER_KIND = 400;
const NEWEST = 300;
const NEWEST_KEPT = 60;
const SAVED_CONSIDERED = 20;

interface FactsRow {
  readonly topics: string[];
  readonly sources: string[];
  readonly mutedTopics: string[];
  readonly mutedSources: string[];
  readonly saved: SavedFact[];
}

const keys = (kind: 'topic' | 'source', stance: 'followed' | 'muted') => {
  const column = sql.ref(`${kind}_key`);
  return sql`array(select ${column} from ${sql.table(`reader_${kind}s`)} k
    where k.reader_id = r.id and k.stance = ${sql.lit(stance)})`;
};

/** What a feed is ranked by: what an account follows, mutes, and had saved at that time. */
export async function findFeedFacts(
  db: Database,
  account: Account,
  asOf: Date,
): Promise<FeedFacts & { readonly readerId: number | undefined }> {
  const { rows } = await sql<FactsRow & { readerId: number }>`select r.id as "readerId",
      ${keys('topic', 'followed')} as topics, ${keys('topic', 'muted')} as "mutedTopics",
      ${keys('source', 'followed')} as sources, ${keys('source', 'muted')} as "mutedSources",
      coalesce((select json_agg(json_build_object('id', a.id, 'slug', a.slug, 'title', a.title, 'topicKey', a.topic_key, 'tags', a.tags))
        from (select m.article_id from saved_articles m where m.reader_id = r.id and m.saved_at <= ${asOf}::timestamptz
          order by m.saved_at desc, m.article_id desc limit ${SAVED_CONSIDERED}) m
        join articles a on a.id = m.article_id and a.status = 'published'), '[]') as saved
    from readers r where r.issuer = ${account.issuer} and r.subject = ${account.subject}`.execute(db);
  return (
    rows[0] ?? { readerId: undefined, topics: [], sources: [], mutedTopics: [], mutedSources: [], saved: [] }
  );
}

/**
 * The articles a feed is ranked from: the newest of each followed topic and source, of the topics of saved articles,
 * and of all. Each part reads the beginning of an index range, so the cost does not grow with the number of articles.
 * What is muted is left out.
 */
export async function listFeedCandidates(
  db: Database,
  reader: FeedFacts & { readonly readerId: number | undefined },
  asOf: Date,
): Promise<readonly CandidateRow[]> {
  const { topics, sources, mutedTopics, mutedSources, saved } = reader;
  const similarTopics = [...new Set(saved.map(({ topicKey }) => topicKey))].filter(
    (key) => !topics.includes(key),
  );
  const { rows } = await sql<CandidateColumns>`with picked as (
      ${newestOfEach(sql`a.topic_key`, [...topics, ...similarTopics], asOf)}
      union all ${newestOfEach(sql`a.source_key`, sources, asOf)}
      union all (select * from (select ${columns} from articles a
          where a.status = 'published' and a.published_at <= ${asOf}::timestamptz
          order by a.published_at desc, a.id desc limit ${NEWEST}) n
        where n.topic_key <> all(${mutedTopics}::text[]) and n.source_key <> all(${mutedSources}::text[])
        order by n.published_at desc, n.id desc limit ${NEWEST_KEPT})
    )
    select ${list(sql`p.id`)} as ids, ${list(sql`p.topic_key`)} as "topicKeys", ${list(sql`p.source_key`)} as "sourceKeys",
      ${list(sql`date_part('epoch', p.published_at) * 1000`)} as "publishedAtMs", ${list(sql`p.tags`)} as tags,
      ${list(sql`p.id`, sql`h.read_at <= ${asOf}::timestamptz`)} as read, ${list(sql`p.id`, sql`h.article_id is not null`)} as "readByNow",
      ${list(sql`p.id`, sql`m.saved_at <= ${asOf}::timestamptz`)} as saved, ${list(sql`p.id`, sql`m.article_id is not null`)} as "savedByNow"
    from picked p
    left join history h on h.reader_id = ${reader.readerId ?? null}::bigint and h.article_id = p.id
    left join saved_articles m on m.reader_id = ${reader.readerId ?? null}::bigint and m.article_id = p.id
    where p.topic_key <> all(${mutedTopics}::text[]) and p.source_key <> all(${mutedSources}::text[])`.execute(
    db,
  );
  return rows[0] === undefined ? [] : buildCandidates(rows[0]);
}

// The candidates, column by column: hundreds of rows with arrays and times in them would take the driver longer to read
// than PostgreSQL takes to find them.
interface CandidateColumns {
  readonly ids: readonly number[];
  readonly topicKeys: readonly string[];
  readonly sourceKeys: readonly string[];
  readonly publishedAtMs: readonly number[];
  readonly tags: readonly (readonly string[])[];
  // The IDs for which it is so.
  readonly read: readonly number[];
  readonly readByNow: readonly number[];
  readonly saved: readonly number[];
  readonly savedByNow: readonly number[];
}

function buildCandidates(all: CandidateColumns): CandidateRow[] {
  const [read, readByNow] = [new Set(all.read), new Set(all.readByNow)];
  const [saved, savedByNow] = [new Set(all.saved), new Set(all.savedByNow)];
  // An article of a followed topic and a followed source comes twice.
  const candidates = new Map<number, CandidateRow>();
  for (const [index, id] of all.ids.entries()) {
    if (candidates.has(id)) continue;
    candidates.set(id, {
      id,
      topicKey: all.topicKeys[index] ?? '',
      sourceKey: all.sourceKeys[index] ?? '',
      publishedAt: new Date(Math.round(all.publishedAtMs[index] ?? 0)),
      tags: all.tags[index] ?? [],
      isRead: read.has(id),
      isReadByNow: readByNow.has(id),
      isSaved: saved.has(id),
      isSavedByNow: savedByNow.has(id),
    });
  }
  return [...candidates.values()];
}

// All values of a column, or those of the rows a condition holds for.
const list = (column: RawBuilder<unknown>, condition = sql`true`) =>
  sql`coalesce(json_agg(${column}) filter (where ${condition}), '[]')`;

// Read where the index leads to, so that no plan reads the whole table to find them by ID.
const columns = sql`a.id, a.topic_key, a.source_key, a.published_at, a.tags`;

function newestOfEach(column: RawBuilder<unknown>, keys: readonly string[], asOf: Date): RawBuilder<unknown> {
  const each = Math.max(5, Math.floor(CANDIDATES_PER_KIND / Math.max(4, keys.length)));
  return sql`(select c.* from unnest(${[...keys]}::text[]) as k (key)
    cross join lateral (select ${columns} from articles a
      where a.status = 'published' and ${column} = k.key and a.published_at <= ${asOf}::timestamptz
      order by a.published_at desc, a.id desc limit ${each}) c)`;
}
