import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { locales } from './locales.ts';
import { en } from './messages/en.ts';
import { translatorFor } from './translator.ts';

const argumentPattern = /\{(\w+)/g;

/** The names of a sentence's arguments: a brace and a word, outside the branches of a plural. */
function argumentsOf(message: string): string[] {
  const withoutBranches = message.replace(/(?:=\d+|\w+) \{[^{}]*\}/g, '');
  return [...withoutBranches.matchAll(argumentPattern)].map((match) => match[1] ?? '').sort();
}

test.each(locales)('$tag: every sentence is there, says something and parses', ({ tag, messages }) => {
  expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
  for (const [key, message] of Object.entries(messages)) {
    expect(message.trim(), key).toBe(message);
    expect(message, key).not.toBe('');
    expect(() => new IntlMessageFormat(message, tag), key).not.toThrow();
  }
});

test.each(locales)('$tag: every sentence takes the arguments the English one takes', ({ messages }) => {
  const names = (catalogue: object) =>
    Object.entries(catalogue).map(([key, message]) => [key, argumentsOf(String(message))]);
  expect(names(messages)).toEqual(names(en));
});

test.each(locales)(
  '$tag: only sentences that are the same in both languages are left as they are in English',
  (locale) => {
    if (locale.tag === 'en') return expect(locale.messages).toBe(en);
    const same = Object.entries(locale.messages).filter(([key, message]) =>
      Object.entries(en).some(([k, m]) => k === key && m === message),
    );
    expect(same).toEqual([]);
  },
);

test.each([
  [-5, 'in 1 second', 'in 1 Sekunde'],
  [0.2, 'in 1 second', 'in 1 Sekunde'],
  [90, 'in 90 seconds', 'in 90 Sekunden'],
  [91, 'in 2 minutes', 'in 2 Minuten'],
  [121, 'in 3 minutes', 'in 3 Minuten'],
  [5_401, 'in 2 hours', 'in 2 Stunden'],
])('a wait of %d s is said in a fitting unit and never shorter than it is', (seconds, english, german) => {
  expect(translatorFor('en').wait(seconds)).toBe(english);
  expect(translatorFor('de').wait(seconds)).toBe(german);
});

test('a language we do not have gives the default language', () => {
  expect(translatorFor('tlh').locale.tag).toBe('en');
  expect(translatorFor('__proto__').locale.tag).toBe('en');
});
