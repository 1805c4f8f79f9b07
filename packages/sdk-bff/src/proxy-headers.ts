import { ERROR_HEADER } from './problem.ts';
import type { ApiRoute } from './proxy-address.ts';

// RFC 9110 §7.6.1: these belong to one connection.
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What the browser says to this server and not to the API. `forwarded` and the like anybody could write. */
const NOT_FORWARDED = [
  ...HOP_BY_HOP,
  'cookie',
  'authorization',
  'dpop',
  'host',
  'origin',
  'referer',
  'content-length',
  'accept-encoding',
  'expect',
  'forwarded',
  'x-real-ip',
  'x-latchkey-csrf',
];

/** What an API must not say to browsers in the name of this origin. */
const NOT_RETURNED = [
  ...HOP_BY_HOP,
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'service-worker-allowed',
  'strict-transport-security',
  'alt-svc',
  'dpop-nonce',
  ERROR_HEADER,
];

function without(headers: Headers, names: readonly string[], prefixes: readonly string[]): Headers {
  const kept = new Headers(headers);
  const named = (headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
  for (const name of [...names, ...named]) if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) kept.delete(name);
  for (const name of [...kept.keys()])
    if (prefixes.some((prefix) => name.startsWith(prefix))) kept.delete(name);
  return kept;
}

/** The headers an API gets of a request. */
export function requestHeaders(headers: Headers, origin: URL): Headers {
  const kept = without(headers, NOT_FORWARDED, ['sec-', 'x-forwarded-', 'proxy-']);
  // The answer is passed on as it comes, so it must come in the form it is described in.
  kept.set('accept-encoding', 'identity');
  kept.set('x-forwarded-host', origin.host);
  kept.set('x-forwarded-proto', origin.protocol.replace(':', ''));
  return kept;
}

/** The headers a browser gets of an API's answer. */
export function responseHeaders(response: Response, route: ApiRoute): Headers {
  const kept = without(response.headers, NOT_RETURNED, ['access-control-']);
  // fetch has decoded it.
  if (kept.has('content-encoding'))
    for (const name of ['content-encoding', 'content-length']) kept.delete(name);
  // Of another scheme a browser would ask the user for a password.
  if (!/^(?:Bearer|DPoP)\b/i.test(kept.get('www-authenticate') ?? 'Bearer')) kept.delete('www-authenticate');
  const location = kept.get('location');
  if (location !== null) kept.set('location', toPrefix(location, route));
  // A page of the API would run with this origin's rights if somebody opened its address.
  if (!kept.has('content-security-policy')) kept.set('content-security-policy', 'sandbox');
  kept.set('x-content-type-options', 'nosniff');
  return kept;
}

/** An address inside the API as the browser knows it. */
function toPrefix(location: string, { target, prefix }: ApiRoute): string {
  const base = target.pathname === '/' ? '' : target.pathname;
  const url = URL.canParse(location, target) ? new URL(location, target) : undefined;
  const isInside =
    url?.origin === target.origin && (url.pathname === base || url.pathname.startsWith(`${base}/`));
  if (url === undefined || !isInside) return location;
  return `${prefix}${url.pathname.slice(base.length)}${url.search}${url.hash}`;
}
