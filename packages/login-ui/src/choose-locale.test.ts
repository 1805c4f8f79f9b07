import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseLocale } from './choose-locale.ts';
import { supportedLocales } from './locales.ts';

test('RFC 4647 §3.4: a range is shortened from its end until it names a language we have', () => {
  expect(chooseLocale('de-CH-1996', undefined)).toBe('de');
  expect(chooseLocale('de-x-private', undefined)).toBe('de');
  expect(chooseLocale('DE-at', undefined)).toBe('de');
  expect(chooseLocale('deu', undefined)).toBe('en');
});

test('OpenID Connect Core §3.1.2.1: ui_locales are tried in their order', () => {
  expect(chooseLocale('fr de en', undefined)).toBe('de');
  expect(chooseLocale('en de', undefined)).toBe('en');
});

test('ui_locales go before Accept-Language, which is asked when they name nothing we have', () => {
  expect(chooseLocale('de', 'en')).toBe('de');
  expect(chooseLocale('fr', 'de')).toBe('de');
  expect(chooseLocale('', 'de')).toBe('de');
});

test('RFC 9110 §12.5.4: Accept-Language is read by weight, not by order', () => {
  expect(chooseLocale(undefined, 'en;q=0.5, de;q=0.8')).toBe('de');
  expect(chooseLocale(undefined, 'fr, de;q=0.9, en;q=0.8')).toBe('de');
  expect(chooseLocale(undefined, 'en;q=0.5,de;Q=0.501')).toBe('de');
});

test('RFC 9110 §12.4.2: weight 0 means not acceptable, and a malformed weight is not read', () => {
  expect(chooseLocale(undefined, 'de;q=0')).toBe('en');
  expect(chooseLocale(undefined, 'de;q=2')).toBe('en');
  expect(chooseLocale(undefined, 'de;q=high')).toBe('en');
});

test('without a language we have, the page is in the default language', () => {
  expect(chooseLocale(undefined, undefined)).toBe('en');
  expect(chooseLocale('fr', '*')).toBe('en');
  expect(chooseLocale('__proto__', 'constructor')).toBe('en');
});

test('whatever is asked for, the answer is a supported locale', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (uiLocales, acceptLanguage) => {
      expect(supportedLocales).toContain(chooseLocale(uiLocales, acceptLanguage));
    }),
  );
});

test('a range or a list without end is not read to its end', () => {
  expect(chooseLocale(`de${'-a1'.repeat(5_000)}`, undefined)).toBe('en');
  expect(chooseLocale(undefined, `${'fr,'.repeat(5_000)}de`)).toBe('en');
});
