import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCompactJwt } from './compact-jwt.ts';
import { parseStrictJson } from './strict-json.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const text = (json: string) => Buffer.from(json).toString('base64url');
const header = part({ alg: 'RS256', kid: 'k', typ: 'JWT' });
const payload = part({ sub: '1' });
const signature = 'c2lnbmF0dXJl';

/** RFC 7515 appendix A.1.1. */
const hmacExample = [
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
  'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
];
/** RFC 7515 appendix A.3.1. */
const ecdsaHeader = 'eyJhbGciOiJFUzI1NiJ9';
const ecdsaSignature =
  'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';

describe('parseCompactJwt', () => {
  test('RFC 7515 appendix A.1: the HMAC example is taken apart', () => {
    const jwt = parseCompactJwt(hmacExample.join('.'));
    expect(jwt?.header).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(jwt?.payload).toEqual({
      iss: 'joe',
      exp: 1_300_819_380,
      'http://example.com/is_root': true,
    });
    expect(jwt?.signingInput).toBe(hmacExample.slice(0, 2).join('.'));
    expect([...(jwt?.signature ?? [])].slice(0, 6)).toEqual([116, 24, 223, 180, 151, 153]);
    expect(jwt?.signature).toHaveLength(32);
  });

  test('RFC 7515 appendix A.3: the ECDSA example is taken apart', () => {
    const jwt = parseCompactJwt([ecdsaHeader, hmacExample[1], ecdsaSignature].join('.'));
    expect(jwt?.header).toEqual({ alg: 'ES256' });
    expect(jwt?.signature).toHaveLength(64);
    expect([...(jwt?.signature ?? [])].slice(0, 4)).toEqual([14, 209, 33, 83]);
  });

  test('RFC 7515 appendix A.5: an unsecured JWS has no signature and is refused', () => {
    expect(parseCompactJwt(`eyJhbGciOiJub25lIn0.${hmacExample[1]}.`)).toBeUndefined();
  });

  test.each([
    ['no part', ''],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${header}.${payload}.${signature}.${signature}`],
    ['five parts, as a JWE has', `${header}.a.b.c.d`],
    ['an empty header', `.${payload}.${signature}`],
    ['white space', `${header}.${payload}.${signature} `],
    ['a line end', `${header}.${payload}.${signature}\n`],
    ['padding', `${header}.${payload}.YQ==`],
    ['plain base64', `${header}.${payload}.-+/_`],
    ['one sextet', `${header}.${payload}.A`],
    ['bits left over in the signature', `${header}.${payload}.YR`],
    ['a header that is no JSON', `${text('{alg')}.${payload}.${signature}`],
    ['a header that is an array', `${part(['RS256'])}.${payload}.${signature}`],
    ['a header without alg', `${part({ typ: 'JWT' })}.${payload}.${signature}`],
    ['an alg that is no text', `${part({ alg: ['RS256'] })}.${payload}.${signature}`],
    ['an alg from the prototype', `${text('{"__proto__":{"alg":"RS256"}}')}.${payload}.${signature}`],
    ['a kid that is no text', `${part({ alg: 'RS256', kid: 1 })}.${payload}.${signature}`],
    ['a typ that is no text', `${part({ alg: 'RS256', typ: null })}.${payload}.${signature}`],
    ['a payload that is null', `${header}.${part(null)}.${signature}`],
    ['a payload that is a text', `${header}.${part('x')}.${signature}`],
    [
      'a payload that is not UTF-8',
      `${header}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.${signature}`,
    ],
    ['more than 32768 characters', `${header}.${part({ pad: 'x'.repeat(32_768) })}.${signature}`],
    ['a header with alg twice', `${text('{"alg":"none","alg":"RS256"}')}.${payload}.${signature}`],
    ['a payload with sub twice', `${header}.${text('{"sub":"1","sub":"2"}')}.${signature}`],
    ['a payload with a byte order mark', `${header}.${text('\ufeff{"sub":"1"}')}.${signature}`],
    ['a payload with half a surrogate pair', `${header}.${text('{"sub":"\\ud800"}')}.${signature}`],
    ['a payload with a number out of range', `${header}.${text('{"exp":1e400}')}.${signature}`],
    [
      'a payload that is too deep',
      `${header}.${text(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`)}.${signature}`,
    ],
    ['nesting without end', `${header}.${text('['.repeat(10_000))}.${signature}`],
  ])('RFC 7515 §5.2: what is no compact JWS is refused (%s)', (_, jwt) => {
    expect(parseCompactJwt(jwt)).toBeUndefined();
  });

  test.each([
    ['crit', ['exp']],
    ['crit', []],
    ['zip', 'DEF'],
    ['b64', false],
  ])('RFC 7515 §4.1.11: a header that changes how the JWS is read is refused (%s %j)', (name, value) => {
    const changed = part({ alg: 'RS256', [name]: value });
    expect(parseCompactJwt(`${changed}.${payload}.${signature}`)).toBeUndefined();
  });

  test('RFC 8725 §3.1: keys and key addresses of the header are not passed on', () => {
    const tempting = part({ alg: 'RS256', jwk: {}, jku: 'https://evil.example', x5u: 'x', x5c: [] });
    expect(parseCompactJwt(`${tempting}.${payload}.${signature}`)?.header).toEqual({ alg: 'RS256' });
  });

  test('RFC 7515 §3.1: what is taken apart is what was put together', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.uint8Array({ minLength: 1 }),
        (claims, bytes) => {
          const signingInput = `${header}.${part(claims)}`;
          const jwt = parseCompactJwt(`${signingInput}.${Buffer.from(bytes).toString('base64url')}`);
          const json = parseStrictJson(JSON.stringify(claims));
          expect(jwt?.payload).toEqual(json.kind === 'value' ? json.value : undefined);
          if (jwt === undefined) return;
          expect(jwt.signingInput).toBe(signingInput);
          expect(jwt.signature).toEqual(Uint8Array.from(bytes));
        },
      ),
    );
  });

  test('a JWS has one spelling: no other text has the same three parts', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.constantFrom(...alphabet), (raw, letter) => {
        const good = Buffer.from(raw).toString('base64url');
        const other = `${good.slice(0, -1)}${letter}`;
        const parsed = parseCompactJwt(`${header}.${payload}.${other}`);
        const same = parsed !== undefined && Buffer.from(parsed.signature).equals(Buffer.from(raw));
        expect(same).toBe(other === good);
      }),
    );
  });

  test('no text makes it fail', () => {
    const segment = fc.oneof(
      fc.string({ unit: fc.constantFrom('A', '_', '-', 'e', 'y', 'J') }),
      fc.json().map(text),
      fc.constant(header),
    );
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(segment, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(hostile, (jwt) => {
        const parsed = parseCompactJwt(jwt);
        if (parsed !== undefined) expect(typeof parsed.header.alg).toBe('string');
      }),
    );
  });
});
