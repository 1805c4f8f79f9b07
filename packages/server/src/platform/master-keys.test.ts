import { describe, expect, test } from 'vitest';
import { createDataKey, parseMasterKeys, unwrapDataKey } from './master-keys.ts';

const one = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
const two = `k2:${Buffer.alloc(32, 2).toString('base64')}`;

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
    const wrong = `k1:${Buffer.alloc(32, 9).toString('base64')}`;
    expect(() => unwrapDataKey(parseMasterKeys(wrong), '1', row)).toThrow(/Restore the original key/);
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
