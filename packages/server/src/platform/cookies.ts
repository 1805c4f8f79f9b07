/** The cookies we set. `sessions` says who is signed in, `browser` binds a sign-in to the browser that began it. */
export type CookieJar = 'sessions' | 'browser';

function isSecure(origin: string): boolean {
  return origin.startsWith('https://');
}

/** `__Host-` pins a cookie to this host over https; a plain-http development issuer cannot use the prefix. */
function nameOf(jar: CookieJar, origin: string): string {
  return `${isSecure(origin) ? '__Host-' : ''}latchkey_${jar}`;
}

/** Reads a cookie from the Cookie header (RFC 6265 §5.4). */
export function getCookie(header: string | null, jar: CookieJar, origin: string): string | undefined {
  const name = nameOf(jar, origin);
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** The Set-Cookie value for a cookie; an empty value deletes it. Without `maxAgeSeconds` it goes with the browser. */
export function buildCookie(jar: CookieJar, origin: string, value: string, maxAgeSeconds?: number): string {
  const lifetime =
    value === '' ? '; Max-Age=0' : maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${nameOf(jar, origin)}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure(origin) ? '; Secure' : ''}${lifetime}`;
}
