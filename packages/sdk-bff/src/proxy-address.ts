import { ConfigurationError } from './bff-error.ts';

/** An API behind this server. */
export interface ApiSettings {
  /** What takes the place of the prefix: with `/api` and `https://api.example.com/v1`, `/api/x` goes to `…/v1/x`. */
  readonly url: string;
  /**
   * Whether reads (GET, HEAD) without the CSRF header are forwarded, without a token: for public data, pictures and preloads.
   * Default: false, they are refused.
   */
  readonly publicReads?: boolean | undefined;
}

/** An API once checked. */
export interface ApiRoute {
  readonly prefix: string;
  /** Without a slash at the end. */
  readonly target: URL;
  readonly publicReads: boolean;
}

/** Where a request goes: to an API, nowhere because its path is a trick, or it is none of the proxy's business. */
export type ProxyAddress =
  | { readonly kind: 'api'; readonly route: ApiRoute; readonly url: URL }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'elsewhere' };

/** Checks the allow-list. Throws `ConfigurationError`. */
export function parseApis(
  apis: Readonly<Record<string, string | ApiSettings>>,
  basePath: string,
): readonly ApiRoute[] {
  const routes = Object.entries(apis).map(([prefix, value]) => {
    const { url, publicReads = false } = typeof value === 'string' ? { url: value } : value;
    if (!/^(?:\/[A-Za-z0-9_.~-]+)+$/.test(prefix) || prefix.split('/').some((part) => /^\.+$/.test(part)))
      throw new ConfigurationError(
        'invalid_api',
        `The prefix "${prefix}" in apis must look like /api, without a slash at the end.`,
      );
    if (prefix === basePath || prefix.startsWith(`${basePath}/`) || basePath.startsWith(`${prefix}/`))
      throw new ConfigurationError(
        'invalid_api',
        `The prefix ${prefix} in apis overlaps with basePath ${basePath}. Choose another one for either.`,
      );
    return { prefix, target: parseTarget(prefix, url), publicReads };
  });
  // The longest prefix wins.
  return routes.sort((one, other) => other.prefix.length - one.prefix.length);
}

function parseTarget(prefix: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol))
    throw new ConfigurationError(
      'invalid_api',
      `apis["${prefix}"] is "${value}". Give an http(s) address without query, like https://api.example.com/v1.`,
    );
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** Finds where a path with its query goes. `path` has been through a URL parser. */
export function findApi(apis: readonly ApiRoute[], path: string, query: string): ProxyAddress {
  const route = apis.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
  if (route === undefined) return { kind: 'elsewhere' };
  const rest = path.slice(route.prefix.length);
  const reason = findTrick(rest);
  if (reason !== undefined) return { kind: 'refused', reason };
  const base = route.target.pathname === '/' ? '' : route.target.pathname;
  const url = new URL(`${route.target.origin}${base}${rest}${query}`);
  // What the checks above miss, this does not: the address has to lie inside the target.
  if (url.origin !== route.target.origin || !url.pathname.startsWith(`${base}${rest === '' ? '' : '/'}`))
    return { kind: 'refused', reason: 'The path leads out of the API.' };
  return { kind: 'api', route, url };
}

/** True when the address lies in an API of the list. */
export function isListed(apis: readonly ApiRoute[], url: URL): boolean {
  return apis.some(({ target }) => {
    const base = target.pathname === '/' ? '' : target.pathname;
    const isInside = url.pathname === base || url.pathname.startsWith(`${base}/`);
    return (
      url.origin === target.origin && isInside && findTrick(url.pathname.slice(base.length)) === undefined
    );
  });
}

// The API may decode the path once more than we do, and read a slash or a dot segment where we saw a name.
function findTrick(rest: string): string | undefined {
  let text = rest;
  for (let round = 0; round < 4; round += 1) {
    if (/\\|\p{Cc}/u.test(text)) return 'The path contains a backslash or a control character.';
    if (text.includes('//')) return 'The path contains an empty segment.';
    if (text.split('/').some((part) => part === '.' || part === '..'))
      return 'The path contains a dot segment.';
    const next = decodeOnce(text);
    if (next === text) return undefined;
    if (next.split('/').length !== text.split('/').length)
      return 'The path contains an encoded slash. Send such values in the query.';
    text = next;
  }
  return 'The path is encoded too many times.';
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // "100%" decoded from "100%25": nothing more to read in it.
    return text.replace(/%(?:2[ef]|5c|0[0-9a-f]|00)/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    );
  }
}
