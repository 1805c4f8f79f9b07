import { getAuth } from '@latchkey/api/hono';
import type { Hono } from 'hono';
import {
  type FeedPage,
  type HistoryOutcome,
  type HistoryPage,
  type Me,
  PageQuery,
  PreferencesInput,
  type SavedArticle,
  type SavedPage,
  SavedQuery,
} from '../contract.ts';
import { findArticle } from '../database/articles.ts';
import { findUnknownKeys } from '../database/catalog.ts';
import { clearHistory, listHistory, recordReading } from '../database/history.ts';
import type { Database } from '../database/open-database.ts';
import { findPreferences, putPreferences } from '../database/readers.ts';
import { findSavedAt, listSaved, saveArticle, type TimedRow, unsaveArticle } from '../database/saved.ts';
import { presentSummary } from '../present.ts';
import { readFeed } from '../read-feed.ts';
import { readTimeCursor, writeCursor } from './cursor.ts';
import { accountOf, EDITOR_ROLE, type Guards } from './guards.ts';
import { ProblemError } from './problem.ts';
import { noSuchArticle, readArticleId, readBody, readQuery, readSlug } from './read-request.ts';

/** What these routes need. */
export interface ReaderRoutes {
  readonly db: Database;
  readonly guards: Guards;
  readonly issuer: string;
  readonly now: () => Date;
}

/** What is stored for a reader. Every statement starts at the account of the token, so nobody reaches another's rows. */
export function addReaderRoutes(app: Hono, routes: ReaderRoutes): void {
  const { db, guards, issuer, now } = routes;

  app.get('/api/me', guards.reader, async (c) => {
    const { updatedAt } = await findPreferences(db, accountOf(c, issuer));
    return c.json({
      isEditor: getAuth(c).hasRole(EDITOR_ROLE),
      hasPreferences: updatedAt !== null,
    } satisfies Me);
  });

  app.get('/api/feed', guards.reader, async (c) => {
    const { cursor, limit } = readQuery(c, PageQuery);
    const position = readTimeCursor('feed', cursor);
    const after = position === undefined ? undefined : { asOf: position.at, id: position.id };
    const { items, next } = await readFeed(db, accountOf(c, issuer), { now: now(), after, limit });
    const nextCursor = next === undefined ? null : writeCursor('feed', [next.asOf, next.id]);
    return c.json({ items, nextCursor } satisfies FeedPage);
  });

  app.get('/api/preferences', guards.reader, async (c) =>
    c.json(await findPreferences(db, accountOf(c, issuer))),
  );

  app.put('/api/preferences', guards.reader, async (c) => {
    const chosen = await readBody(c, PreferencesInput);
    await checkKeys(db, chosen);
    await putPreferences(db, accountOf(c, issuer), chosen, now());
    return c.json(await findPreferences(db, accountOf(c, issuer)));
  });

  addSavedRoutes(app, routes);
  addHistoryRoutes(app, routes);
}

function addSavedRoutes(app: Hono, { db, guards, issuer, now }: ReaderRoutes): void {
  app.get('/api/saved', guards.reader, async (c) => {
    const { cursor, limit, slug: slugs } = readQuery(c, SavedQuery);
    const page = { slugs, after: readTimeCursor('saved', cursor), limit: limit + 1 };
    const { rows, nextCursor } = cut('saved', await listSaved(db, accountOf(c, issuer), page), limit);
    const items = rows.map(({ article, at }) => ({
      article: presentSummary(article),
      savedAt: at.toISOString(),
    }));
    return c.json({ items, nextCursor } satisfies SavedPage);
  });

  const findSaved = async (slug: string, account: ReturnType<typeof accountOf>): Promise<SavedArticle> => {
    const article = await findArticle(db, slug);
    if (article?.status !== 'published') throw noSuchArticle();
    const savedAt = await findSavedAt(db, account, article.id);
    if (savedAt === undefined) throw new ProblemError('not-found', 'You have not saved this article.');
    return { article: presentSummary(article), savedAt: savedAt.toISOString() };
  };
  app.get('/api/saved/:slug', guards.reader, async (c) =>
    c.json(await findSaved(readSlug(c), accountOf(c, issuer))),
  );
  app.put('/api/saved/:slug', guards.reader, async (c) => {
    await saveArticle(db, accountOf(c, issuer), await readArticleId(c, db), now());
    return c.json(await findSaved(readSlug(c), accountOf(c, issuer)));
  });
  app.delete('/api/saved/:slug', guards.reader, async (c) => {
    const article = await findArticle(db, readSlug(c));
    if (article !== undefined) await unsaveArticle(db, accountOf(c, issuer), article.id);
    return c.body(null, 204);
  });
}

function addHistoryRoutes(app: Hono, { db, guards, issuer, now }: ReaderRoutes): void {
  app.get('/api/history', guards.reader, async (c) => {
    const { cursor, limit } = readQuery(c, PageQuery);
    const page = { after: readTimeCursor('history', cursor), limit: limit + 1 };
    const { rows, nextCursor } = cut('history', await listHistory(db, accountOf(c, issuer), page), limit);
    const items = rows.map(({ article, at }) => ({
      article: presentSummary(article),
      readAt: at.toISOString(),
    }));
    return c.json({ items, nextCursor } satisfies HistoryPage);
  });
  app.delete('/api/history', guards.reader, async (c) => {
    await clearHistory(db, accountOf(c, issuer));
    return c.body(null, 204);
  });
  app.post('/api/history/:slug', guards.reader, async (c) => {
    const articleId = await readArticleId(c, db);
    const isRecorded = await recordReading(db, accountOf(c, issuer), articleId, now());
    return c.json({ isRecorded } satisfies HistoryOutcome);
  });
}

function cut(list: 'saved' | 'history', found: readonly TimedRow[], limit: number) {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { rows, nextCursor: hasMore ? writeCursor(list, [last.at, last.article.id]) : null };
}

async function checkKeys(db: Database, chosen: PreferencesInput): Promise<void> {
  const unknownTopics = await findUnknownKeys(db, 'topics', [...chosen.topics, ...chosen.mutedTopics]);
  const unknownSources = await findUnknownKeys(db, 'sources', [...chosen.sources, ...chosen.mutedSources]);
  const at = (
    field: keyof PreferencesInput,
    keys: readonly string[],
    isWrong: (key: string) => boolean,
    detail: string,
  ) => keys.flatMap((key, index) => (isWrong(key) ? [{ pointer: `/${field}/${index}`, detail }] : []));
  const isUnknownTopic = (key: string) => unknownTopics.has(key);
  const isUnknownSource = (key: string) => unknownSources.has(key);
  const errors = [
    ...at('topics', chosen.topics, isUnknownTopic, 'Unknown topic'),
    ...at('sources', chosen.sources, isUnknownSource, 'Unknown source'),
    ...at('mutedTopics', chosen.mutedTopics, isUnknownTopic, 'Unknown topic'),
    ...at('mutedSources', chosen.mutedSources, isUnknownSource, 'Unknown source'),
    ...at(
      'mutedTopics',
      chosen.mutedTopics,
      (key) => chosen.topics.includes(key),
      'Followed and muted at once',
    ),
    ...at(
      'mutedSources',
      chosen.mutedSources,
      (key) => chosen.sources.includes(key),
      'Followed and muted at once',
    ),
  ];
  if (errors.length > 0)
    throw new ProblemError('invalid-input', 'Fix the fields listed in errors.', { errors });
}
