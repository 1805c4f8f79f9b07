import { createHash } from 'node:crypto';
import type { Article, ArticleSummary, EditableArticle } from './contract.ts';
import type { ArticleRow, SummaryRow } from './database/articles.ts';

/** An article as lists show it. */
export function presentSummary(row: SummaryRow): ArticleSummary {
  return {
    slug: row.slug,
    title: row.title,
    summary: row.summary,
    topic: { key: row.topicKey, name: row.topicName },
    source: { key: row.sourceKey, name: row.sourceName },
    author: row.author,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    readingMinutes: row.readingMinutes,
    tags: [...row.tags],
    picture: { url: `/api/articles/${row.slug}/picture.svg?v=${pictureVersion(row)}`, alt: row.pictureAlt },
  };
}

// Another picture has another address, so the old one may stay in caches.
function pictureVersion({ motif, palette }: SummaryRow): string {
  return createHash('sha256').update(`${motif}/${palette}`).digest('hex').slice(0, 8);
}

/** A whole article. */
export function presentArticle(row: ArticleRow): Article {
  return {
    ...presentSummary(row),
    html: row.html,
    link: row.link,
    status: row.status,
    version: row.version,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** An article as its editors see it. */
export function presentEditable(row: ArticleRow): EditableArticle {
  return {
    ...presentArticle(row),
    body: { format: row.bodyFormat, text: row.body },
    pictureDescription: { motif: row.motif, palette: row.palette, alt: row.pictureAlt },
  };
}
