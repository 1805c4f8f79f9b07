import type { Context, Hono } from 'hono';
import {
  ArticleChanges,
  type DraftPage,
  type EditableArticle,
  type FieldProblem,
  NewArticle,
  PageQuery,
  type PictureDescription,
  type PictureOptions,
  type Preview,
  PreviewInput,
  VersionInput,
} from '../contract.ts';
import {
  type ArticleRow,
  deleteArticle,
  findArticle,
  insertArticle,
  listDrafts,
  type NewArticleRow,
  updateArticle,
} from '../database/articles.ts';
import { findUnknownKeys } from '../database/catalog.ts';
import type { Database } from '../database/open-database.ts';
import { choosePicture, drawArticlePicture, pictureOptions } from '../pictures.ts';
import { presentEditable, presentSummary } from '../present.ts';
import { renderBody } from '../text/render-body.ts';
import { slugOf } from '../text/slug.ts';
import { readTimeCursor, writeCursor } from './cursor.ts';
import type { Guards } from './guards.ts';
import { ProblemError } from './problem.ts';
import { noSuchArticle, readBody, readQuery, readSlug } from './read-request.ts';

/** What these routes need. */
export interface EditorRoutes {
  readonly db: Database;
  readonly guards: Guards;
  readonly now: () => Date;
}

/** What editors do: write, preview, publish, unpublish, delete. */
export function addEditorRoutes(app: Hono, routes: EditorRoutes): void {
  const { db, guards, now } = routes;

  app.get('/api/drafts', guards.editor, async (c) => {
    const { cursor, limit } = readQuery(c, PageQuery);
    const found = await listDrafts(db, { after: readTimeCursor('drafts', cursor), limit: limit + 1 });
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return c.json({
      items: rows.map((row) => ({
        ...presentSummary(row),
        version: row.version,
        updatedAt: row.updatedAt.toISOString(),
      })),
      nextCursor: hasMore ? writeCursor('drafts', [last.updatedAt, last.id]) : null,
    } satisfies DraftPage);
  });

  app.get('/api/picture-options', guards.editor, (c) => c.json(pictureOptions satisfies PictureOptions));

  app.post('/api/preview', guards.editor, async (c) => {
    const { body, picture } = await readBody(c, PreviewInput);
    const { html, readingMinutes } = renderBody(body);
    const isKnown = picture !== undefined && checkPicture(picture).length === 0;
    const pictureSvg = isKnown ? drawArticlePicture(picture, '') : null;
    return c.json({ html, readingMinutes, pictureSvg } satisfies Preview);
  });

  app.post('/api/articles', guards.editor, async (c) => {
    const input = await readBody(c, NewArticle);
    await checkReferences(db, input);
    const slug = await insertDraft(db, input, now());
    c.header('Location', `/api/articles/${slug}/editable`);
    return answer(c, await mustFind(db, slug), 201);
  });

  app.get('/api/articles/:slug/editable', guards.editor, async (c) =>
    answer(c, await mustFind(db, readSlug(c))),
  );

  app.patch('/api/articles/:slug', guards.editor, async (c) => {
    const { version, ...changes } = await readBody(c, ArticleChanges);
    const article = await findVersion(c, db, version);
    await checkReferences(db, changes);
    return await change(c, article, presentChanges(changes), routes);
  });

  app.delete('/api/articles/:slug', guards.recentEditor, async (c) => {
    const article = await findVersion(c, db, undefined);
    if (!(await deleteArticle(db, article))) throw conflict(c);
    return c.body(null, 204);
  });

  addPublishingRoutes(app, routes);
}

function addPublishingRoutes(app: Hono, routes: EditorRoutes): void {
  const { db, guards, now } = routes;
  const readVersion = async (c: Context) =>
    (await c.req.text()) === '' ? undefined : (await readBody(c, VersionInput)).version;

  app.post('/api/articles/:slug/publish', guards.editor, async (c) => {
    const article = await findVersion(c, db, await readVersion(c));
    if (article.status === 'published') return answer(c, article);
    // An article that is published again keeps its place in the lists.
    return await change(
      c,
      article,
      { status: 'published', published_at: article.publishedAt ?? now() },
      routes,
    );
  });

  app.post('/api/articles/:slug/unpublish', guards.editor, async (c) => {
    const article = await findVersion(c, db, await readVersion(c));
    if (article.status === 'draft') return answer(c, article);
    return await change(c, article, { status: 'draft' }, routes);
  });
}

async function change(
  c: Context,
  article: ArticleRow,
  changes: Partial<NewArticleRow>,
  { db, now }: EditorRoutes,
): Promise<Response> {
  if (!(await updateArticle(db, article, changes, now()))) throw conflict(c);
  return answer(c, await mustFind(db, article.slug));
}

function answer(c: Context, article: ArticleRow, status: 200 | 201 = 200): Response {
  c.header('ETag', `"${article.version}"`);
  return c.json(presentEditable(article) satisfies EditableArticle, status);
}

async function mustFind(db: Database, slug: string): Promise<ArticleRow> {
  const article = await findArticle(db, slug);
  if (article === undefined) throw noSuchArticle();
  return article;
}

/** The article of the path, if it still has the version the change was made to. */
async function findVersion(c: Context, db: Database, version: number | undefined): Promise<ArticleRow> {
  const article = await mustFind(db, readSlug(c));
  const ifMatch = c.req.header('if-match');
  if (ifMatch === undefined && version === undefined) {
    throw new ProblemError(
      'version-required',
      'Send If-Match with the ETag of the version you have changed.',
    );
  }
  const tags = ifMatch?.split(',').map((tag) => tag.trim());
  const isTagFit = tags === undefined || tags.includes('*') || tags.includes(`"${article.version}"`);
  if (!isTagFit || (version !== undefined && version !== article.version)) throw conflict(c);
  return article;
}

function conflict(c: Context): ProblemError {
  const detail = 'The article was changed in the meantime. Get it again and repeat your change.';
  // RFC 9110 §13.1.1: a condition of the request that is false is 412.
  return new ProblemError(
    'version-conflict',
    detail,
    c.req.header('if-match') === undefined ? {} : { status: 412 },
  );
}

const MAX_SLUG_ATTEMPTS = 50;

async function insertDraft(db: Database, input: NewArticle, now: Date): Promise<string> {
  const wanted = input.slug ?? (slugOf(input.title) || 'article');
  const { slug: isGiven, ...fields } = input;
  for (let attempt = 1; attempt <= MAX_SLUG_ATTEMPTS; attempt += 1) {
    const slug = attempt === 1 ? wanted : `${wanted}-${attempt}`;
    const row = buildRow(fields, slug);
    if (await insertArticle(db, row, now)) return slug;
    if (isGiven !== undefined) break;
  }
  throw new ProblemError('slug-taken', `Another article has the slug ${wanted}. Choose another one.`);
}

function buildRow(input: Omit<NewArticle, 'slug'>, slug: string): NewArticleRow {
  const { picture = choosePicture(slug), tags = [] } = input;
  const { html, plainText, readingMinutes } = renderBody(input.body);
  return {
    slug,
    title: input.title,
    summary: input.summary,
    topic_key: input.topic,
    source_key: input.source,
    author: input.author,
    tags,
    body_format: input.body.format,
    body: input.body.text,
    html,
    plain_text: plainText,
    reading_minutes: readingMinutes,
    motif: picture.motif,
    palette: picture.palette,
    picture_alt: picture.alt,
    link: null,
    external_id: null,
    status: 'draft',
    published_at: null,
  };
}

function presentChanges(changes: Omit<ArticleChanges, 'version'>): Partial<NewArticleRow> {
  const { topic, source, body, picture, ...plain } = changes;
  const rendered = body === undefined ? undefined : renderBody(body);
  const columns: Record<keyof typeof plain | string, unknown> = {
    ...plain,
    topic_key: topic,
    source_key: source,
    body_format: body?.format,
    body: body?.text,
    html: rendered?.html,
    plain_text: rendered?.plainText,
    reading_minutes: rendered?.readingMinutes,
    motif: picture?.motif,
    palette: picture?.palette,
    picture_alt: picture?.alt,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

async function checkReferences(
  db: Database,
  fields: {
    topic?: string | undefined;
    source?: string | undefined;
    picture?: PictureDescription | undefined;
  },
): Promise<void> {
  const { topic, source, picture } = fields;
  const topics = await findUnknownKeys(db, 'topics', topic === undefined ? [] : [topic]);
  const sources = await findUnknownKeys(db, 'sources', source === undefined ? [] : [source]);
  const errors: FieldProblem[] = [
    ...(topics.size > 0 ? [{ pointer: '/topic', detail: 'Unknown topic' }] : []),
    ...(sources.size > 0 ? [{ pointer: '/source', detail: 'Unknown source' }] : []),
    ...(picture === undefined ? [] : checkPicture(picture)),
  ];
  if (errors.length > 0)
    throw new ProblemError('invalid-input', 'Fix the fields listed in errors.', { errors });
}

function checkPicture({ motif, palette }: PictureDescription): FieldProblem[] {
  const { motifs, palettes } = pictureOptions;
  return [
    ...(motifs.includes(motif) ? [] : [{ pointer: '/picture/motif', detail: 'Unknown motif' }]),
    ...(palettes.includes(palette) ? [] : [{ pointer: '/picture/palette', detail: 'Unknown palette' }]),
  ];
}
