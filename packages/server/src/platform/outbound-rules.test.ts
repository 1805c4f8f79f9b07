import { describe, expect, test } from 'vitest';
import { createOutboundRules, isPublicAddress } from './outbound-rules.ts';

describe('isPublicAddress', () => {
  test.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:800::200e',
  ])('RFC 6890: %s is public unicast', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ['0.0.0.0', 'this network'],
    ['10.255.255.255', 'private'],
    ['100.64.0.1', 'shared by carriers'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', 'inner service of a cloud'],
    ['169.254.169.254', 'link-local, metadata'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.8', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4 relay'],
    ['192.168.1.1', 'private'],
    ['198.18.0.1', 'benchmarks'],
    ['198.19.255.255', 'benchmarks'],
    ['198.51.100.1', 'documentation'],
    ['203.0.113.1', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'mapped'],
    ['::ffff:1.1.1.1', 'mapped'],
    ['::ffff:7f00:1', 'mapped'],
    ['::127.0.0.1', 'compatible'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['100::1', 'discard'],
    ['2001::1', 'Teredo'],
    ['2001:2::1', 'benchmarks'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'unique local, metadata'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['2606:4700::1%eth0', 'a zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['localhost', 'no address'],
    ['', 'nothing'],
  ])('RFC 6890: %s is not public unicast (%s)', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

function problem(allow: readonly string[], url: string, ...addresses: readonly string[]): string | undefined {
  const resolved = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }) as const);
  return createOutboundRules(allow).problemWith(new URL(url), resolved)?.detail;
}

describe('createOutboundRules', () => {
  test('https to public addresses is allowed, anything else is not', () => {
    expect(problem([], 'https://client.example/jwks', '93.184.216.34', '2606:4700::1')).toBeUndefined();
    expect(problem([], 'http://client.example/jwks', '93.184.216.34')).toMatch(/not https/);
    expect(problem([], 'https://client.example/jwks', '10.0.0.1')).toMatch(/10\.0\.0\.1/);
  });

  test('one inner address among public ones is enough to refuse a name', () => {
    expect(problem([], 'https://client.example/', '93.184.216.34', '169.254.169.254')).toMatch(/169/);
  });

  test.each([
    ['inner.example:8443', 'http://inner.example:8443/x', '10.0.0.1'],
    ['Inner.Example:443', 'https://inner.example/x', '10.0.0.1'],
    ['inner.example:80', 'http://inner.example/', '10.0.0.1'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5000/', '127.0.0.1'],
    ['[::1]:5000', 'http://[::1]:5000/', '::1'],
    ['10.1.0.0/16', 'http://inner.example:1234/', '10.1.2.3'],
    ['10.1.0.0/16', 'https://inner.example/', '10.1.2.3'],
    ['fd00::/8', 'http://inner.example/', 'fd12::1'],
  ])('an exception %s allows %s', (entry, url, address) => {
    expect(problem([entry], url, address)).toBeUndefined();
  });

  test.each([
    ['inner.example:8443', 'http://inner.example:8444/', '10.0.0.1'],
    ['inner.example:8443', 'http://other.example:8443/', '10.0.0.1'],
    ['10.1.0.0/16', 'https://inner.example/', '10.2.0.1'],
    ['10.1.0.0/16', 'http://public.example/', '93.184.216.34'],
  ])('an exception %s leaves %s at %s refused', (entry, url, address) => {
    expect(problem([entry], url, address)).toBeDefined();
  });

  test('within a range of exceptions, other addresses of the name still have to be public, and then by https', () => {
    expect(problem(['10.0.0.0/8'], 'https://mixed.example/', '10.0.0.1', '192.168.0.1')).toMatch(/192/);
    expect(problem(['10.0.0.0/8'], 'http://mixed.example/', '10.0.0.1', '93.184.216.34')).toMatch(/https/);
  });

  test.each([
    [[], 'http://client.example/jwks', 'not-https'],
    [[], 'http://93.184.216.34/jwks', 'not-https'],
    [['other.example:80'], 'http://client.example/jwks', 'not-https'],
    [[], 'https://10.0.0.1/jwks', 'not-public'],
    [[], 'https://[::1]/jwks', 'not-public'],
    [[], 'https://localhost:3000/jwks', 'not-public'],
    [[], 'http://app.localhost/jwks', 'not-https'],
    [['10.1.0.0/16'], 'http://10.2.0.1/jwks', 'not-https'],
    [[], 'app:/jwks', 'not-callable'],
    [[], 'https://127.1/jwks', 'not-callable'],
    [[], `https://client.example/${'x'.repeat(2048)}`, 'not-callable'],
  ])(
    'with the exceptions %j, every call to %s is refused, known without a look-up: %s',
    (allow, url, kind) => {
      expect(createOutboundRules(allow).findProblem(url)?.kind).toBe(kind);
    },
  );

  test.each([
    [[], 'https://client.example/jwks'],
    [[], 'https://93.184.216.34/jwks'],
    [['127.0.0.1:5000'], 'http://127.0.0.1:5000/'],
    [['localhost:5000'], 'http://localhost:5000/'],
    [['127.0.0.0/8'], 'http://localhost:5000/'],
    [['::1/128'], 'https://localhost/'],
    [['client.example:80'], 'http://client.example/'],
    // The name may stand for an address of the range.
    [['10.1.0.0/16'], 'http://inner.example/'],
  ])('with the exceptions %j, a call to %s may succeed, so nothing is said', (allow, url) => {
    expect(createOutboundRules(allow).findProblem(url)).toBeUndefined();
  });

  test.each(['', 'inner.example', 'inner.example:99999', '10.0.0.0/33', 'https://inner.example'])(
    'an exception that is neither host with port nor range is refused at start: %j',
    (entry) => {
      expect(() => createOutboundRules([entry])).toThrow();
    },
  );
});
