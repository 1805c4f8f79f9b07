/**
 * Every request and response of the news API, as zod schemas with their types. The server checks requests with them and
 * derives its OpenAPI document from them; a front end written in TypeScript imports the types.
 */
import { z } from 'zod';

/** The key of a topic or a source: lower case letters, digits and hyphens. */
export const Key = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(60);

/** The last part of an article's address. Never changes once the article exists. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(120);

// PostgreSQL cannot store the character U+0000.
const text = () => z.string().refine((value) => !value.includes('\0'), 'must not contain U+0000');

const Timestamp = z.iso.datetime().meta({ description: 'RFC 3339, in UTC.' });

const Cursor = z.string().meta({ description: 'Send it as `cursor` to get the next page. Opaque.' });

/** A page of a list. `nextCursor` is null on the last page. */
const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: Cursor.nullable() });

export const Topic = z.object({ key: Key, name: z.string(), description: z.string() });
export type Topic = z.infer<typeof Topic>;

export const Source = z.object({ key: Key, name: z.string(), description: z.string() });
export type Source = z.infer<typeof Source>;

export const TopicList = z.object({ items: z.array(Topic) });
export type TopicList = z.infer<typeof TopicList>;

export const SourceList = z.object({ items: z.array(Source) });
export type SourceList = z.infer<typeof SourceList>;

const Named = z.object({ key: Key, name: z.string() });

export const Picture = z.object({
  url: z
    .string()
    .meta({ description: 'Path on this API. Changes with the picture, so it can be cached for good.' }),
  alt: z.string().meta({ description: 'Alternative text; empty for a decorative picture.' }),
});
export type Picture = z.infer<typeof Picture>;

/** An article in a list. */
export const ArticleSummary = z.object({
  slug: Slug,
  title: z.string(),
  summary: z.string(),
  topic: Named,
  source: Named,
  author: z.string(),
  publishedAt: Timestamp.nullable().meta({ description: 'Null for a draft.' }),
  readingMinutes: z.int().min(1),
  tags: z.array(z.string()),
  picture: Picture,
});
export type ArticleSummary = z.infer<typeof ArticleSummary>;

export const BodyFormat = z.enum(['markdown', 'html']);
export type BodyFormat = z.infer<typeof BodyFormat>;

/** What an editor wrote or a feed delivered. */
export const ArticleBody = z.object({ format: BodyFormat, text: text().min(1).max(200_000) });
export type ArticleBody = z.infer<typeof ArticleBody>;

/** A drawn picture: which motif, in which colors. */
export const PictureDescription = z.object({
  motif: text().min(1).max(60),
  palette: text().min(1).max(60),
  alt: text().max(300),
});
export type PictureDescription = z.infer<typeof PictureDescription>;

/** A whole article. */
export const Article = ArticleSummary.extend({
  html: z
    .string()
    .meta({ description: 'The text as HTML. Sanitized: it can be inserted into a page as it is.' }),
  link: z.url().nullable().meta({ description: 'Where an imported article comes from.' }),
  status: z.enum(['draft', 'published']),
  version: z.int().min(1).meta({ description: 'Counts changes. Also the value of the ETag.' }),
  updatedAt: Timestamp,
});
export type Article = z.infer<typeof Article>;

/** An article as its editors see it: with the text as it was written. */
export const EditableArticle = Article.extend({ body: ArticleBody, pictureDescription: PictureDescription });
export type EditableArticle = z.infer<typeof EditableArticle>;

export const ArticlePage = pageOf(ArticleSummary);
export type ArticlePage = z.infer<typeof ArticlePage>;

export const Draft = ArticleSummary.extend({ version: z.int().min(1), updatedAt: Timestamp });
export type Draft = z.infer<typeof Draft>;

/** Drafts, the last changed first. */
export const DraftPage = pageOf(Draft);
export type DraftPage = z.infer<typeof DraftPage>;

const Title = text().trim().min(1).max(200);
const ArticleFields = z.strictObject({
  title: Title,
  summary: text().trim().min(1).max(600),
  topic: Key,
  source: Key,
  author: text().trim().min(1).max(120),
  tags: z.array(text().trim().min(1).max(40)).max(12),
  body: ArticleBody,
  picture: PictureDescription,
});

/** A new article; it starts as a draft. The slug is made from the title unless given. */
export const NewArticle = ArticleFields.partial({ tags: true, picture: true }).extend({
  slug: Slug.optional(),
});
export type NewArticle = z.infer<typeof NewArticle>;

/** Changes to an article. `version`, or `If-Match` with the ETag, says which version they are made to. */
export const ArticleChanges = ArticleFields.partial().extend({ version: z.int().min(1).optional() });
export type ArticleChanges = z.infer<typeof ArticleChanges>;

/** The version to publish or unpublish; or send `If-Match`. */
export const VersionInput = z.strictObject({ version: z.int().min(1).optional() });
export type VersionInput = z.infer<typeof VersionInput>;

/** Text and picture of an article that is not saved yet. */
export const PreviewInput = z.strictObject({ body: ArticleBody, picture: PictureDescription.optional() });
export type PreviewInput = z.infer<typeof PreviewInput>;

export const Preview = z.object({
  html: z.string().meta({ description: 'Sanitized, as in the article.' }),
  readingMinutes: z.int().min(1),
  pictureSvg: z.string().nullable(),
});
export type Preview = z.infer<typeof Preview>;

/** What can be drawn: for the form of an editor. */
export const PictureOptions = z.object({ motifs: z.array(z.string()), palettes: z.array(z.string()) });
export type PictureOptions = z.infer<typeof PictureOptions>;

/** A piece of text that matched the search, or did not. */
export const TextPart = z.object({ text: z.string(), isMatch: z.boolean() });
export type TextPart = z.infer<typeof TextPart>;

export const SearchHit = z.object({
  article: ArticleSummary,
  title: z.array(TextPart).meta({ description: 'The title, in parts.' }),
  snippet: z.array(TextPart).meta({ description: 'A passage around the matches, in parts.' }),
});
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchPage = pageOf(SearchHit);
export type SearchPage = z.infer<typeof SearchPage>;

/** Why an article is in the feed. */
export const FeedReason = z.discriminatedUnion('kind', [
  z
    .object({ kind: z.literal('topic'), key: Key, name: z.string() })
    .meta({ description: 'You follow this topic.' }),
  z
    .object({ kind: z.literal('source'), key: Key, name: z.string() })
    .meta({ description: 'You follow this source.' }),
  z
    .object({ kind: z.literal('saved-similar'), slug: Slug, title: z.string() })
    .meta({ description: 'Similar to this article, which you saved.' }),
  z.object({ kind: z.literal('new') }).meta({ description: 'New, and nothing else speaks for it.' }),
]);
export type FeedReason = z.infer<typeof FeedReason>;

export const FeedItem = z.object({
  article: ArticleSummary,
  reason: FeedReason,
  isRead: z.boolean(),
  isSaved: z.boolean(),
});
export type FeedItem = z.infer<typeof FeedItem>;

export const FeedPage = pageOf(FeedItem);
export type FeedPage = z.infer<typeof FeedPage>;

const KeySet = z
  .array(Key)
  .max(100)
  .refine((keys) => new Set(keys).size === keys.length, 'A key is listed twice.');

/** What a reader chose. A PUT replaces all of it. */
export const PreferencesInput = z.strictObject({
  topics: KeySet,
  sources: KeySet,
  mutedTopics: KeySet,
  mutedSources: KeySet,
  isHistoryOn: z.boolean(),
});
export type PreferencesInput = z.infer<typeof PreferencesInput>;

export const Preferences = z.object({
  topics: z.array(Key),
  sources: z.array(Key),
  mutedTopics: z.array(Key),
  mutedSources: z.array(Key),
  isHistoryOn: z.boolean(),
  updatedAt: Timestamp.nullable().meta({
    description: 'Null until the reader has chosen for the first time.',
  }),
});
export type Preferences = z.infer<typeof Preferences>;

export const SavedArticle = z.object({ article: ArticleSummary, savedAt: Timestamp });
export type SavedArticle = z.infer<typeof SavedArticle>;

/** Saved articles, the last saved first. */
export const SavedPage = pageOf(SavedArticle);
export type SavedPage = z.infer<typeof SavedPage>;

export const HistoryEntry = z.object({ article: ArticleSummary, readAt: Timestamp });
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** Articles read, the last read first. */
export const HistoryPage = pageOf(HistoryEntry);
export type HistoryPage = z.infer<typeof HistoryPage>;

export const HistoryOutcome = z.object({
  isRecorded: z.boolean().meta({ description: 'False when the reader has switched the history off.' }),
});
export type HistoryOutcome = z.infer<typeof HistoryOutcome>;

/** Who the access token belongs to, as far as the news portal cares. */
export const Me = z.object({
  isEditor: z.boolean(),
  hasPreferences: z.boolean().meta({ description: 'False until the reader has chosen for the first time.' }),
});
export type Me = z.infer<typeof Me>;

const Limit = z.coerce.number().int().min(1).max(50).default(20);
const paging = { cursor: z.string().max(500).optional(), limit: Limit };

export const PageQuery = z.strictObject(paging);
export type PageQuery = z.infer<typeof PageQuery>;

export const ArticleQuery = z.strictObject({ topic: Key.optional(), source: Key.optional(), ...paging });
export type ArticleQuery = z.infer<typeof ArticleQuery>;

/** `slug`, which may be repeated, asks about these articles only. */
export const SavedQuery = z.strictObject({
  slug: z
    .union([Slug.transform((slug) => [slug]), z.array(Slug).max(50)])
    .optional()
    .meta({ description: 'Only these articles; may be repeated.' }),
  ...paging,
});
export type SavedQuery = z.infer<typeof SavedQuery>;

export const SearchQuery = z.strictObject({
  q: text().trim().min(1).max(200),
  topic: Key.optional(),
  ...paging,
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** What is wrong with a field: `pointer` is a JSON pointer into the body, or the name of a query parameter. */
export const FieldProblem = z.object({ pointer: z.string(), detail: z.string() });
export type FieldProblem = z.infer<typeof FieldProblem>;

export const ProblemCode = z.enum([
  'invalid-input',
  'invalid-cursor',
  'missing-token',
  'invalid-token',
  'invalid-dpop-proof',
  'insufficient-role',
  'fresh-sign-in-required',
  'not-found',
  'method-not-allowed',
  'slug-taken',
  'version-conflict',
  'version-required',
  'too-large',
  'issuer-unavailable',
  'internal-error',
]);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** Every refusal (RFC 9457), as `application/problem+json`. */
export const Problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: ProblemCode,
  detail: z.string(),
  errors: z.array(FieldProblem).optional(),
  maxAge: z
    .int()
    .optional()
    .meta({ description: 'With fresh-sign-in-required: the `max_age` to sign in with.' }),
});
export type Problem = z.infer<typeof Problem>;

export const Health = z.object({ status: z.literal('ok') });
export type Health = z.infer<typeof Health>;
