import sanitizeHtml from 'sanitize-html';

const tags = [
  'p',
  'h2',
  'h3',
  'h4',
  'ul',
  'ol',
  'li',
  'blockquote',
  'a',
  'em',
  'strong',
  'code',
  'pre',
  'br',
  'hr',
  'sub',
  'sup',
];

// Browsers know about 30 levels in any real article; an endless nest would only slow them down.
const NESTING_LIMIT = 50;

/**
 * HTML with nothing but text, links and the structure of an article. Pictures are taken out: they would tell other
 * servers who reads what. `base` is the address that relative links belong to.
 */
export function cleanHtml(html: string, base?: string): string {
  return sanitizeHtml(html, {
    allowedTags: tags,
    allowedAttributes: { a: ['href', 'rel'] },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    nestingLimit: NESTING_LIMIT,
    transformTags: {
      // The page has the title as its h1.
      h1: 'h2',
      h5: 'h4',
      h6: 'h4',
      b: 'strong',
      i: 'em',
      div: 'p',
      a: (tagName, { href = '' }) => ({
        tagName,
        attribs: { href: absolute(href, base), rel: 'noopener noreferrer' },
      }),
    },
  }).trim();
}

function absolute(href: string, base: string | undefined): string {
  return base !== undefined && URL.canParse(href, base) ? new URL(href, base).href : href;
}

/** The text of sanitized HTML, its blocks separated by line breaks. */
export function plainTextOf(html: string): string {
  const blocks = html.replace(/<\/(p|h\d|li|blockquote|pre)>|<(br|hr)\b[^>]*>/g, '$&\n');
  const text = sanitizeHtml(blocks, { allowedTags: [], allowedAttributes: {} });
  return decodeBasicEntities(text)
    .replace(/[ \t]*\n\s*/g, '\n')
    .trim();
}

// The sanitizer writes these four and no others.
function decodeBasicEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot);/g, (entity) => entities[entity] ?? entity);
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
