import { BlockList, isIP } from 'node:net';
import { isLoopbackHost, type OutboundProblem, parseAddress } from '@latchkey/protocol';
import { trustedProxyTest } from './trusted-proxies.ts';

/** An address a host name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Where outbound calls may go. */
export interface OutboundRules {
  /** Why a call to this URL, whose host has these addresses, may not be made; `undefined` when it may. */
  readonly problemWith: (url: URL, addresses: readonly ResolvedAddress[]) => OutboundProblem | undefined;
  /**
   * Why every call to this address will be refused, whatever its host resolves to; `undefined` when that depends on the
   * name. No name is looked up.
   */
  readonly findProblem: (address: string) => OutboundProblem | undefined;
}

/** The most characters the URL of an outbound call may have. */
const maximumUrlLength = 2048;

/** The URL of an outbound call, or why it is none. */
export type OutboundTarget =
  | { readonly kind: 'target'; readonly url: URL }
  | { readonly kind: 'refused'; readonly problem: OutboundProblem };

/** Reads the URL of an outbound call. */
export function parseOutboundTarget(address: string): OutboundTarget {
  const refuse = (detail: string): OutboundTarget => ({
    kind: 'refused',
    problem: { kind: 'not-callable', detail },
  });
  if (address.length > maximumUrlLength) return refuse(`is longer than ${maximumUrlLength} characters`);
  const read = parseAddress(address, 'development');
  return read.kind === 'refused' ? refuse(read.detail) : { kind: 'target', url: read.url };
}

/** The address a host is, where it is none that has to be resolved. */
export function literalAddressOf(hostname: string): ResolvedAddress | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  return family === 0 ? undefined : { address: bare, family: family === 6 ? 6 : 4 };
}

/** The addresses a host may stand for, one of them or all, where no look-up is needed to know; `undefined` for names. */
function knownAddressesOf(hostname: string): readonly ResolvedAddress[] | undefined {
  const literal = literalAddressOf(hostname);
  if (literal !== undefined) return [literal];
  // RFC 6761 §6.3: localhost is loopback wherever it is resolved.
  return isLoopbackHost(hostname)
    ? [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]
    : undefined;
}

/** IPv4 that is not public unicast: the special-purpose registry (RFC 6890), multicast, and a cloud's inner service. */
const notPublicIpv4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Parts of 2000::/3, which all public IPv6 unicast lies in, that are documentation, tunnels or otherwise special. */
const notPublicIpv6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

function listOf(ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, family);
  return list;
}

const special4 = listOf(notPublicIpv4, 'ipv4');
const special6 = listOf(notPublicIpv6, 'ipv6');
const unicast6 = listOf([['2000::', 3]], 'ipv6');

/**
 * Whether an address is public unicast. IPv6 that stands for IPv4 (mapped, NAT64, 6to4, Teredo) is not, whatever it
 * stands for: RFC 6890, RFC 6052, RFC 3056.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, 'ipv4');
    case 6:
      return unicast6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
    default:
      return false;
  }
}

interface HostAndPort {
  readonly hostname: string;
  readonly port: string;
}

function parseHostAndPort(entry: string): HostAndPort | undefined {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(entry) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535) return undefined;
  const text = `http://${host}/`;
  return URL.canParse(text) ? { hostname: new URL(text).hostname, port: String(Number(port)) } : undefined;
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}

/** The rules with exceptions, each `host:port`, an address or a CIDR range. Throws when one is none of these. */
export function createOutboundRules(allow: readonly string[]): OutboundRules {
  const hosts: HostAndPort[] = [];
  const ranges: string[] = [];
  for (const entry of allow) {
    const host = parseHostAndPort(entry);
    if (host === undefined) ranges.push(entry);
    else hosts.push(host);
  }
  const isAllowedRange = trustedProxyTest(ranges);
  const isAllowedHost = (url: URL): boolean =>
    hosts.some((host) => host.hostname === url.hostname && host.port === portOf(url));
  const notHttps: OutboundProblem = { kind: 'not-https', detail: 'is not https' };
  const problemWith: OutboundRules['problemWith'] = (url, addresses) => {
    if (isAllowedHost(url)) return undefined;
    if (addresses.every(({ address }) => isAllowedRange(address))) return undefined;
    if (url.protocol !== 'https:') return notHttps;
    const inner = addresses.find(({ address }) => !isPublicAddress(address) && !isAllowedRange(address));
    return inner === undefined
      ? undefined
      : { kind: 'not-public', detail: `has the address ${inner.address}, not a public one` };
  };
  return {
    problemWith,
    findProblem: (address) => {
      const target = parseOutboundTarget(address);
      if (target.kind === 'refused') return target.problem;
      const { url } = target;
      const known = knownAddressesOf(url.hostname);
      if (known === undefined)
        // By plain http a name can still lead into a range that is allowed.
        return url.protocol === 'https:' || isAllowedHost(url) || ranges.length > 0 ? undefined : notHttps;
      const problems = known.map((each) => problemWith(url, [each]));
      return problems.includes(undefined) ? undefined : problems[0];
    },
  };
}
