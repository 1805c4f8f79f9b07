import { type BffOptions, ConfigurationError } from '@latchkey/bff';

/** An endpoint with the path to show afterwards. */
export function addressOf(basePath: string, endpoint: 'sign-in' | 'refresh', returnTo: string): string {
  return `${basePath}/${endpoint}?${new URLSearchParams({ returnTo })}`;
}

/** The path to go back to; `/` for anything that is not a path of this origin, or is an endpoint itself. */
export function parseReturnTo(wanted: string | null, basePath: string): string {
  // URL parsers drop control characters and take a backslash for a slash, so neither is let through.
  if (wanted === null || wanted.length > 1000 || /[\\\p{Cc}]/u.test(wanted) || !wanted.startsWith('/'))
    return '/';
  const here = 'http://here.invalid';
  const url = URL.canParse(wanted, here) ? new URL(wanted, here) : undefined;
  // "/.//host" parses to a path that reads as a host.
  if (url === undefined || url.origin !== here || url.pathname.startsWith('//')) return '/';
  return isBelow(url.pathname, basePath) ? '/' : `${url.pathname}${url.search}${url.hash}`;
}

/** True for the path itself and for everything below it. */
export function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/**
 * The address of an API that a path of this app stands for, as requests of the browser are forwarded; an address stays as it
 * is. Throws `ConfigurationError` for a path without an API.
 */
export function findApiAddress(apis: BffOptions['apis'], address: string | URL): string | URL {
  if (address instanceof URL || !address.startsWith('/')) return address;
  const [path = ''] = /^[^?#]*/.exec(address) ?? [];
  const [found] = Object.entries(apis ?? {})
    .filter(([prefix]) => isBelow(path, prefix))
    // The longest prefix wins.
    .sort(([one], [other]) => other.length - one.length);
  if (found === undefined)
    throw new ConfigurationError(
      'api_not_listed',
      `${path} is below no prefix of apis. Add the API to createAuth({ apis }), or give its whole address.`,
    );
  const [prefix, target] = found;
  const url = typeof target === 'string' ? target : target.url;
  return `${url.replace(/\/+$/, '')}${address.slice(prefix.length)}`;
}
