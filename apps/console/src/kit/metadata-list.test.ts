import { expect, test } from 'vitest';
import { textOfValue, valueOfText } from './metadata-list.tsx';

test('text becomes base64 of its UTF-8 bytes and comes back', () => {
  expect(valueOfText('4711')).toBe('NDcxMQ==');
  expect(textOfValue(valueOfText('Größe 😀'))).toBe('Größe 😀');
});

test('a value that is no text is not shown as broken text', () => {
  expect(textOfValue('/w==')).toBeUndefined();
});
