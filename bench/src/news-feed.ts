import { startTemporaryPostgres } from '@latchkey/testkit';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../examples/news/api/src/database/open-database.ts';
import { readFeed } from '../../examples/news/api/src/read-feed.ts';
import { quantile } from './quantile.ts';

/** How long pages of the news portal's feed take, from the database to the ranked items. */
export interface NewsFeedResult {
  readonly articleCount: number;
  readonly readerCount: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Over how much the feed is asked for. */
export interface NewsFeedPlan {
  readonly articleCount: number;
  readonly readerCount: number;
  /** Readers whose first two pages are measured. */
  readonly samples: number;
}

const issuer = 'https://id.example';
const now = new Date('2026-11-01T00:00:00Z');
const [topicCount, sourceCount] = [12, 40];
const [followedTopics, followedSources, savedPerReader, readPerReader] = [4, 6, 20, 100];
// What people save and read is recent.
const recentCount = 20_000;

/** Articles of three years, and readers who follow, mute, save and read, spread by a multiplication so that no two are alike. */
async function seed(db: Database, { articleCount, readerCount }: NewsFeedPlan): Promise<void> {
  const recent = Math.min(recentCount, articleCount);
  const statements = [
    sql`insert into topics select 'topic-' || n, 'Topic ' || n, '', n from generate_series(0, ${sql.lit(topicCount - 1)}) n`,
    sql`insert into sources select 'source-' || n, 'Source ' || n, '', n from generate_series(0, ${sql.lit(sourceCount - 1)}) n`,
    // One index for many rows is made faster afterwards; the feed does not use it.
    sql`drop index articles_search`,
    sql`insert into articles (slug, title, summary, topic_key, source_key, author, tags, body_format, body, html, plain_text,
        reading_minutes, motif, palette, picture_alt, status, published_at, created_at, updated_at)
      select 'article-' || n, 'Title of article ' || n, 'A summary of about the length that summaries have, number ' || n,
        'topic-' || n * 7919 % ${sql.lit(topicCount)}, 'source-' || n * 104729 % ${sql.lit(sourceCount)}, 'Author ' || n % 500,
        array['tag-' || n % 211, 'tag-' || n % 223, 'tag-' || n % 227], 'html', repeat('body ', 40), repeat('body ', 40),
        'words of article ' || n, 3, 'waves', 'dawn', '', case when n % 100 = 0 then 'draft' else 'published' end,
        ${now}::timestamptz - (${sql.lit(articleCount)} - n) * (interval '1095 days' / ${sql.lit(articleCount)}),
        ${now}::timestamptz, ${now}::timestamptz
      from generate_series(1::bigint, ${sql.lit(articleCount)}) n`,
    sql`create index articles_search on articles using gin (search)`,
    sql`insert into readers (issuer, subject, chosen_at, created_at)
      select ${issuer}, 'reader-' || n, ${now}::timestamptz, ${now}::timestamptz from generate_series(1, ${sql.lit(readerCount)}) n`,
    sql`insert into reader_topics select r.id, 'topic-' || (r.id * 31 + n * 5) % ${sql.lit(topicCount)},
        case when n = 0 then 'muted' else 'followed' end
      from readers r cross join generate_series(0, ${sql.lit(followedTopics)}) n on conflict do nothing`,
    sql`insert into reader_sources select r.id, 'source-' || (r.id * 17 + n * 3) % ${sql.lit(sourceCount)},
        case when n = 0 then 'muted' else 'followed' end
      from readers r cross join generate_series(0, ${sql.lit(followedSources)}) n on conflict do nothing`,
    ...(
      [
        ['saved_articles', savedPerReader],
        ['history', readPerReader],
      ] as const
    ).map(
      ([table, each]) => sql`insert into ${sql.table(table)}
        select r.id, ${sql.lit(articleCount)} - (r.id * 7907 + n * 1009) % ${sql.lit(recent)}, ${now}::timestamptz - n * interval '1 hour'
        from readers r cross join generate_series(1, ${sql.lit(each)}) n on conflict do nothing`,
    ),
  ];
  for (const statement of statements) await statement.execute(db);
  for (const table of ['articles', 'readers', 'reader_topics', 'reader_sources', 'saved_articles', 'history'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(db);
  // What loading left to be written must not be written while pages are measured.
  await sql`checkpoint`.execute(db);
}

/** Measures the first two pages of the feed of many readers, on PostgreSQL, one after the other. */
export async function measureNewsFeed(plan: NewsFeedPlan): Promise<NewsFeedResult> {
  const postgres = await startTemporaryPostgres({
    settings: { shared_buffers: '512MB', max_wal_size: '4GB', statement_timeout: '0' },
  });
  try {
    // The API cuts its statements off after seconds; filling the tables takes minutes.
    const { db, close } = await openDatabase({
      kind: 'postgresql',
      url: postgres.url,
      statementTimeoutMs: 1_800_000,
    });
    try {
      await seed(db, plan);
      const times: number[] = [];
      // A server that has run for a while: the code compiled, the statements prepared on every connection.
      const warmUp = Math.min(200, plan.samples);
      for (let sample = -warmUp; sample < plan.samples; sample += 1) {
        const subject = `reader-${1 + ((Math.abs(sample) * 7919) % plan.readerCount)}`;
        let after: Awaited<ReturnType<typeof readFeed>>['next'];
        for (let page = 0; page < 2; page += 1) {
          const began = performance.now();
          const found = await readFeed(db, { issuer, subject }, { now, after, limit: 20 });
          if (sample >= 0) times.push(performance.now() - began);
          if (found.items.length !== 20) throw new Error(`${subject} got ${found.items.length} articles`);
          after = found.next;
        }
      }
      const { articleCount, readerCount } = plan;
      return { articleCount, readerCount, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
    } finally {
      await close();
    }
  } finally {
    await postgres.stop();
  }
}
