import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Key, PictureDescription, Slug, Source, Topic } from './contract.ts';
import { insertArticle, type NewArticleRow } from './database/articles.ts';
import { putCatalog } from './database/catalog.ts';
import { findNote, putNote } from './database/notes.ts';
import type { Database } from './database/open-database.ts';
import { renderBody } from './text/render-body.ts';

const FrontMatter = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  source: Key,
  author: z.string().min(1),
  hoursAgo: z.number().min(0),
  readingMinutes: z.int().min(1),
  tags: z.array(z.string()),
  picture: PictureDescription,
});

/** The articles written for this example. */
export const contentFolder = join(import.meta.dirname, '../content');

const LOADED = 'content-loaded-at';

/**
 * Brings the topics and sources of a content folder up to date, and at the first start its articles, aged as their
 * front matter says. Later starts leave articles alone, so that what editors deleted stays deleted. Resolves to the
 * number of articles loaded now. Rejects with the file's name when a file is not as it should be.
 */
export async function loadContent(db: Database, folder: string, now: Date): Promise<number> {
  if (!existsSync(join(folder, 'topics.json'))) return 0;
  const topics = await readList(join(folder, 'topics.json'), Topic);
  const sources = await readList(join(folder, 'sources.json'), Source);
  await putCatalog(db, 'topics', topics);
  await putCatalog(db, 'sources', sources);
  if ((await findNote(db, LOADED)) !== undefined) return 0;
  const articles = await readArticles(folder, now);
  return await db.transaction().execute(async (transaction) => {
    for (const article of articles) await insertArticle(transaction, article, now);
    await putNote(transaction, LOADED, now.toISOString());
    return articles.length;
  });
}

async function readList<Entry>(path: string, schema: z.ZodType<Entry>): Promise<Entry[]> {
  return parsed(path, z.array(schema), JSON.parse(await readFile(path, 'utf8')));
}

async function readArticles(folder: string, now: Date): Promise<NewArticleRow[]> {
  const found: NewArticleRow[] = [];
  const articles = join(folder, 'articles');
  for (const topic of (await readdir(articles)).sort()) {
    for (const name of (await readdir(join(articles, topic))).sort()) {
      if (name.endsWith('.md')) found.push(await readArticle(join(articles, topic, name), topic, now));
    }
  }
  // Inserted oldest first, so that IDs rise with time.
  return found.sort((one, other) => Number(one.published_at) - Number(other.published_at));
}

async function readArticle(path: string, topic: string, now: Date): Promise<NewArticleRow> {
  const text = await readFile(path, 'utf8');
  const match = /^---\r?\n(.*?)\r?\n---\r?\n(.*)$/s.exec(text);
  if (match === null) throw new Error(`${path}: the front matter between two lines of --- is missing.`);
  const [, head = '', body = ''] = match;
  const front = parsed(path, FrontMatter, parse(head));
  const { html, plainText } = renderBody({ format: 'markdown', text: body });
  return {
    slug: parsed(path, Slug, path.split(/[\\/]/).at(-1)?.replace(/\.md$/, '')),
    title: front.title,
    summary: front.summary,
    topic_key: topic,
    source_key: front.source,
    author: front.author,
    tags: front.tags,
    body_format: 'markdown',
    body: body.trim(),
    html,
    plain_text: plainText,
    reading_minutes: front.readingMinutes,
    motif: front.picture.motif,
    palette: front.picture.palette,
    picture_alt: front.picture.alt,
    link: null,
    external_id: null,
    status: 'published',
    published_at: new Date(now.getTime() - front.hoursAgo * 3_600_000),
  };
}

function parsed<Value>(path: string, schema: z.ZodType<Value>, value: unknown): Value {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  throw new Error(`${path}: ${z.prettifyError(outcome.error)}`);
}
