import { describe, expect, test } from 'vitest';
import { readCalledHost } from './called-host.ts';

const read = (
  headers: Readonly<Record<string, string>>,
  caller: 'trusted-proxy' | 'anybody' = 'trusted-proxy',
) => readCalledHost({ get: (name) => headers[name] ?? null }, caller);

const host = (text: string) => ({ kind: 'host', host: text });

describe('the host that was called', () => {
  test('is the Host header; forwarded headers of an untrusted caller are not read', () => {
    const forged = { host: 'a.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    expect(read(forged, 'anybody')).toEqual(host('a.example'));
    expect(read({ host: 'A.Example:8443' })).toEqual(host('a.example:8443'));
  });

  test.each([
    [{ 'x-forwarded-host': 'ID.example.com' }, 'id.example.com'],
    [
      { 'x-forwarded-host': 'id.example.com', 'x-forwarded-port': '8443', 'x-forwarded-proto': 'https' },
      'id.example.com:8443',
    ],
    [
      { 'x-forwarded-host': 'id.example.com', 'x-forwarded-port': '443', 'x-forwarded-proto': 'https' },
      'id.example.com',
    ],
    [
      { 'x-forwarded-host': 'id.example.com:8443', 'x-forwarded-port': '443', 'x-forwarded-proto': 'https' },
      'id.example.com:8443',
    ],
    [
      { 'x-forwarded-host': 'id.example.com', 'x-forwarded-port': '443', 'x-forwarded-proto': 'http' },
      'id.example.com:443',
    ],
    [{ forwarded: 'for=192.0.2.1;proto=https;host="id.example.com:8443"' }, 'id.example.com:8443'],
    [{ forwarded: 'for="[2001:db8::1]:47";Host=id.example.com, for=10.0.0.1' }, 'id.example.com'],
    [{ 'x-forwarded-host': '[2001:db8::1]', 'x-forwarded-port': '8080' }, '[2001:db8::1]:8080'],
    [{ 'x-forwarded-host': 'id.example.com, id.example.com' }, 'id.example.com'],
    [{ forwarded: 'for=192.0.2.1;by="host=evil.example"' }, 'behind.internal'],
  ])('RFC 7239 §5.3: a trusted proxy says it: %j', (headers, expected) => {
    expect(read({ host: 'behind.internal', ...headers })).toEqual(host(expected));
  });

  test.each([
    [{ 'x-forwarded-host': 'a.example, b.example' }],
    [{ 'x-forwarded-host': 'a.example', forwarded: 'host=b.example' }],
    [{ 'x-forwarded-proto': 'https', forwarded: 'proto=http;host=a.example' }],
  ])('contradictory values of a trusted proxy are refused: %j', (headers) => {
    expect(read({ host: 'behind.internal', ...headers })).toMatchObject({ kind: 'contradiction' });
  });
});
