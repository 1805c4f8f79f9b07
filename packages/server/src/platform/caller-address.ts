import { isIPv4, isIPv6 } from 'node:net';

/** One spelling of an IPv6 address (RFC 5952), an IPv4-mapped one as the IPv4 address it stands for (RFC 4291 §2.5.5.2). */
function canonicalIPv6(address: string): string {
  const compressed = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed) ?? [];
  if (high === undefined || low === undefined) return compressed;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

/**
 * The address a hop of a forwarded header names, in one spelling: without port, brackets, quotes or zone.
 * `undefined` for anything else, such as `unknown` or an obfuscated name (RFC 7239 §6).
 */
export function readHop(hop: string): string | undefined {
  if (isIPv4(hop)) return hop;
  const [, mapped = ''] = /^::ffff:([0-9.]+)$/.exec(hop) ?? [];
  if (isIPv4(mapped)) return mapped;
  const text = hop.trim().replace(/^"(.*)"$/, '$1');
  const [, v4 = text] = /^([0-9.]+):[0-9]{1,5}$/.exec(text) ?? [];
  if (isIPv4(v4)) return v4;
  const [, bracketed = text] = /^\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\](?::[0-9]{1,5})?$/.exec(text) ?? [];
  const v6 = bracketed.replace(/%.*$/, '');
  return isIPv6(v6) ? canonicalIPv6(v6) : undefined;
}

/**
 * The address of the caller: the connection's, or what trusted proxies say, read from the right (RFC 7239 §5.2). A hop
 * that cannot be read ends the way at the last trusted one, so that nobody gets a fresh allowance by writing garbage.
 */
export function readCallerAddress(
  from: { readonly peerAddress: string; readonly forwardedFor: string | null },
  isTrusted: (address: string) => boolean,
): string {
  // The system writes an IPv4 address in one way, so it needs no reading.
  let address = from.peerAddress.includes(':')
    ? (readHop(from.peerAddress) ?? from.peerAddress)
    : from.peerAddress;
  if (from.forwardedFor === null || !isTrusted(address)) return address;
  for (const hop of from.forwardedFor.split(',').reverse()) {
    if (hop.trim() === '') continue;
    const named = readHop(hop);
    if (named === undefined) return address;
    address = named;
    if (!isTrusted(address)) return address;
  }
  return address;
}

/**
 * What limits count an address as: an IPv4 address as it is, an IPv6 address by its /64, which is the least one customer
 * gets (RFC 6177 §2). Takes an address as `readCallerAddress` writes it.
 */
export function callerKeyOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
