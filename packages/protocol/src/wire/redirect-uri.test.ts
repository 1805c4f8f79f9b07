import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRedirectUri, type RedirectRules } from './redirect-uri.ts';

const web: RedirectRules = {
  registered: ['https://app.example/cb'],
  applicationType: 'web',
  authMethod: 'client_secret_basic',
  developmentMode: false,
};
const rules = (changes: Partial<RedirectRules>): RedirectRules => ({ ...web, ...changes });
const native = (...registered: string[]) =>
  rules({ registered, applicationType: 'native', authMethod: 'none' });
const pattern = (...registered: string[]) => rules({ registered, developmentMode: true });
const verdict = (uri: string, given: RedirectRules) => judgeRedirectUri(uri, given).kind;

describe('registered redirect URIs', () => {
  test.each([
    'https://app.example/cb/',
    'https://app.example/cb?',
    'https://app.example/cb?a=1',
    'https://app.example/cb#',
    'https://app.example/cb#x',
    'https://app.example/CB',
    'https://app.example:443/cb',
    'https://app.example/./cb',
    'https://app.example/x/../cb',
    'https://app.example/%63b',
    'https://APP.example/cb',
    'HTTPS://app.example/cb',
    'http://app.example/cb',
    'https://app.example.evil.example/cb',
    'https://app.example@evil.example/cb',
    'https://evil.example/https://app.example/cb',
    'https://user@app.example/cb',
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example/cb\n',
    'https:\\\\app.example/cb',
    '//app.example/cb',
    '/cb',
    'app.example/cb',
    'null',
    '*',
  ])('RFC 9700 §4.1.3: a URI that is not byte for byte the registered one is refused (%j)', (uri) => {
    expect(verdict(uri, web)).toBe('not-registered');
    expect(verdict(uri, rules({ developmentMode: true }))).toBe('not-registered');
  });

  test('RFC 6749 §3.1.2.3: a registered URI is allowed, and only for who registered it', () => {
    expect(verdict('https://app.example/cb', web)).toBe('allowed');
    expect(verdict('https://app.example/cb', rules({ registered: [] }))).toBe('not-registered');
  });

  test('RFC 9700 §4.1.3: no mutation of a registered URI is accepted', () => {
    const registered = fc.webUrl({ withQueryParameters: true, validSchemes: ['https'] });
    const insert = fc.constantFrom(
      '/',
      '.',
      '..',
      '%',
      '@',
      ':',
      '?',
      '#',
      '&',
      '\\',
      '\t',
      '*',
      'x',
      '\u0130',
      ' ',
    );
    fc.assert(
      fc.property(registered, insert, fc.nat(), fc.nat(3), (uri, text, at, removed) => {
        const position = at % (uri.length + 1);
        const mutated = uri.slice(0, position) + text + uri.slice(position + removed);
        fc.pre(mutated !== uri);
        for (const applicationType of ['web', 'user_agent', 'native'] as const) {
          expect(verdict(mutated, rules({ registered: [uri], applicationType }))).toBe('not-registered');
        }
      }),
    );
  });

  test('RFC 6749 §3.1.2: a fragment is refused even when it was registered', () => {
    expect(verdict('https://app.example/cb#x', rules({ registered: ['https://app.example/cb#x'] }))).toBe(
      'not-registered',
    );
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://app.example/1',
    'file:///etc/passwd',
    'about:blank',
  ])('RFC 9700 §4.1.3: a scheme that browsers run is refused even when it was registered (%s)', (uri) => {
    expect(verdict(uri, native(uri))).toBe('not-registered');
    expect(verdict(uri, pattern(uri, '*:*', 'javascript:*'))).toBe('not-registered');
  });

  test.each([
    ' javascript:alert(1)',
    '\u0001javascript:alert(1)',
    'java\nscript:alert(1)',
    'java\tscript:alert(1)',
  ])('RFC 3986 §2: characters that browsers strip do not disguise a scheme (%j)', (uri) => {
    expect(verdict(uri, native(uri))).toBe('insecure');
    expect(verdict(uri, pattern(uri))).toBe('insecure');
  });

  test.each(['https://app.example/cb\r\nSet-Cookie:a=b', 'https://app.example/ü', 'https://app.example\\cb'])(
    'RFC 3986 §2: what could not travel in a Location header is refused (%j)',
    (uri) => {
      expect(verdict(uri, pattern(uri))).toBe('insecure');
    },
  );
});

describe('transport', () => {
  test.each([
    ['web with client authentication', rules({}), 'allowed'],
    ['web without client authentication', rules({ authMethod: 'none' }), 'insecure'],
    ['user agent', rules({ applicationType: 'user_agent', authMethod: 'none' }), 'insecure'],
    ['native', rules({ applicationType: 'native', authMethod: 'none' }), 'insecure'],
    [
      'user agent in development mode',
      rules({ applicationType: 'user_agent', authMethod: 'none', developmentMode: true }),
      'allowed',
    ],
  ] as const)('ZITADEL dialect §3.2: http for %s', (_, given, expected) => {
    const uri = 'http://app.example/cb';
    expect(verdict(uri, { ...given, registered: [uri] })).toBe(expected);
  });

  test.each(['HTTP://app.example/cb', 'http:/app.example/cb', 'Http:app.example/cb'])(
    'ZITADEL dialect §3.2: another spelling of http is http (%s)',
    (uri) => {
      expect(verdict(uri, native(uri))).toBe('insecure');
    },
  );

  test.each(['http://localhost.evil.example/cb', 'http://127.0.0.1@evil.example/cb', 'http://127.0.0.12/cb'])(
    'RFC 8252 §8.3: plain http of a native app goes to loopback only, not to what looks like it (%s)',
    (uri) => {
      expect(verdict(uri, native(uri))).toBe('insecure');
    },
  );

  test('RFC 8252 §7.1: a custom scheme is for native applications', () => {
    const uri = 'com.example.app:/cb';
    expect(verdict(uri, native(uri))).toBe('allowed');
    expect(verdict(uri, rules({ registered: [uri] }))).toBe('insecure');
    expect(verdict(uri, rules({ registered: [uri], applicationType: 'user_agent' }))).toBe('insecure');
  });
});

describe('loopback', () => {
  test.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1:51004/cb'],
    ['http://localhost/cb', 'http://localhost:1/cb'],
    ['http://[::1]/cb', 'http://[::1]:61023/cb'],
    ['http://127.0.0.1/cb?a=1', 'http://127.0.0.1:80/cb?a=1'],
    ['http://127.0.0.1', 'http://127.0.0.1:8080'],
  ])('RFC 8252 §7.3: a native app may listen on any loopback port (%s, %s)', (registered, uri) => {
    expect(verdict(uri, native(registered))).toBe('allowed');
    expect(verdict(uri, rules({ registered: [registered] }))).toBe('not-registered');
    expect(verdict(uri, rules({ registered: [registered], applicationType: 'user_agent' }))).toBe(
      'not-registered',
    );
  });

  test.each([
    'http://127.0.0.1:1/other',
    'http://127.0.0.1:1/cb/',
    'http://127.0.0.1:1/cb?x',
    'http://127.0.0.1:1/cb#x',
    'http://127.0.0.1:99999/cb',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1:1:2/cb',
    'http://127.0.0.1:1@evil.example/cb',
    'http://127.0.0.1@evil.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.1:1\\@evil.example/cb',
    'http://127.0.0.2:1/cb',
    'http://127.1:1/cb',
    'http://0.0.0.0:1/cb',
    'http://localhost:1/cb',
    'http://[::1]:1/cb',
    'http://[::ffff:127.0.0.1]:1/cb',
    'http://evil.example:1/cb',
    'https://127.0.0.1/cb',
    'https://127.0.0.1:1/cb',
    'HTTP://127.0.0.1:1/cb',
  ])('RFC 8252 §7.3: nothing but the port may differ (%s)', (uri) => {
    expect(verdict(uri, native('http://127.0.0.1/cb'))).toBe('not-registered');
  });

  test('RFC 8252 §7.3: a registered https loopback address is not met by http', () => {
    const registered = 'https://127.0.0.1/cb';
    expect(verdict('https://127.0.0.1:8443/cb', native(registered))).toBe('allowed');
    expect(verdict('http://127.0.0.1:8443/cb', native(registered))).toBe('not-registered');
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])(
    'RFC 8252 §8.3: the name %s of the loopback address stands for no other of its names, by no other scheme',
    (host) => {
      for (const scheme of ['http', 'https'])
        for (const other of ['localhost', '127.0.0.1', '[::1]'])
          for (const otherScheme of ['http', 'https'])
            expect(
              verdict(`${otherScheme}://${other}:5000/cb`, native(`${scheme}://${host}:3000/cb`)),
              `${otherScheme}://${other} for ${scheme}://${host}`,
            ).toBe(other === host && otherScheme === scheme ? 'allowed' : 'not-registered');
    },
  );

  test('RFC 8252 §7.3: every port that exists is allowed, and the address stays loopback', () => {
    fc.assert(
      fc.property(fc.nat(70_000), (port) => {
        const uri = `http://127.0.0.1:${port}/cb`;
        expect(verdict(uri, native('http://127.0.0.1/cb'))).toBe(
          port < 65_536 ? 'allowed' : 'not-registered',
        );
      }),
    );
  });
});

describe('development-mode patterns', () => {
  test('ZITADEL dialect §3.2: a pattern counts in development mode only', () => {
    const uri = 'https://pr-1.preview.example/cb';
    expect(verdict(uri, pattern('https://*.preview.example/cb'))).toBe('allowed');
    expect(verdict(uri, rules({ registered: ['https://*.preview.example/cb'] }))).toBe('not-registered');
  });

  test.each([
    ['http://localhost:*/cb', 'http://localhost:5173/cb'],
    ['https://app.example/*/cb', 'https://app.example/tenant-1/cb'],
    ['https://app.example/cb?t=*', 'https://app.example/cb?t=a_b~c.1-2'],
    ['https://*-*.example/*', 'https://a-b.example/x'],
  ])('ZITADEL dialect §3.2: a star stands for one run of characters (%s, %s)', (known, uri) => {
    expect(verdict(uri, pattern(known))).toBe('allowed');
  });

  test.each([
    ['https://*.example.com/cb', 'https://evil.test\\.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test/.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test?.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test#.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test%2f.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test%5c.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test:1@x.example.com/cb'],
    ['https://*.example.com/cb', 'https://evil.test\uff0f.example.com/cb'],
    ['https://*.example.com/cb', 'https://a\n.example.com/cb'],
    ['https://*.example.com/cb', 'https://xexample.com/cb'],
    ['https://app.example/*/cb', 'https://app.example/../cb'],
    ['https://app.example/*/cb', 'https://app.example/./cb'],
    ['https://app.example/*/cb', 'https://app.example/%2e%2e/cb'],
    ['https://app.example/*/cb', 'https://app.example/a/b/cb'],
    ['https://app.example/*/cb', 'https://app.example/a\\b/cb'],
    ['https://app.example/a*', 'https://app.example/a?code=stolen'],
    ['https://app.example/.*', 'https://app.example/..'],
    ['https://app.example/cb?t=*', 'https://app.example/cb?t=1&code=injected'],
    ['https://app.example/cb?t=*', 'https://app.example/cb?t=1%26state=x'],
    ['http://localhost:*/cb', 'http://localhost:1@evil.test/cb'],
    ['http://localhost:*/cb', 'http://localhost:x/cb'],
    ['https://(a+)+*.example/cb', 'https://aaaa.example/cb'],
    ['https://*.*.*.*.example/cb', 'https://a.b.c.d.example/cb'],
  ])('RFC 9700 §4.1.3: a star crosses neither authority nor segment nor parameter (%s, %j)', (known, uri) => {
    expect(verdict(uri, pattern(known))).toBe('not-registered');
  });

  test('RFC 9700 §4.1.3: whatever a pattern lets pass, a browser goes to its host and path', () => {
    const piece = fc.constantFrom(
      ...[
        'evil.test',
        'a',
        '.',
        '..',
        '/',
        '\\',
        '@',
        ':',
        '?',
        '#',
        '%2f',
        '%2e',
        '\t',
        '\n',
        '.preview.example',
        '/cb',
      ],
      ...['\u3002', '\uff0f', '\u2100', '-', 'xn--', '&', '='],
    );
    const known = ['https://*.preview.example/cb', 'https://app.preview.example/*/cb'];
    let allowed = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), (pieces, isHost) => {
        const run = pieces.join('');
        const uri = isHost ? `https://${run}.preview.example/cb` : `https://app.preview.example/${run}/cb`;
        if (verdict(uri, pattern(...known)) !== 'allowed') return;
        allowed += 1;
        const url = new URL(uri);
        expect(url.href).toBe(uri);
        expect(url.hostname.endsWith('.preview.example')).toBe(true);
        expect(url.pathname).toMatch(isHost ? /^\/cb$/ : /^\/[^/]*\/cb$/);
        expect(`${url.username}${url.password}${url.search}${url.hash}`).toBe('');
      }),
      { numRuns: 2000 },
    );
    expect(allowed).toBeGreaterThan(20);
  });

  test('the effort of a pattern grows with the length of the URI, not with its powers', () => {
    const uri = `https://${'-'.repeat(60_000)}/no`;
    const started = performance.now();
    expect(verdict(uri, pattern('https://*-*-*.preview.example/cb'))).toBe('not-registered');
    // Backtracking would take days for a URI of this length.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
