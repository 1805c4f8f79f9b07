/** Refuses a request with problem details (RFC 9457 §3). */
export function refuse(status: number, code: string, detail: string): Response {
  return new Response(JSON.stringify({ type: 'about:blank', status, code, detail }), {
    status,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'x-latchkey-error': code,
    },
  });
}

/**
 * True for what the router in the page fetches, such as a page's content before it is shown, and false for what the browser
 * opens and for what a front end sends with its CSRF header.
 */
export function isRouterRequest({ headers }: Request): boolean {
  const mode = headers.get('sec-fetch-mode');
  return mode !== null && mode !== 'navigate' && !headers.has('x-latchkey-csrf');
}

/** True when the browser opens a page, by Fetch Metadata §2.3 or else by what it accepts. */
export function isNavigation(headers: Headers): boolean {
  const mode = headers.get('sec-fetch-mode');
  return mode === null ? (headers.get('accept') ?? '').includes('text/html') : mode === 'navigate';
}
