import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callerKeyOf, readCallerAddress, readHop } from './caller-address.ts';
import { trustedProxyTest } from './trusted-proxies.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7 ', '192.0.2.7'],
  ['192.0.2.7:5678', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:5678', '2001:db8::1'],
  ['"[2001:db8::1]:5678"', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
])('RFC 7239 §6: the hop %s is the address %s', (hop, address) => {
  expect(readHop(hop)).toBe(address);
});

test.each([
  '',
  'unknown',
  '_hidden',
  'proxy.example',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.4:port',
  '1.2.3.4:123456',
  '[2001:db8::1',
  '2001:db8::1]:80',
  '[1.2.3.4]',
  '999.1.1.1',
  '0x7f.1',
  '::1::',
])('RFC 7239 §6: the hop %j names no address', (hop) => {
  expect(readHop(hop)).toBeUndefined();
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('security.md, limits: %s counts as %s', (address, key) => {
  expect(callerKeyOf(address)).toBe(key);
});

test('every address of one /64 has one key, and the next /64 another', () => {
  const group = fc.nat(0xffff).map((part) => part.toString(16));
  const host = fc.array(group, { minLength: 4, maxLength: 4 });
  // fd00::/8 holds no mapped addresses.
  const network = fc
    .array(group, { minLength: 3, maxLength: 3 })
    .map((groups) => ['fd00', ...groups].join(':'));
  fc.assert(
    fc.property(network, network, host, host, (one, other, a, b) => {
      const keyOf = (net: string, rest: readonly string[]): string =>
        callerKeyOf(readHop([net, ...rest].join(':')) ?? 'unread');
      expect(keyOf(one, a)).toBe(keyOf(one, b));
      if (one !== other) expect(keyOf(one, a)).not.toBe(keyOf(other, b));
    }),
  );
});

const isTrusted = trustedProxyTest(['10.0.0.0/8', 'fd00::/8']);
const read = (peer: string, forwardedFor: string | null) =>
  readCallerAddress({ peerAddress: peer, forwardedFor }, isTrusted);

test.each([
  ['an untrusted peer says nothing about others', '192.0.2.1', '198.51.100.9', '192.0.2.1'],
  ['a mapped peer is its IPv4 address', '::ffff:192.0.2.1', null, '192.0.2.1'],
  ['a trusted peer names the caller', '10.0.0.1', '198.51.100.9', '198.51.100.9'],
  ['a trusted mapped peer names the caller', '::ffff:10.0.0.1', '198.51.100.9', '198.51.100.9'],
  ['the port of a hop is left out', '10.0.0.1', '198.51.100.9:5678', '198.51.100.9'],
  ['the port of an IPv6 hop is left out', '10.0.0.1', '[2001:db8::1]:5678', '2001:db8::1'],
  ['a trusted hop with a port is trusted', '10.0.0.1', '198.51.100.9, 10.0.0.2:443', '198.51.100.9'],
  ['what stands left of the caller is theirs', '10.0.0.1', '1.1.1.1, 198.51.100.9', '198.51.100.9'],
  ['an unreadable hop ends the way at the last trusted one', '10.0.0.1', '198.51.100.9, unknown', '10.0.0.1'],
  ['garbage behind a trusted hop ends it there', '10.0.0.1', 'a b c, 10.0.0.2', '10.0.0.2'],
  ['an empty hop is passed over', '10.0.0.1', '198.51.100.9, , 10.0.0.2,', '198.51.100.9'],
  ['no header leaves the peer', '10.0.0.1', null, '10.0.0.1'],
  ['no connection has no address', '', '198.51.100.9', ''],
])('RFC 7239 §5.2: %s', (_, peer, forwardedFor, address) => {
  expect(read(peer, forwardedFor)).toBe(address);
});
