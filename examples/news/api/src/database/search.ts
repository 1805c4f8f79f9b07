import { sql } from 'kysely';
import type { TextPart } from '../contract.ts';
import { joinNames, type SummaryRow, summaryColumns } from './articles.ts';
import type { Database } from './open-database.ts';

/** A place in the search results: the last row of the page before. */
export interface RankPosition {
  readonly rank: number;
  readonly id: number;
}

export interface SearchRow {
  readonly article: SummaryRow;
  readonly rank: number;
  readonly title: readonly TextPart[];
  readonly snippet: readonly TextPart[];
}

// Ranking reads every match, so a word that stands in half of the articles must not make a request endless.
const MAX_RANKED = 10_000;

// Marks around matches: characters for private use, taken out of the text first, so that no text can forge them.
const [START, STOP] = ['\ue000', '\ue001'];
const headline = (column: 'title' | 'plain_text', options: string) =>
  sql`ts_headline('english', translate(a.${sql.ref(column)}, ${START + STOP}, ''), q.query,
    ${`StartSel=${START}, StopSel=${STOP}, ${options}`})`;

/**
 * Published articles that match a query as people type it: words, "a phrase", or, -without. The best match first; a word
 * in the title counts more than one in the summary, and that more than one in the text.
 */
export async function searchArticles(
  db: Database,
  text: string,
  filter: { readonly topic?: string | undefined },
  page: { readonly after?: RankPosition | undefined; readonly limit: number },
): Promise<readonly SearchRow[]> {
  const { topic } = filter;
  const isAfter =
    page.after === undefined
      ? sql`true`
      : sql`(r.rank, r.id) < (${page.after.rank}::float8, ${page.after.id}::bigint)`;
  const { rows } = await sql<SummaryRow & { rank: number; markedTitle: string; markedText: string }>`
    with q as (select websearch_to_tsquery('english', ${text}) as query),
    matches as (
      select a.id, a.search from articles a, q
      where a.status = 'published' and a.search @@ q.query
        and ${topic === undefined ? sql`true` : sql`a.topic_key = ${topic}`}
      limit ${MAX_RANKED}
    ),
    ranked as (select m.id, ts_rank_cd(m.search, q.query, 1)::float8 as rank from matches m, q),
    page as (select r.id, r.rank from ranked r where ${isAfter} order by r.rank desc, r.id desc limit ${page.limit})
    select ${summaryColumns}, p.rank,
      ${headline('title', 'HighlightAll=true')} as "markedTitle",
      ${headline('plain_text', 'MaxWords=30, MinWords=15, MaxFragments=2, FragmentDelimiter=" … "')} as "markedText"
    from page p join articles a on a.id = p.id ${joinNames} cross join q
    order by p.rank desc, p.id desc`.execute(db);
  return rows.map(({ rank, markedTitle, markedText, ...article }) => ({
    article,
    rank,
    title: splitMarked(markedTitle),
    snippet: splitMarked(markedText),
  }));
}

/** Splits a text at the marks around its matches. */
export function splitMarked(text: string): TextPart[] {
  return text.split(START).flatMap((piece, index) => {
    if (index === 0) return part(piece, false);
    const [match = '', ...rest] = piece.split(STOP);
    return [...part(match, true), ...part(rest.join(''), false)];
  });
}

function part(text: string, isMatch: boolean): TextPart[] {
  return text === '' ? [] : [{ text, isMatch }];
}
