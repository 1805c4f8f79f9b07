/** How cookies of this app are named and written. */
export interface CookieJar {
  readonly sessionName: string;
  readonly noticeName: string;
  readonly transactionPrefix: string;
  /** A `Set-Cookie` line. */
  write(name: string, value: string, maxAgeSeconds: number): string;
  /** A `Set-Cookie` line that removes the cookie. */
  remove(name: string): string;
}

/**
 * On https every cookie has the `__Host-` prefix: browsers then take it from this very host over TLS only, never from a
 * subdomain (RFC 6265bis §4.1.3.2). On plain-http loopback not every browser stores Secure cookies, so the names there are
 * `latchkey-dev-<port>`, without prefix and Secure; ports share cookies, hence the port.
 */
export function createCookieJar(baseUrl: URL): CookieJar {
  const isSecure = baseUrl.protocol === 'https:';
  const name = isSecure ? '__Host-latchkey' : `latchkey-dev-${baseUrl.port || '80'}`;
  // Lax, so that the session is there when somebody follows a link into the app, and the transaction when the issuer
  // sends the browser back. What Strict would add, the CSRF check does.
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const write = (cookie: string, value: string, maxAgeSeconds: number) =>
    `${cookie}=${value}; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}; ${attributes}`;
  return {
    sessionName: name,
    noticeName: `${name}-notice`,
    transactionPrefix: `${name}-tx-`,
    write,
    remove: (cookie) => write(cookie, '', 0),
  };
}

/** The cookies of a request by name (RFC 6265 §4.2). Of several with one name the first counts. */
export function parseCookies(headers: Headers): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  // Never at a comma: a cookie of a subdomain could hold ", __Host-…=" in its value.
  for (const part of (headers.get('cookie') ?? '').split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim();
    if (name !== '' && !cookies.has(name)) cookies.set(name, part.slice(equals + 1).trim());
  }
  return cookies;
}
