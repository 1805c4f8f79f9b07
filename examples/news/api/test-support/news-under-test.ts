import { createTestIssuer, type TestIssuer } from '@latchkey/api/testing';
import { z } from 'zod';
import { createApp } from '../src/app.ts';
import type { DatabaseLocation } from '../src/config.ts';
import { insertArticle, type NewArticleRow } from '../src/database/articles.ts';
import { putCatalog } from '../src/database/catalog.ts';
import { type Database, openDatabase } from '../src/database/open-database.ts';
import { renderBody } from '../src/text/render-body.ts';

/** An app over a database of its own, with an issuer that mints tokens. */
export interface NewsUnderTest {
  readonly issuer: TestIssuer;
  readonly db: Database;
  /** What the app takes for the present. */
  readonly clock: { now: Date };
  request(path: string, init?: RequestOptions): Promise<Answer>;
  /** Stores an article of the topic `science` and the source `wire`, published an hour ago unless told otherwise. */
  addArticle(fields: { readonly slug: string } & Partial<ArticleFields>): Promise<void>;
  close(): Promise<void>;
}

interface ArticleFields extends NewArticleRow {
  readonly hoursAgo: number;
}

export interface RequestOptions {
  readonly method?: string;
  /** An access token. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the answer. */
  readonly body: unknown;
}

const topics = ['science', 'business', 'culture'];
const sources = ['wire', 'gazette'];
const describe = (key: string) => ({
  key,
  name: `${key[0]?.toUpperCase()}${key.slice(1)}`,
  description: `About ${key}.`,
});

export const webOrigin = 'http://localhost:3001';

/** Starts the app over an empty database with three topics and two sources. */
export async function startNews(location: DatabaseLocation = { kind: 'memory' }): Promise<NewsUnderTest> {
  const clock = { now: new Date('2026-11-29T12:00:00.000Z') };
  const issuer = await createTestIssuer({ now: () => clock.now.getTime() });
  const { db, close } = await openDatabase(location);
  await putCatalog(db, 'topics', topics.map(describe));
  await putCatalog(db, 'sources', sources.map(describe));
  const config = {
    issuer: issuer.issuer,
    projectId: issuer.projectId,
    webOrigin,
    keyFile: issuer.createKeyFile(),
  };
  const app = createApp(config, db, { fetch: issuer.fetch, now: () => clock.now });
  return {
    issuer,
    db,
    clock,
    close,
    async request(path, { method = 'GET', token, headers = {}, body } = {}) {
      const response = await app.request(path, {
        method,
        headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true;
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? JSON.parse(text) : undefined,
      };
    },
    async addArticle({ hoursAgo = 1, ...fields }) {
      const body = fields.body ?? `Text of ${fields.slug}.`;
      const { html, plainText, readingMinutes } = renderBody({ format: 'markdown', text: body });
      const article: NewArticleRow = {
        title: `Title of ${fields.slug}`,
        summary: `Summary of ${fields.slug}.`,
        topic_key: 'science',
        source_key: 'wire',
        author: 'Mary Somerville',
        tags: [],
        body_format: 'markdown',
        body,
        html,
        plain_text: plainText,
        reading_minutes: readingMinutes,
        motif: 'lighthouse',
        palette: 'dawn',
        picture_alt: '',
        link: null,
        external_id: null,
        status: 'published',
        published_at: new Date(clock.now.getTime() - hoursAgo * 3_600_000),
        ...fields,
      };
      if (!(await insertArticle(db, article, clock.now))) throw new Error(`${fields.slug} exists`);
    },
  };
}

const list = z.object({
  items: z.array(
    z.object({ slug: z.string().optional(), article: z.object({ slug: z.string() }).optional() }),
  ),
  nextCursor: z.string().nullable(),
});

/** The slugs of a page of articles, in their order. */
export function slugsOf(answer: Answer): string[] {
  return list.parse(answer.body).items.map(({ slug, article }) => slug ?? article?.slug ?? '');
}

/** The cursor of a page that is not the last one. */
export function nextCursorOf(answer: Answer): string {
  return z.string().parse(list.parse(answer.body).nextCursor);
}

/** Reads a list to its end, page by page. */
export async function readAll(
  news: NewsUnderTest,
  path: string,
  options: RequestOptions = {},
): Promise<string[]> {
  const slugs: string[] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
    const answer = await news.request(next, options);
    slugs.push(...slugsOf(answer));
    cursor = list.parse(answer.body).nextCursor;
  } while (cursor !== null);
  return slugs;
}
