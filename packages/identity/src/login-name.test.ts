import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalLoginName } from './login-name.ts';

describe('canonicalLoginName', () => {
  test.each([
    ['Alice@Example.COM', 'alice@example.com'],
    ['  alice  ', 'alice'],
    ['\u00a0alice\u3000', 'alice'],
    ['ａｌｉｃｅ', 'alice'],
    ['ﬁona', 'fiona'],
    ['zoe\u0308', 'zo\u00eb'],
    ['ZO\u00cb', 'zo\u00eb'],
    ['\u212bngstr\u00f6m', '\u00e5ngstr\u00f6m'],
    ['anne marie', 'anne marie'],
  ])('spellings that look or mean the same are one login name (%j: %j)', (typed, canonical) => {
    expect(canonicalLoginName(typed)).toBe(canonical);
  });

  test.each([
    ['J\u030cane', '\u01f0ane'],
    ['H\u0331', '\u1e96'],
    ['T\u0308', '\u1e97'],
    ['W\u030a', '\u1e98'],
  ])('letters that are composed in lower case only are composed too (%j: %j)', (typed, lower) => {
    expect(canonicalLoginName(typed)).toBe(canonicalLoginName(lower));
    expect(canonicalLoginName(typed)).toBe(lower);
  });

  test.each([
    '',
    '   ',
    '\u3000',
    'a\u0000b',
    'a\nb',
    'a\u2028b',
    'a\u2029b',
    'a\u200bb',
    'a\u202eb',
    'a\u00adb',
    '\ufeffa\u2060',
    'a\ud800',
    'a\ue000',
    'x'.repeat(201),
    '\ufdfa'.repeat(12),
  ])('empty, long and invisible login names are refused (%j)', (typed) => {
    expect(canonicalLoginName(typed)).toBeUndefined();
  });

  test('the longest login name has 200 characters', () => {
    expect(canonicalLoginName('x'.repeat(200))).toHaveLength(200);
  });

  test('a canonical login name is its own canonical spelling, and case does not matter to it', () => {
    const letters = fc.constantFrom(
      ...'aJj\u030cT\u0308\u0130iI\u0307\u00df\u1e9e\u03a3\u03c2\u212a\u2126\u00a8\ufb03 @.',
    );
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: letters, maxLength: 12 }),
    );
    fc.assert(
      fc.property(names, (typed) => {
        const canonical = canonicalLoginName(typed);
        if (canonical === undefined) return;
        expect(canonicalLoginName(canonical)).toBe(canonical);
        expect(canonicalLoginName(` ${typed}\t`)).toBe(canonical);
        expect(canonicalLoginName(typed.normalize('NFD'))).toBe(canonical);
        expect(canonical).toMatch(/^\S(.*\S)?$/u);
      }),
      { numRuns: 2000 },
    );
  });
});
