const MAX_LENGTH = 100;

/** A slug made of a title: lower case ASCII letters and digits, words joined by hyphens. Empty when nothing is left. */
export function slugOf(title: string): string {
  const words = title
    .replace(/ß/g, 'ss')
    .replace(/[æÆ]/g, 'ae')
    .replace(/[øØ]/g, 'o')
    .normalize('NFKD')
    .replace(/\p{M}|['’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (words.length <= MAX_LENGTH) return words;
  // Ends at a whole word, unless the first word is longer than all of it.
  const cut = words.slice(0, MAX_LENGTH + 1);
  const end = cut.lastIndexOf('-');
  return cut.slice(0, end > 0 ? end : MAX_LENGTH);
}
