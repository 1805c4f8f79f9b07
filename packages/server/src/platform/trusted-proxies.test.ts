import { expect, test } from 'vitest';
import { trustedProxyTest } from './trusted-proxies.ts';

test('nobody is trusted by default', () => {
  expect(trustedProxyTest([])('127.0.0.1')).toBe(false);
});

test('addresses and ranges of both families are told apart', () => {
  const isTrusted = trustedProxyTest(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1'])
    expect(isTrusted(address), address).toBe(true);
  for (const address of ['11.0.0.1', '192.0.2.8', 'fe80::1', '', 'unknown', '10.1.2.3.4'])
    expect(isTrusted(address), address).toBe(false);
});

test.each(['proxy', '10.0.0.0/x', '10.0.0.0/33', ''])(
  'what is neither address nor range is refused: %s',
  (range) => {
    expect(() => trustedProxyTest([range])).toThrow();
  },
);
