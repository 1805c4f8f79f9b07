import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonBytes, limits } from './limits.ts';

const base64 = (bytes: number): number => Math.ceil((bytes * 4) / 3);
/** What a sealed request holds besides its parameters: names of members, ids, the acr values a second time. */
const aroundCarried = 4096;
/** Key version, salt, nonce and tag of a sealed text. */
const aroundSealed = 64;

test('a token of any length we issue fits a header, and an address as id_token_hint', () => {
  expect(limits.issuedText + limits.headRoom).toBeLessThanOrEqual(limits.requestHead);
});

test('a request of any length we accept fits the address of the sign-in pages, sealed', () => {
  const sealed = base64(limits.carried + aroundCarried + aroundSealed);
  expect(sealed).toBeLessThanOrEqual(limits.issuedText);
  expect(sealed + limits.headRoom).toBeLessThanOrEqual(limits.requestHead);
});

test('whatever is issued is short enough to be read, in a form too', () => {
  expect(limits.issuedText).toBeLessThanOrEqual(limits.readText);
  expect(limits.readText + limits.headRoom).toBeLessThanOrEqual(limits.form);
});

test('a state of the longest length leaves room for the rest of its request', () => {
  expect(limits.state + 4096).toBeLessThanOrEqual(limits.carried);
});

test('the size of a text is that of its JSON in UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(jsonBytes(text)).toBe(Buffer.byteLength(JSON.stringify(text)));
    }),
  );
});
