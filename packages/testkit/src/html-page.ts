/** A button that submits a form. */
export interface HtmlButton {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/** A form of a page. */
export interface HtmlForm {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Named fields, hidden ones included, with the values they have. */
  readonly fields: Readonly<Record<string, string>>;
  readonly buttons: readonly HtmlButton[];
}

/** A page as a browser would see it. */
export interface HtmlPage {
  /** The address the page came from. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Which of the sign-in pages this is (`login-name`, `password`, `error` …). */
  readonly name: string;
  readonly language: string;
  readonly title: string;
  readonly forms: readonly HtmlForm[];
  /** Addresses of links by their id. */
  readonly links: Readonly<Record<string, string>>;
  /** The text of the element with an id, tags left out; `undefined` when there is none. */
  readonly textOf: (id: string) => string | undefined;
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function decode(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}

function attributesOf(tag: string): Readonly<Record<string, string>> {
  const pairs = [...tag.matchAll(/\s([a-z-]+)="([^"]*)"/gi)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]));
}

function plain(html: string): string {
  return decode(html.replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();
}

function parseForm(html: string): HtmlForm {
  const open = attributesOf(/^<form[^>]*>/i.exec(html)?.[0] ?? '');
  const fields = [...html.matchAll(/<input[^>]*>/gi)]
    .map(([tag]) => attributesOf(tag))
    .filter((input) => input.name !== undefined)
    .map((input) => [input.name, input.value ?? '']);
  const buttons = [...html.matchAll(/(<button[^>]*>)([\s\S]*?)<\/button>/gi)].map(
    ([, tag = '', inner = '']) => {
      const { id = '', name = '', value = '' } = attributesOf(tag);
      return { id, name, value, text: plain(inner) };
    },
  );
  return {
    action: open.action ?? '',
    method: open.method?.toUpperCase() === 'POST' ? 'POST' : 'GET',
    fields: Object.fromEntries(fields),
    buttons,
  };
}

/** Reads the HTML of a sign-in page: its forms, links and named elements. Not a parser for HTML of other people. */
export function parseHtmlPage(url: URL, response: Response, html: string): HtmlPage {
  const links = [...html.matchAll(/<a\s[^>]*>/gi)]
    .map(([tag]) => attributesOf(tag))
    .map(({ id, hreflang, href = '' }) => [
      id ?? (hreflang === undefined ? '' : `language-${hreflang}`),
      href,
    ]);
  return {
    url,
    status: response.status,
    headers: response.headers,
    html,
    name: /data-page="([^"]*)"/.exec(html)?.[1] ?? '',
    language: /<html[^>]*\slang="([^"]*)"/i.exec(html)?.[1] ?? '',
    title: decode(/<title>([\s\S]*?)<\/title>/i.exec(html)?.[1] ?? ''),
    forms: [...html.matchAll(/<form[\s\S]*?<\/form>/gi)].map(([form]) => parseForm(form)),
    links: Object.fromEntries(links),
    textOf: (id) => {
      const found = new RegExp(`<([a-z0-9]+)[^>]*\\sid="${id}"[^>]*>([\\s\\S]*?)</\\1>`, 'i').exec(html);
      return found === null ? undefined : plain(found[2] ?? '');
    },
  };
}
