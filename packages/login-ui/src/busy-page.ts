import { colorRules } from './branding-styles.ts';
import type { MessageKey } from './messages/messages.ts';
import { type Translator, translatorFor } from './translator.ts';
import type { PageBranding } from './view-models.ts';
import { visibleText } from './visible-text.ts';

/** What the page of a busy server depends on; nothing of one request, so that it is made once for many. */
export interface BusyPageContext {
  readonly locale: string;
  readonly organizationName: string;
  readonly branding?: PageBranding;
  /**
   * What was refused, and whether a link to the page's own address repeats it: a `form` whose address leads back to its
   * page, a `form` whose address does not, or a `page`.
   */
  readonly refused: 'form' | 'form-without-address' | 'page';
}

/** A document and its style sheet, whose hash the policy names in place of a nonce (CSP Level 3 §8.1). */
export interface BusyPage {
  /** ASCII: a server sends it without looking at each character. */
  readonly html: string;
  readonly styles: string;
}

const light =
  '--canvas:#f6f8f9;--surface:#fff;--hairline:#dde2e3;--text:#151f21;--muted:#525d5f;--accent:#006263;--on-accent:#f8fdfd';
const dark =
  '--canvas:#0a0f10;--surface:#111718;--hairline:#252c2e;--text:#e7ecee;--muted:#9fa8aa;--accent:#74c0bd;--on-accent:#041717';

const rules = [
  '*{box-sizing:border-box}',
  'body{margin:0;min-height:100vh;display:flex;background:var(--canvas);color:var(--text);font:1rem/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif;overflow-wrap:anywhere}',
  'main{width:27.5rem;max-width:100%;margin:auto;padding:2rem;background:var(--surface);border:1px solid var(--hairline);border-radius:var(--radius)}',
  'p{margin:.5rem 0 0;color:var(--muted)}',
  '.wordmark{margin:0 0 1.75rem;font-weight:600;color:var(--text)}',
  'h1{margin:0;font-size:1.375rem;line-height:1.3;font-weight:600}',
  'a{display:block;margin-top:1.5rem;padding:.625rem;border-radius:var(--radius);background:var(--accent);color:var(--on-accent);font-weight:600;text-align:center;text-decoration:none}',
  ':focus-visible{outline:2px solid var(--accent);outline-offset:2px}',
  'code{font-size:.875rem}',
].join('');

function stylesOf(branding: PageBranding | undefined): string {
  const themeMode = branding?.themeMode ?? 'auto';
  const radius = branding !== undefined && Number.isFinite(branding.radiusPx) ? branding.radiusPx : 8;
  const themes = {
    auto: `:root{color-scheme:light dark;${light}}@media (prefers-color-scheme:dark){:root{${dark}}}`,
    light: `:root{color-scheme:light;${light}}`,
    dark: `:root{color-scheme:dark;${dark}}`,
  } as const;
  const own = branding === undefined ? '' : colorRules(branding);
  return `${themes[themeMode]}:root{--radius:${radius}px}${own}${rules}`;
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as markup, in ASCII. */
function escapeText(text: string): string {
  return visibleText(text).replace(
    /[&<>"]|[^\u0020-\u007e]/gu,
    (character) => named[character] ?? `&#${character.codePointAt(0) ?? 0xfffd};`,
  );
}

const messagesOf = {
  form: { advice: 'busy.send-again', link: 'busy.back' },
  'form-without-address': { advice: 'busy.send-again', link: undefined },
  page: { advice: 'busy.open-again', link: 'busy.again' },
} as const satisfies Record<BusyPageContext['refused'], { advice: MessageKey; link: MessageKey | undefined }>;

/** What a plain page shows, each text in the language of the page but for `detail`, which is for developers. */
interface PlainPage {
  readonly organizationName: string;
  readonly branding?: PageBranding;
  readonly heading: MessageKey;
  readonly advice: MessageKey;
  /** The text of a link to the address of the page itself. */
  readonly link?: MessageKey | undefined;
  readonly code: string;
  readonly detail?: string;
}

function renderPlainPage(translator: Translator, page: PlainPage): BusyPage {
  const { tag, direction } = translator.locale;
  const text = (key: MessageKey) => escapeText(translator.text(key));
  const { heading, advice, link, code, detail } = page;
  const name = escapeText(page.organizationName);
  const styles = stylesOf(page.branding);
  const head = [
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(heading)} &#183; ${name}</title>`,
    '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">',
    `<link rel="icon" href="data:,"><style>${styles}</style>`,
  ].join('');
  const main = [
    `<p class="wordmark"><bdi>${name}</bdi></p><h1>${text(heading)}</h1><p>${text(advice)}</p>`,
    link === undefined ? '' : `<a id="again" href="">${text(link)}</a>`,
    detail === undefined ? '' : `<p id="error-detail" lang="en">${escapeText(detail)}</p>`,
    `<p><code id="error-code">${code}</code></p>`,
  ].join('');
  return {
    html: `<!doctype html><html lang="${tag}" dir="${direction}"><head>${head}</head><body><main data-page="error">${main}</main></body></html>`,
    styles,
  };
}

/**
 * The page a request is refused with because too many came at once. It is small, needs no JavaScript and names nothing of the
 * request: its link has an empty address, which is the address of the page itself (WHATWG URL §4.3).
 */
export function renderBusyPage({ locale, organizationName, branding, refused }: BusyPageContext): BusyPage {
  return renderPlainPage(translatorFor(locale), {
    organizationName,
    ...(branding === undefined ? {} : { branding }),
    heading: 'busy.heading',
    ...messagesOf[refused],
    code: 'busy',
  });
}

/** What of a request was too long to be read. */
export type Oversized = 'address' | 'headers';

/** The page for a request whose address or headers are too long, before anything else of it is known. */
export function renderOversizedPage(locale: string, what: Oversized, detail: string): BusyPage {
  return renderPlainPage(translatorFor(locale), {
    organizationName: 'Latchkey',
    heading: `oversized.${what}.heading`,
    advice: `oversized.${what}.advice`,
    code: `${what}-too-long`,
    detail,
  });
}
