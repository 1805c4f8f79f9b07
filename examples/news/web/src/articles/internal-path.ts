/** The path of an address on this origin, for the router; undefined for an address elsewhere. */
export function internalPath(href: string, origin: string): string | undefined {
  const url = URL.canParse(href, origin) ? new URL(href, origin) : undefined;
  return url?.origin === origin ? `${url.pathname}${url.search}${url.hash}` : undefined;
}
