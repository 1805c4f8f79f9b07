/**
 * What an address is for. `return`: where a browser is sent back to; any scheme that leads to an application. `origin`:
 * scheme, host and port of a page. `issuer`: an origin people sign in at. `web`: an https address that is shown or
 * fetched. `development`: the same, where plain http will do.
 */
export type AddressKind = 'return' | 'origin' | 'issuer' | 'web' | 'development';

/** An address as it may be stored, exactly as it was given, or why it is refused. */
export type AddressReading =
  | { readonly kind: 'address'; readonly url: URL }
  | { readonly kind: 'refused'; readonly detail: string };

/** RFC 3986 §2: ASCII without space and backslash; anything else could not travel in a `Location` header either. */
const uriCharacters = /^[\x21-\x5b\x5d-\x7e]+$/;
const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Schemes a browser would run or show in place of going anywhere, and those that lead to other programs. */
const refusedSchemes: readonly string[] = [
  'javascript:',
  'data:',
  'vbscript:',
  'blob:',
  'file:',
  'about:',
  'ws:',
  'wss:',
  'ftp:',
  'mailto:',
];

/**
 * Whether a scheme, with its colon, is one a browser would run, or that leads to other programs than applications.
 * @see RFC 9700 §4.1.3
 */
export function isRefusedScheme(protocol: string): boolean {
  return refusedSchemes.includes(protocol);
}

/**
 * Whether a host is the person's own machine.
 * @see RFC 8252 §7.3, RFC 6761 §6.3
 */
export function isLoopbackHost(hostname: string): boolean {
  return loopbackHosts.includes(hostname) || hostname.endsWith('.localhost');
}

function isWeb(protocol: string): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

// Parsers disagree about hosts that can be written in several ways (RFC 3986 §7.4), so only one way is taken.
function hostProblem(text: string, url: URL): string | undefined {
  const [, authority = ''] = /^[a-z]+:\/\/([^/?#]*)/i.exec(text) ?? [];
  const [, host, port] = /^(.*?)(?::([0-9]*))?$/.exec(authority) ?? [];
  if (host?.toLowerCase() !== url.hostname || host === '')
    return `must name its host as ${url.hostname === '' ? 'a domain' : url.hostname}`;
  if (port !== undefined && !/^[1-9][0-9]{0,4}$/.test(port)) return 'has a port that is no plain number';
  const labels = url.hostname.split('.');
  return url.hostname.startsWith('[') || labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
    ? undefined
    : 'has a host that is no domain; a dot at its end is left out';
}

function kindProblem(text: string, url: URL, kind: AddressKind): string | undefined {
  const { protocol } = url;
  switch (kind) {
    case 'return':
      return isRefusedScheme(protocol)
        ? `leads to no application: ${protocol} is not a scheme to return to`
        : undefined;
    case 'web':
      return protocol === 'https:' ? undefined : 'must be an https URL';
    case 'development':
      return isWeb(protocol) ? undefined : 'must be an https or http URL';
    case 'origin':
    case 'issuer':
      if (!isWeb(protocol) || url.origin !== text)
        return 'must be scheme, host and port alone, in lower case, such as https://app.example.com';
      return kind === 'issuer' && protocol === 'http:' && !isLoopbackHost(url.hostname)
        ? 'must be https; plain http is for localhost'
        : undefined;
  }
}

/**
 * The one reader of addresses that are going to be stored or called. Refuses backslashes, spaces and anything but ASCII,
 * user names and passwords, and hosts not in their one canonical spelling; what it takes is stored as it was given.
 * @see RFC 3986 §2, §3.2, RFC 9700 §4.1
 */
export function parseAddress(text: string, kind: AddressKind): AddressReading {
  const refuse = (detail: string): AddressReading => ({ kind: 'refused', detail });
  if (!uriCharacters.test(text)) return refuse('holds a character no URI may hold; percent-encode it');
  if (!URL.canParse(text)) return refuse('must be an absolute URI, such as https://app.example.com/callback');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?#]*@/i.test(text))
    return refuse('cannot hold a user name or password');
  const detail = kindProblem(text, url, kind) ?? (isWeb(url.protocol) ? hostProblem(text, url) : undefined);
  return detail === undefined ? { kind: 'address', url } : refuse(detail);
}

/**
 * Whether `parseAddress` takes an address.
 * @see RFC 3986 §3
 */
export function isAddress(text: string, kind: AddressKind): boolean {
  return parseAddress(text, kind).kind === 'address';
}
