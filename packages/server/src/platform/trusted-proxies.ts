import { BlockList, isIP } from 'node:net';
import { LRUCache } from 'lru-cache';

/**
 * A test for the addresses of trusted proxies, from addresses and CIDR ranges. Throws when one of them is neither.
 */
export function trustedProxyTest(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix);
    if (isIP(address) === 0 || !Number.isInteger(bits))
      throw new Error(`${range} is not an address or CIDR range`);
    list.addSubnet(address, bits, family);
  }
  // Asked for every request, nearly always for the same few proxies; the list takes longer than the rest of the routing.
  const known = new LRUCache<string, boolean>({ max: 1000 });
  return (address) => {
    const remembered = known.get(address);
    if (remembered !== undefined) return remembered;
    const plain = address.replace(/^::ffff:(?=[0-9.]+$)/, '');
    const isTrusted = isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
    known.set(address, isTrusted);
    return isTrusted;
  };
}
