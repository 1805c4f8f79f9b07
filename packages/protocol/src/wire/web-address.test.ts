import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressKind, isAddress, parseAddress } from './web-address.ts';

const good: readonly (readonly [AddressKind, string])[] = [
  ['return', 'https://app.example.com/callback?a=b%20c'],
  ['return', 'https://APP.example.com/Callback'],
  ['return', 'http://127.0.0.1:8080/cb'],
  ['return', 'http://[::1]/cb'],
  ['return', 'com.example.app:/callback'],
  ['return', 'com.example.app://callback/x'],
  ['return', 'https://xn--mnchen-3ya.example/'],
  ['web', 'https://example.com:8443/a/b?c#d'],
  ['web', 'https://my_host.example.com'],
  ['development', 'http://shop.test/'],
  ['origin', 'https://app.example.com'],
  ['origin', 'http://shop.test:3000'],
  ['issuer', 'https://login.example.com:8443'],
  ['issuer', 'http://localhost:8080'],
  ['issuer', 'http://second.localhost:8080'],
  ['issuer', 'http://[::1]:8080'],
];

const bad: readonly string[] = [
  '',
  'https:',
  'https://',
  'https://[',
  'https://[::1',
  'https://]',
  'https://[::1]x',
  'https://a\\b',
  'https:\\\\a',
  'https:/a',
  'https:a',
  'https:///a',
  'https://a b',
  ' https://a',
  'https://a\n',
  'https://a\t.com',
  'https://a\0',
  'https://münchen.example',
  'https://exam\u200bple.com',
  'https://a\ud800',
  'https://example.com.',
  'https://example..com',
  'https://.example.com',
  'https://exa%6dple.com',
  'https://0x7f.1',
  'https://2130706433',
  'https://127.1',
  'https://[0:0:0:0:0:0:0:1]',
  'https://user@example.com',
  'https://user:password@example.com',
  'https://@example.com',
  'https://:@example.com',
  'https://example.com:',
  'https://example.com:080',
  'https://example.com:99999',
  'https://example.com:8a',
  '//example.com',
  '/callback',
  'example.com',
];

describe('parseAddress', () => {
  test.each(good)('RFC 3986 §3: as %s %s is taken', (kind, text) => {
    expect(parseAddress(text, kind)).toMatchObject({ kind: 'address', url: { href: new URL(text).href } });
  });

  test.each(bad)('RFC 3986 §2, §3.2: %j is refused, whatever it is for', (text) => {
    const kinds: readonly AddressKind[] = ['return', 'origin', 'issuer', 'web', 'development'];
    for (const kind of kinds) expect([kind, isAddress(text, kind)]).toEqual([kind, false]);
  });

  test.each([
    ['issuer', 'http://login.example.com'],
    ['issuer', 'https://login.example.com/'],
    ['issuer', 'https://login.example.com:443'],
    ['issuer', 'https://LOGIN.example.com'],
    ['issuer', 'https://login.example.com?a'],
    ['issuer', 'https://login.example.com#a'],
    ['issuer', 'ftp://login.example.com'],
    ['origin', 'https://app.example.com/path'],
    ['origin', 'com.example.app://x'],
    ['web', 'http://localhost/'],
    ['web', 'com.example.app:/x'],
    ['development', 'javascript:alert(1)'],
    ['return', 'javascript:alert(1)'],
    ['return', 'JavaScript:alert(1)'],
    ['return', 'data:text/html,x'],
    ['return', 'blob:https://example.com/1'],
  ] as const)('as %s %s is refused', (kind, text) => {
    expect(parseAddress(text, kind)).toMatchObject({ kind: 'refused' });
  });

  test('what is taken leads where it says, and no text makes it fail', () => {
    const parts = fc.constantFrom(
      ...'ab.:/?#@[]\\%-1 é',
      'https://',
      'http://',
      '[::1]',
      'xn--',
      '127.0.0.1',
    );
    const texts = fc.oneof(
      fc.webUrl(),
      fc.string({ unit: parts, maxLength: 12 }),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const read = parseAddress(text, 'development');
        if (read.kind === 'refused') return;
        const [, authority] = /^https?:\/\/([^/?#]*)/i.exec(text) ?? [];
        expect(authority?.toLowerCase().replace(/:(80|443)$/, '')).toBe(read.url.host);
        expect(text).not.toMatch(/[\\\s@]/.exec(authority ?? '') === null ? /[\\\s]/ : /./);
      }),
      { numRuns: 3000 },
    );
  });
});
