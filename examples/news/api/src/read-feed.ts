import type { FeedItem, FeedReason } from './contract.ts';
import { listArticlesById } from './database/articles.ts';
import { type CandidateRow, findFeedFacts, listFeedCandidates } from './database/feed.ts';
import type { Database } from './database/open-database.ts';
import type { Account } from './database/readers.ts';
import { presentSummary } from './present.ts';
import { type RankedArticle, rankFeed } from './rank-feed.ts';

/** Where a page of the feed begins: after this article, in the ranking as of that time. */
export interface FeedPosition {
  readonly asOf: Date;
  readonly id: number;
}

export interface FeedSlice {
  readonly items: FeedItem[];
  /** The position of the next page; undefined on the last one. */
  readonly next: FeedPosition | undefined;
}

/**
 * A page of an account's feed. Further pages keep the time of the first, so that neither new articles nor what is read
 * meanwhile moves the order under the reader.
 */
export async function readFeed(
  db: Database,
  account: Account,
  page: { readonly now: Date; readonly after?: FeedPosition | undefined; readonly limit: number },
): Promise<FeedSlice> {
  const asOf = page.after?.asOf ?? page.now;
  const facts = await findFeedFacts(db, account, asOf);
  const ranked = rankFeed(await listFeedCandidates(db, facts, asOf), facts, asOf);
  const start =
    page.after === undefined ? 0 : ranked.findIndex(({ candidate }) => candidate.id === page.after?.id) + 1;
  // An article that has been deleted or muted since ends the feed here; the reader starts again at the top.
  const slice = page.after !== undefined && start === 0 ? [] : ranked.slice(start, start + page.limit);
  const last = slice.at(-1);
  const hasMore = start + slice.length < ranked.length;
  return {
    items: await loadItems(db, slice),
    next: last !== undefined && hasMore ? { asOf, id: last.candidate.id } : undefined,
  };
}

async function loadItems(db: Database, slice: readonly RankedArticle<CandidateRow>[]): Promise<FeedItem[]> {
  if (slice.length === 0) return [];
  const rows = await listArticlesById(
    db,
    slice.map(({ candidate }) => candidate.id),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return slice.flatMap(({ candidate, reason }) => {
    const row = byId.get(candidate.id);
    if (row === undefined) return [];
    const article = presentSummary(row);
    return [
      {
        article,
        reason: presentReason(reason, article),
        isRead: candidate.isReadByNow,
        isSaved: candidate.isSavedByNow,
      },
    ];
  });
}

function presentReason(reason: RankedArticle['reason'], article: FeedItem['article']): FeedReason {
  switch (reason.kind) {
    case 'topic':
      return { kind: 'topic', ...article.topic };
    case 'source':
      return { kind: 'source', ...article.source };
    case 'saved-similar':
      return { kind: 'saved-similar', slug: reason.saved.slug, title: reason.saved.title };
    case 'new':
      return { kind: 'new' };
  }
}
