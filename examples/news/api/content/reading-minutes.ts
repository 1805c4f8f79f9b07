const wordsPerMinute = 200;

/** Counts the words a reader sees in a Markdown text; marks, list bullets and link targets are no words. */
export function countWords(markdown: string): number {
  const visible = markdown.replace(/\]\([^)]*\)/g, ']');
  return visible.split(/\s+/).filter((token) => /[\p{L}\p{N}]/u.test(token)).length;
}

/** The reading time of a Markdown text in whole minutes at 200 words per minute, at least 1. */
export function readingMinutes(markdown: string): number {
  return Math.max(1, Math.round(countWords(markdown) / wordsPerMinute));
}
