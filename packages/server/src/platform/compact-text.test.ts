import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compactBytes, plainBytes, textOf } from './compact-text.ts';

test.each([
  ['plainBytes', plainBytes],
  ['compactBytes', compactBytes],
])('what %s wrote is read again, whatever it was', (_, write) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 3000 }),
        fc.constantFrom('\u0000', '\u0001', '\u0001x', '\u0000\u0001'),
      ),
      (text) => {
        expect(textOf(write(text))).toBe(text);
      },
    ),
  );
});

test('what an earlier version sealed, which is the text itself, is read', () => {
  const code = JSON.stringify([2, { codeId: 'c', redirectUri: 'https://app.example/ü' }]);
  expect(textOf(Buffer.from(code))).toBe(code);
});

test('a text is never longer for being deflated', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 3000 }), (text) => {
      expect(compactBytes(text).length).toBeLessThanOrEqual(plainBytes(text).length);
    }),
  );
});
