/**
 * Keeps `returnTo` inside this origin: gives back path, query and fragment, or undefined for anything that would leave
 * it (other origins, `//host`, backslashes, `javascript:`) or is longer than 1,000 characters.
 */
export function parseReturnTo(returnTo: string | undefined, origin: string): string | undefined {
  // A control character or backslash is dropped or turned into a slash by URL parsers, and they differ in how.
  if (returnTo === undefined || returnTo.length > 1000 || /[\\\p{Cc}]/u.test(returnTo)) return undefined;
  const url = URL.canParse(returnTo, origin) ? new URL(returnTo, origin) : undefined;
  if (url === undefined || url.origin !== origin) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  // "blob:https://this-origin/1" has this origin, and "/.//evil.example" parses to a path that reads as a host.
  if (!url.pathname.startsWith('/') || url.pathname.startsWith('//')) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
