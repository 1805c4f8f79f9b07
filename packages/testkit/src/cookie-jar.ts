/** The cookies of one browser for one origin. */
export interface CookieJar {
  /** Takes in the `Set-Cookie` headers of an answer. */
  readonly store: (headers: Headers) => void;
  /** The value of the `Cookie` header; empty when there is nothing to send. */
  readonly header: () => string;
  readonly get: (name: string) => string | undefined;
  readonly set: (name: string, value: string) => void;
  readonly names: () => readonly string[];
  readonly clear: () => void;
}

/** An empty cookie jar. Cookies with `Max-Age=0` go; every other stays until the test ends (RFC 6265 §5.3). */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, string>();
  return {
    store: (headers) => {
      for (const line of headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
        const equals = pair.indexOf('=');
        const name = pair.slice(0, equals);
        if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) cookies.delete(name);
        else cookies.set(name, pair.slice(equals + 1));
      }
    },
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    get: (name) => cookies.get(name),
    set: (name, value) => void cookies.set(name, value),
    names: () => [...cookies.keys()],
    clear: () => cookies.clear(),
  };
}
