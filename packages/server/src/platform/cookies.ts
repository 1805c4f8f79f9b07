/**
 * The cookies we set. `sessions` says who is signed in, `browser` binds a sign-in to the browser that began it, `state` is a
 * text that changes whenever somebody signs in or out, for the frame that applications watch, and `known` gives a browser
 * that signed in to an account attempts of its own.
 */
export type CookieJar = 'sessions' | 'browser' | 'state' | 'known';

function isSecure(origin: string): boolean {
  return origin.startsWith('https://');
}

/** The name of a cookie: `__Host-` pins it to this host over https; a plain-http development issuer cannot use the prefix. */
export function cookieName(jar: CookieJar, origin: string): string {
  return `${isSecure(origin) ? '__Host-' : ''}latchkey_${jar}`;
}

/** Reads a cookie from the Cookie header (RFC 6265 §5.4). */
export function getCookie(header: string | null, jar: CookieJar, origin: string): string | undefined {
  const name = cookieName(jar, origin);
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    // A cookie without a name is sent as its value alone, which must not be taken for a name.
    if (equals >= 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

function flagsOf(jar: CookieJar, origin: string): string {
  const isHttps = isSecure(origin);
  // A script reads it, in a frame on the pages of other sites (OpenID Connect Session Management 1.0 §3.2).
  if (jar === 'state') return isHttps ? 'SameSite=None; Secure' : 'SameSite=Lax';
  return `HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`;
}

/** The Set-Cookie value for a cookie; an empty value deletes it. Without `maxAgeSeconds` it goes with the browser. */
export function buildCookie(jar: CookieJar, origin: string, value: string, maxAgeSeconds?: number): string {
  const lifetime =
    value === '' ? '; Max-Age=0' : maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${cookieName(jar, origin)}=${value}; Path=/; ${flagsOf(jar, origin)}${lifetime}`;
}
