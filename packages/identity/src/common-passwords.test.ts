import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCommonPassword } from './common-passwords.ts';

describe('isCommonPassword', () => {
  test.each([
    'password',
    'passwordpassword',
    'password12345678',
    'p4$$w0rd-2026-!!',
    '123456789012345',
    '2026-11-23-2026',
    'qwertyuiopasdfghjkl',
    '1q2w3e4r5t6y7u8i',
    'abcdefghijklmno',
    'iloveyouforever1',
    'ichliebedich2026!',
    'letmein.letmein.letmein',
    'admin@admin@admin',
    'willkommen-sommer-2026',
    'abc123abc123abc123',
    'xq7xq7xq7xq7xq7',
    'this is my password',
    'thisismypassword1',
  ])('NIST SP 800-63B-4 §3.1.1.2: what everybody would try first is common (%s)', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test.each([
    'correct horse battery staple',
    'analytical-engine-1843',
    'nanoseconds-of-wire',
    'a-locksmith-minds-the-door',
    'my password is a walrus',
    'tr0mbone-and-lichen',
    'ünïcödé pässwörd',
    '6f1c2a9e8b7d4f30',
  ])('a password somebody made up is not (%s)', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });

  test('no text makes it fail, and repeating a short text never makes it uncommon', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }), (text) => {
        const lower = text.toLowerCase().replace(/[\s_.,;:+*#/-]/gu, 'x');
        if (lower.length <= 6) expect(isCommonPassword(lower.repeat(8))).toBe(true);
      }),
    );
  });

  test('a very long text is judged at once', () => {
    expect(isCommonPassword('password'.repeat(500))).toBe(false);
  });
});
