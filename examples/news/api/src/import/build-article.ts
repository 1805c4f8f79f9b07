import type { Topic } from '../contract.ts';
import type { NewArticleRow } from '../database/articles.ts';
import { choosePicture } from '../pictures.ts';
import { cleanHtml, plainTextOf } from '../text/clean-html.ts';
import { renderBody } from '../text/render-body.ts';
import { slugOf } from '../text/slug.ts';
import type { FeedEntry } from './parse-feed.ts';

/** What holds for every item of a feed. */
export interface ImportContext {
  readonly topics: readonly Topic[];
  /** The topic of all items; without it the categories of each decide. */
  readonly topic: string | undefined;
  readonly source: { readonly key: string; readonly name: string };
  /** What relative links belong to, unless the item has a link. */
  readonly base: string | undefined;
  readonly now: Date;
}

/** An article, or what is wrong with the item. */
export type BuiltArticle =
  | { readonly kind: 'article'; readonly row: NewArticleRow & { readonly external_id: string } }
  | { readonly kind: 'problem'; readonly field: string; readonly detail: string };

const MAX_ID = 1_000;
const MAX_TITLE = 200;
const MAX_SUMMARY = 400;
const MAX_BODY = 200_000;
const MAX_AUTHOR = 120;
const MAX_TAGS = 12;
const MAX_TAG = 40;

const problem = (field: string, detail: string): BuiltArticle => ({ kind: 'problem', field, detail });
const textOf = (html: string) => plainTextOf(cleanHtml(html)).replace(/\s+/g, ' ');

/** Turns an item of a feed into an article, or says which field is wrong and why. */
export function buildArticle(entry: FeedEntry, context: ImportContext): BuiltArticle {
  const { id, link: givenLink, content = '' } = entry;
  if (id === undefined || id.trim() === '') return problem('id', 'The item has neither an ID nor a link.');
  if (id.length > MAX_ID) return problem('id', `The ID is longer than ${MAX_ID} characters.`);
  const title = textOf(entry.title ?? '');
  if (title === '') return problem('title', 'The item has no title.');
  const link = givenLink === undefined ? null : resolveLink(givenLink, context.base);
  if (link === undefined)
    return problem('link', `"${shorten(givenLink ?? '', 80)}" is not an http(s) address.`);
  const publishedAt = parseDate(entry.date, context.now);
  if (publishedAt === undefined) return problem('date', `"${shorten(entry.date ?? '', 80)}" is not a date.`);
  if (content.length > MAX_BODY) return problem('content', `The text is longer than ${MAX_BODY} characters.`);
  const { html, plainText, readingMinutes } = renderBody(
    { format: 'html', text: content },
    link ?? context.base,
  );
  if (plainText === '') return problem('content', 'The item has no text.');
  const topic = context.topic ?? findTopic(entry.categories, context.topics);
  if (topic === undefined) {
    return problem(
      'category',
      'No category is the name of a topic. Choose the topic of all items with --topic.',
    );
  }
  const slug = slugOf(title) || 'article';
  const picture = choosePicture(slug);
  return {
    kind: 'article',
    row: {
      slug,
      title: shorten(title, MAX_TITLE),
      summary: shorten(textOf(entry.summary ?? '') || plainText.replace(/\s+/g, ' '), MAX_SUMMARY),
      topic_key: topic,
      source_key: context.source.key,
      author: shorten(textOf(entry.author ?? ''), MAX_AUTHOR) || context.source.name,
      tags: tagsOf(entry.categories),
      body_format: 'html',
      // The text as cleaned: what was delivered is not kept, so it can never be shown by mistake.
      body: html,
      html,
      plain_text: plainText,
      reading_minutes: readingMinutes,
      motif: picture.motif,
      palette: picture.palette,
      picture_alt: picture.alt,
      link,
      external_id: id.trim(),
      status: 'published',
      published_at: publishedAt,
    },
  };
}

function resolveLink(link: string, base: string | undefined): string | undefined {
  const url = URL.canParse(link, base) ? new URL(link, base) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

// An item without a date is new; one from the future would stay at the top until then.
function parseDate(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return now;
  const date = new Date(text);
  const isDate = date.getTime() >= 0;
  return isDate ? new Date(Math.min(date.getTime(), now.getTime())) : undefined;
}

function findTopic(categories: readonly string[], topics: readonly Topic[]): string | undefined {
  const names = categories.map((category) => textOf(category).toLowerCase());
  return topics.find(({ key, name }) => names.includes(key) || names.includes(name.toLowerCase()))?.key;
}

function tagsOf(categories: readonly string[]): string[] {
  const tags = categories.map((category) => textOf(category).toLowerCase()).filter((tag) => tag !== '');
  return [...new Set(tags)].filter((tag) => tag.length <= MAX_TAG).slice(0, MAX_TAGS);
}

function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  // A surrogate pair is not cut in two.
  return `${cut.replace(/[\ud800-\udbff]$/, '').trimEnd()}…`;
}
