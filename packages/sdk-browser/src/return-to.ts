/**
 * Keeps `returnTo` inside this origin: gives back path, query and fragment, or undefined for anything that would
 * leave it (other origins, `//host`, backslashes, `javascript:`) and for the redirect URI itself.
 */
export function parseReturnTo(returnTo: string | undefined, origin: string): string | undefined {
  // A control character or backslash is dropped or turned into a slash by URL parsers, and they differ in how.
  if (returnTo === undefined || /[\\\p{Cc}]/u.test(returnTo)) return undefined;
  const url = URL.canParse(returnTo, origin) ? new URL(returnTo, origin) : undefined;
  if (url === undefined || url.origin !== origin) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  // "blob:https://this-origin/1" has this origin and a path that is an address.
  if (!url.pathname.startsWith('/')) return undefined;
  // "/.//evil.example" parses to the path "//evil.example", which a later parser would read as a host.
  if (url.pathname.startsWith('//')) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
