import type { Hono } from 'hono';
import {
  type Article,
  type ArticlePage,
  ArticleQuery,
  type SearchPage,
  SearchQuery,
  type SourceList,
  type TopicList,
} from '../contract.ts';
import { findArticle, listArticles } from '../database/articles.ts';
import { listCatalog } from '../database/catalog.ts';
import type { Database } from '../database/open-database.ts';
import { searchArticles } from '../database/search.ts';
import { drawArticlePicture } from '../pictures.ts';
import { presentArticle, presentSummary } from '../present.ts';
import { readRankCursor, readTimeCursor, writeCursor } from './cursor.ts';
import { noSuchArticle, readQuery, readSlug } from './read-request.ts';

/** What anybody may read. None of it asks the issuer, so it goes on while the issuer is away. */
export function addPublicRoutes(app: Hono, db: Database): void {
  app.get('/api/topics', async (c) => c.json({ items: await listCatalog(db, 'topics') } satisfies TopicList));
  app.get('/api/sources', async (c) =>
    c.json({ items: await listCatalog(db, 'sources') } satisfies SourceList),
  );

  app.get('/api/articles', async (c) => {
    const { cursor, limit, ...filter } = readQuery(c, ArticleQuery);
    // One row more than asked for says whether there is a next page.
    const rows = await listArticles(db, filter, {
      after: readTimeCursor('articles', cursor),
      limit: limit + 1,
    });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const hasMore = rows.length > limit && last?.publishedAt != null;
    return c.json({
      items: items.map(presentSummary),
      nextCursor: hasMore ? writeCursor('articles', [last.publishedAt, last.id]) : null,
    } satisfies ArticlePage);
  });

  app.get('/api/articles/:slug', async (c) => {
    const article = await findArticle(db, readSlug(c));
    if (article?.status !== 'published') throw noSuchArticle();
    c.header('ETag', `"${article.version}"`);
    c.header('Cache-Control', 'no-cache');
    return c.json(presentArticle(article) satisfies Article);
  });

  app.get('/api/articles/:slug/picture.svg', async (c) => {
    const article = await findArticle(db, readSlug(c));
    if (article?.status !== 'published') throw noSuchArticle();
    // Opened by itself an SVG is a document, so it gets no rights. Pages of other origins show it, hence the policy.
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    const isCurrent = presentSummary(article).picture.url.endsWith(`?v=${c.req.query('v')}`);
    c.header('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'public, max-age=300');
    return c.body(drawArticlePicture(article, article.slug), 200, { 'Content-Type': 'image/svg+xml' });
  });

  app.get('/api/search', async (c) => {
    const { q, cursor, limit, ...filter } = readQuery(c, SearchQuery);
    const rows = await searchArticles(db, q, filter, { after: readRankCursor(cursor), limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return c.json({
      items: items.map(({ article, title, snippet }) => ({
        article: presentSummary(article),
        title: [...title],
        snippet: [...snippet],
      })),
      nextCursor:
        rows.length > limit && last !== undefined
          ? writeCursor('search', [last.rank, last.article.id])
          : null,
    } satisfies SearchPage);
  });
}
