import { createHash } from 'node:crypto';
import { chooseLocale, type Oversized, renderOversizedPage } from '@latchkey/login-ui';
import { limits } from '@latchkey/protocol';
import type { Answer } from './http.ts';

export const maximumHeaderLines = 100;

/** What could be read of a request whose head is too long. */
export interface ReadHead {
  readonly what: Oversized;
  /** Absent where the packet that went beyond does not show it. */
  readonly accept?: string;
  readonly acceptLanguage?: string;
}

const details: Readonly<Record<Oversized, string>> = {
  address: `Request line and headers may have ${limits.requestHead} bytes. Send a long request by POST, or push it (PAR, RFC 9126).`,
  headers: `Send at most ${maximumHeaderLines} header lines and ${limits.requestHead} bytes of them.`,
};

function headerIn(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*([^\\r\\n]{0,1000})`, 'im').exec(head)?.[1];
}

/** Reads what the HTTP parser had when it gave up: the last packet, which is the whole head where that came in one. */
export function readHead(packet: Buffer | undefined): ReadHead {
  const head = packet?.subarray(0, 2 * limits.requestHead).toString('latin1') ?? '';
  if (!/^[A-Z]{3,10} \//.test(head)) return { what: 'headers', accept: 'text/html' };
  const end = head.indexOf('\r\n');
  const what = end < 0 || end > limits.requestHead / 2 ? 'address' : 'headers';
  const accept = headerIn(head, 'accept') ?? (end < 0 ? 'text/html' : undefined);
  const acceptLanguage = headerIn(head, 'accept-language');
  return {
    what,
    ...(accept === undefined ? {} : { accept }),
    ...(acceptLanguage === undefined ? {} : { acceptLanguage }),
  };
}

const common = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
} as const;

/**
 * The answer to a request whose address (414) or headers (431) are too long: a page for a browser, JSON for a program
 * (RFC 9110 §15.5.15, RFC 6585 §5).
 */
export function oversizedAnswer({ what, accept = '', acceptLanguage }: ReadHead): Answer {
  const status = what === 'address' ? 414 : 431;
  const detail = details[what];
  if (!accept.includes('text/html')) {
    const body = JSON.stringify({ error: 'invalid_request', error_description: detail });
    return { status, headers: { ...common, 'content-type': 'application/json' }, body };
  }
  const locale = chooseLocale(undefined, acceptLanguage);
  const { html, styles } = renderOversizedPage(locale, what, detail);
  const hash = createHash('sha256').update(styles).digest('base64');
  return {
    status,
    headers: {
      ...common,
      'content-type': 'text/html; charset=utf-8',
      'content-language': locale,
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
    },
    body: html,
  };
}
