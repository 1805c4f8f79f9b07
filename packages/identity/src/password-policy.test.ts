import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultPasswordPolicy, judgePassword } from './password-policy.ts';

const never = () => false;
const judge = (password: string, words: readonly string[] = [], blocklist: (p: string) => boolean = never) =>
  judgePassword(password, defaultPasswordPolicy, words, blocklist);

describe('judgePassword', () => {
  test.each([
    'correct horse battery staple',
    'abcdefghijklmno',
    '             xyz',
    'ünïcödé pässwörd',
    '🐎🔋📎🐴🔌🧷🐎🔋📎🐴🔌🧷🐎🔋📎',
    `${'x1'.repeat(500)}y`,
  ])(
    'NIST SP 800-63B-4 §3.1.1.2: any long password will do, without rules of composition (%s)',
    (password) => {
      expect(judge(password)).toBeUndefined();
    },
  );

  test('NIST SP 800-63B-4 §3.1.1.2: 15 characters are needed, counted as people count them', () => {
    expect(judge('abcdefghijklmn')).toEqual({ kind: 'too-short', minimumLength: 15 });
    expect(judge('')).toEqual({ kind: 'too-short', minimumLength: 15 });
    expect(judge('🐎🔋📎🐴🔌🧷🐎🔋📎🐴🔌🧷🐎🔋')).toEqual({ kind: 'too-short', minimumLength: 15 });
  });

  test('a password is hashed only up to 4096 bytes', () => {
    expect(judge('xyz'.repeat(1365))).toBeUndefined();
    expect(judge('xyz'.repeat(1366))).toEqual({ kind: 'too-long', maximumBytes: 4096 });
    expect(judge('éàü'.repeat(683))).toEqual({ kind: 'too-long', maximumBytes: 4096 });
  });

  test('NIST SP 800-63B-4 §3.1.1.2: commonly used passwords are refused in any case of letters', () => {
    const blocklist = (password: string) => password === 'passwordpassword';
    expect(judge('PasswordPassword', [], blocklist)).toEqual({ kind: 'common' });
    expect(judge('passwordpassword1', [], blocklist)).toBeUndefined();
  });

  test.each(['aaaaaaaaaaaaaaaaaaa', 'aAaAaAaAaAaAaAaA', 'abababababababab', '0000000000000001'])(
    'one or two characters repeated are common (%s)',
    (password) => {
      expect(judge(password)).toEqual({ kind: 'common' });
    },
  );

  test.each([
    ['alice@example.com', ['alice@example.com'], 'alice@example.com'],
    ['ALICE@Example.com!1', ['alice@example.com'], 'alice@example.com'],
    ['latchkeylatchkey12', ['acme', 'Latchkey'], 'Latchkey'],
    ['alexanderacmecorp1', ['alexander', 'acmecorp'], 'acmecorp'],
    ['acmecorpalexander1', ['alexander', 'acmecorp'], 'acmecorp'],
  ])(
    'NIST SP 800-63B-4 §3.1.1.2: little more than names of the context is refused (%s, %j)',
    (password, words, word) => {
      expect(judge(password, words)).toEqual({ kind: 'contains-context', word });
    },
  );

  test.each([
    ['alice likes long walks', ['alice']],
    ['nothing of the context', ['alice', 'acme']],
    ['bobbobbobbobbobx', ['bob']],
    ['a.b.c.d.e.f.g.h.i', ['.', '']],
  ])(
    'a name inside a long password, and words under four characters, do no harm (%s, %j)',
    (password, words) => {
      expect(judge(password, words)).toBeUndefined();
    },
  );

  test('what is accepted is within the limits, and no password makes it fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.string()), (password, words) => {
        const problem = judge(password, words);
        const length = [...password].length;
        expect(problem?.kind === 'too-short').toBe(length < 15);
      }),
    );
  });
});
