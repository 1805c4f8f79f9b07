import { parseFeed as parseAnyFeed } from 'feedsmith';
import { ImportError } from './import-problem.ts';

/** An item in the terms all formats share; what is missing is undefined. */
export interface FeedEntry {
  /** What names the item at its source: `guid`, `id`, or else its link. */
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly link: string | undefined;
  readonly date: string | undefined;
  readonly author: string | undefined;
  readonly categories: readonly string[];
  /** HTML. */
  readonly summary: string | undefined;
  /** HTML. */
  readonly content: string | undefined;
}

export interface ParsedFeed {
  readonly title: string | undefined;
  readonly link: string | undefined;
  readonly entries: readonly FeedEntry[];
}

/** The most items of one feed. */
export const MAX_ITEMS = 2_000;

/**
 * Reads RSS, Atom or JSON Feed. Throws `ImportError` for anything else, for a document that is cut off or malformed, and
 * for one that declares entities: expanding them is how a small feed becomes an endless text or reads files.
 */
export function parseFeed(text: string): ParsedFeed {
  const document = text.trimStart();
  if (document.startsWith('<')) checkDeclarations(document);
  const outcome = parseAny(document);
  const feed = outcome.format === 'json' ? fromJson(outcome.feed) : fromXml(outcome);
  if (feed.entries.length > MAX_ITEMS) {
    throw new ImportError(`The feed has ${feed.entries.length} items; at most ${MAX_ITEMS} are imported.`);
  }
  return feed;
}

// Dates stay as they are written, so that a wrong one can be quoted.
const parse = (text: string) => parseAnyFeed(text, { parseDateFn: (raw: string) => raw });

type AnyFeed = ReturnType<typeof parse>;
type FeedOf<Format extends AnyFeed['format']> = Extract<AnyFeed, { format: Format }>['feed'];
type AtomEntry = NonNullable<FeedOf<'atom'>['entries']>[number];

function parseAny(text: string): AnyFeed {
  try {
    return parse(text);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : '';
    const detail = text.startsWith('{') ? findJsonFault(text) : cause;
    throw new ImportError(`This is neither RSS, nor Atom, nor JSON Feed, or it is malformed.${detail}`);
  }
}

function checkDeclarations(text: string): void {
  // Comments may stand before the document type and may contain anything.
  const withoutComments = text.slice(0, 100_000).replace(/<!--.*?-->/gs, '');
  if (/<!ENTITY/i.test(withoutComments))
    throw new ImportError('The feed declares XML entities, which are not accepted.');
  const root = /<(rss|feed|rdf:RDF)[\s>]/i.exec(withoutComments)?.[1];
  // The parser reads a document that is cut off as if it ended there.
  if (
    root !== undefined &&
    !new RegExp(`</${root}\\s*>\\s*(<!--.*?-->\\s*)*$`, 'is').test(text.slice(-10_000))
  ) {
    throw new ImportError(`The feed is cut off: it does not end with </${root}>.`);
  }
}

function findJsonFault(text: string): string {
  try {
    JSON.parse(text);
    return ' A JSON Feed has "version": "https://jsonfeed.org/version/…".';
  } catch (error) {
    return ` ${error instanceof Error ? error.message : String(error)}`;
  }
}

function fromXml(outcome: Exclude<AnyFeed, { format: 'json' }>): ParsedFeed {
  switch (outcome.format) {
    case 'rss':
      return fromRss(outcome.feed);
    case 'atom':
      return fromAtom(outcome.feed);
    case 'rdf':
      throw new ImportError('This is RSS 1.0 (RDF). RSS 2.0, Atom and JSON Feed are imported.');
  }
}

function fromRss(feed: FeedOf<'rss'>): ParsedFeed {
  return {
    title: feed.title,
    link: feed.link,
    entries: (feed.items ?? []).map((item) => ({
      id: item.guid?.value ?? item.link,
      title: item.title,
      link: item.link,
      date: item.pubDate ?? item.dc?.dates?.[0],
      author: item.authors?.[0]?.name ?? item.dc?.creators?.[0],
      categories: (item.categories ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
      summary: item.description,
      content: item.content?.encoded ?? item.description,
    })),
  };
}

function fromAtom(feed: FeedOf<'atom'>): ParsedFeed {
  const linkOf = (links: AtomEntry['links'] = []) =>
    links.find(({ rel }) => rel === undefined || rel === 'alternate')?.href;
  return {
    title: htmlOf(feed.title),
    link: linkOf(feed.links),
    entries: (feed.entries ?? []).map((entry) => ({
      id: entry.id ?? linkOf(entry.links),
      title: htmlOf(entry.title),
      link: linkOf(entry.links),
      date: entry.published ?? entry.updated,
      author: entry.authors?.[0]?.name ?? feed.authors?.[0]?.name,
      categories: (entry.categories ?? []).flatMap(({ term, label }) => label ?? term ?? []),
      summary: htmlOf(entry.summary),
      content: htmlOf(entry.content) ?? htmlOf(entry.summary),
    })),
  };
}

// RFC 4287 §3.1.1: without a type, or with `text`, the value is text and not markup.
function htmlOf(text: { value?: string; type?: string } | undefined): string | undefined {
  const { value, type = 'text' } = text ?? {};
  return value === undefined || type.includes('html') ? value : escapeHtml(value);
}

function fromJson(feed: FeedOf<'json'>): ParsedFeed {
  return {
    title: optionalText(feed.title),
    link: feed.home_page_url,
    entries: (feed.items ?? []).map((item) => ({
      id: item.id ?? item.url,
      title: optionalText(item.title),
      link: item.url ?? item.external_url,
      date: item.date_published,
      author: item.authors?.[0]?.name ?? feed.authors?.[0]?.name,
      categories: item.tags ?? [],
      summary: optionalText(item.summary),
      content: item.content_html ?? optionalText(item.content_text),
    })),
  };
}

function optionalText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : escapeHtml(text);
}

// Paragraphs of a plain text are separated by empty lines.
function escapeHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const paragraphs = escaped.split(/\r?\n\s*\r?\n/);
  return paragraphs.length === 1 ? escaped : paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n');
}
