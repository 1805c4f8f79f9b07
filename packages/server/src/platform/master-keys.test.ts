import { describe, expect, test } from 'vitest';
import { createDataKey, parseMasterKeys, unwrapDataKey } from './master-keys.ts';

/** Bytes that differ from one another, beginning with one. */
const run = (first: number): string =>
  Buffer.from(Array.from({ length: 32 }, (_, index) => first + index)).toString('base64');
const one = `k1:${run(1)}`;
const two = `k2:${run(2)}`;

describe('master keys', () => {
  test('the first wraps, all unwrap', () => {
    const wrapped = createDataKey(parseMasterKeys(one), '1', 1);
    expect(wrapped.masterKeyId).toBe('k1');
    const row = { version: 1, ...wrapped };
    expect(unwrapDataKey(parseMasterKeys(`${two}, ${one}`), '1', row)).toEqual(
      unwrapDataKey(parseMasterKeys(one), '1', row),
    );
    expect(createDataKey(parseMasterKeys(`${two},${one}`), '1', 1).masterKeyId).toBe('k2');
  });

  test('a data key cannot be moved to another instance or version', () => {
    const ring = parseMasterKeys(one);
    const row = { version: 1, ...createDataKey(ring, '1', 1) };
    expect(() => unwrapDataKey(ring, '2', row)).toThrow(/not the one/);
    expect(() => unwrapDataKey(ring, '1', { ...row, version: 2 })).toThrow(/not the one/);
  });

  test('a missing master key and a wrong one are told apart, and neither is printed', () => {
    const row = { version: 1, ...createDataKey(parseMasterKeys(one), '1', 1) };
    expect(() => unwrapDataKey(parseMasterKeys(two), '1', row)).toThrow(/k1, which is not configured/);
    const wrong = `k1:${run(9)}`;
    expect(() => unwrapDataKey(parseMasterKeys(wrong), '1', row)).toThrow(/Restore the original key/);
  });

  test.each([
    ['all zero', Buffer.alloc(32)],
    ['one byte repeated', Buffer.alloc(32, 0xa5)],
    ['a short pattern repeated', Buffer.alloc(32, 'passw0rd')],
    ['one byte different', Buffer.from([...Buffer.alloc(31), 1])],
  ])('a key that was not drawn at random does not encrypt: %s', (_, bytes) => {
    const weak = `old:${bytes.toString('base64')}`;
    expect(() => parseMasterKeys(weak)).toThrow(/old is not random.*openssl rand/);
    expect(() => parseMasterKeys(`${weak},${one}`)).toThrow(/old is not random/);
    // Data that was encrypted with it can still be read, so that nobody is locked out of it.
    expect(parseMasterKeys(`${one},${weak}`)).toHaveLength(2);
  });

  test.each([
    '',
    'k1',
    'k1:',
    'k1:AAAA',
    `k1:${Buffer.alloc(31).toString('base64')}`,
    `k 1:${Buffer.alloc(32).toString('base64')}`,
    `${one},${one}`,
  ])('a malformed ring is refused with what to do: %s', (text) => {
    expect(() => parseMasterKeys(text)).toThrow(/master key/);
  });
});
