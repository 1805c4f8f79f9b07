import { readFileSync } from 'node:fs';
import { limits } from '@latchkey/protocol';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

function read(name: string): string {
  return readFileSync(new URL(`../../docs/proxies/${name}`, import.meta.url), 'utf8');
}

/** The bytes a size stands for: a number, or one with `k`, `KiB` or `m`. */
function bytesOf(size: string): number {
  const [, number, unit = ''] = /^(\d+)(k|kib|m)?$/i.exec(size) ?? [];
  return Number(number) * (unit === '' ? 1 : /m/i.test(unit) ? 1_048_576 : 1024);
}

function settingOf(file: string, pattern: RegExp): string {
  const [, value] = pattern.exec(read(file)) ?? [];
  if (value === undefined) throw new Error(`${file} does not set ${pattern}`);
  return value;
}

describe('decision 0030: proxies take what Latchkey takes and sends', () => {
  test.each([
    ['nginx.conf', /^\s*large_client_header_buffers \d+ (\w+);/m, limits.requestHead],
    // The longest Location, and the other headers of an answer.
    ['nginx.conf', /^\s*proxy_buffer_size (\w+);/m, limits.issuedText + limits.headRoom],
    ['nginx.conf', /^\s*client_max_body_size (\w+);/m, 1_048_576],
    // All of a request, and the headers that the proxy adds.
    ['haproxy.cfg', /^\s*tune\.bufsize (\d+)/m, limits.requestHead + limits.headRoom],
    ['Caddyfile', /^\s*max_header_size (\w+)/m, limits.requestHead],
  ])('%s: %s', (file, pattern, least) => {
    expect(bytesOf(settingOf(file, pattern))).toBeGreaterThanOrEqual(least);
  });
});

describe('idle connections are closed by the proxy, not by Latchkey, which does so after 65 seconds', () => {
  test.each([
    ['nginx.conf', /upstream latchkey \{[^}]*?\bkeepalive_timeout (\d+)s;/],
    ['Caddyfile', /^\s*keepalive (\d+)s/m],
    ['traefik-latchkey.yml', /^\s*idleConnTimeout: (\d+)s/m],
  ])('%s', (file, pattern) => {
    const server = readFileSync(
      new URL('../../packages/server/src/platform/http-server.ts', import.meta.url),
      'utf8',
    );
    const [, ours = ''] = /keepAliveTimeout: ([\d_]+)/.exec(server) ?? [];
    const theirs = Number(settingOf(file, pattern)) * 1000;
    expect(theirs).toBeGreaterThan(10_000);
    expect(theirs).toBeLessThan(Number(ours.replaceAll('_', '')));
  });
});

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: unknown, keys: readonly string[]): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  return isRecord(value) && key in value ? at(value[key], rest) : undefined;
}

describe('Traefik', () => {
  const fixed: unknown = parse(read('traefik.yml'));
  const dynamic: unknown = parse(read('traefik-latchkey.yml'));

  test('its files are run', (context) => {
    context.skip('Debian has no Traefik: its files are parsed and tried on paths, not run');
  });

  test('its files hold what the page says', () => {
    const rows = [...read('traefik.md').matchAll(/^\| `([\w.-]+)` \| (?:`([^`]*)`|empty) \|/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, path = '', value = ''] of rows) {
      const keys = path.split('.');
      expect(String(at(fixed, keys) ?? at(dynamic, keys)), path).toBe(value);
    }
  });

  test('what a file names, it defines', () => {
    const http = (...keys: string[]) => at(dynamic, ['http', ...keys]);
    const routers = http('routers');
    if (!isRecord(routers)) throw new Error('there are no routers');
    for (const [name, router] of Object.entries(routers)) {
      const { service, middlewares, entryPoints } = Object(router);
      expect(http('services', service), name).toBeDefined();
      for (const each of middlewares) expect(http('middlewares', each), each).toBeDefined();
      for (const each of entryPoints) expect(at(fixed, ['entryPoints', each]), each).toBeDefined();
      // Without it a router of an entry point with TLS would answer plain http.
      expect(Object(router).tls, name).toEqual({});
    }
    const transport = http('services', 'latchkey', 'loadBalancer', 'serversTransport');
    expect(http('serversTransports', String(transport))).toBeDefined();
    expect(read('traefik.md')).toContain(String(at(fixed, ['providers', 'file', 'filename'])));
  });

  test('it believes no forwarded headers of clients', () => {
    expect(read('traefik.yml')).not.toMatch(/^\s*(?:forwardedHeaders|insecure|trustedIPs):/m);
  });

  test('its rules pass what people and applications call, and neither metrics nor health checks', () => {
    const rules = [...read('traefik-latchkey.yml').matchAll(/PathRegexp\(`([^`]+)`\)/g)];
    const patterns = rules.map(([, pattern = '']) => new RegExp(pattern));
    expect(patterns.length).toBe(2);
    const passes = (path: string): boolean => patterns.some((pattern) => pattern.test(path));
    const called = [
      '/',
      '/.well-known/openid-configuration',
      '/oauth/v2/token',
      '/oidc/v1/userinfo',
      '/login',
    ];
    for (const path of [...called, '/login/password', '/logout', '/device', '/console/', '/api/v1/users'])
      expect(passes(path), path).toBe(true);
    const kept = ['/metrics', '/debug/metrics', '/healthz', '/livez', '/readyz', '/ready', '/debug/ready'];
    for (const path of [...kept, '/loginmetrics', '/x/login', '/apix'])
      expect(passes(path), path).toBe(false);
  });
});
