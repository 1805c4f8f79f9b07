import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleText } from './visible-text.ts';

test('a mark that turns the direction of what follows becomes visible', () => {
  expect(visibleText('user\u202Egro.elpmaxe@')).toBe('user\uFFFDgro.elpmaxe@');
  expect(visibleText('\u2066a\u2069\u200F\u061C')).toBe('\uFFFDa\uFFFD\uFFFD\uFFFD');
});

test('a control character becomes visible', () => {
  expect(visibleText('a\u0000b\nc\u0085')).toBe('a\uFFFDb\uFFFDc\uFFFD');
});

test('other text stays as it is, in any script', () => {
  for (const text of ['Mira Albrecht', 'ميرا', 'מירה', '美良', 'é', '👩‍🔬', '<b>&"']) {
    expect(visibleText(text)).toBe(text);
  }
});

test('what is made visible needs no second time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = visibleText(text);
      expect(once).not.toMatch(/\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u);
      expect(visibleText(once)).toBe(once);
    }),
  );
});
