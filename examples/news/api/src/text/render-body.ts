import { marked } from 'marked';
import type { ArticleBody } from '../contract.ts';
import { cleanHtml, plainTextOf } from './clean-html.ts';

/** A text in the forms it is stored in. */
export interface RenderedBody {
  /** Sanitized. */
  readonly html: string;
  /** Without markup, for the search. */
  readonly plainText: string;
  readonly readingMinutes: number;
}

const WORDS_PER_MINUTE = 200;

/**
 * Renders what an editor wrote or a feed delivered. Both formats end in the same sanitizer, since Markdown may contain
 * HTML. Relative links are resolved against `base`, if there is one.
 */
export function renderBody(body: ArticleBody, base?: string): RenderedBody {
  const written = body.format === 'markdown' ? marked.parse(body.text, { async: false }) : body.text;
  const html = cleanHtml(written, base);
  const plainText = plainTextOf(html);
  const words = plainText.split(/\s+/).length;
  return { html, plainText, readingMinutes: Math.max(1, Math.round(words / WORDS_PER_MINUTE)) };
}
