import { expect, test } from 'vitest';
import { settingsMessages } from './messages.ts';
import { changedFields, settingFields } from './setting-fields.ts';

test('every setting has a label and a line of help in both languages', () => {
  for (const { name } of Object.values(settingFields).flat()) {
    for (const sentences of [settingsMessages.en, settingsMessages.de]) {
      expect(Object.hasOwn(sentences, name), name).toBe(true);
      expect(Object.hasOwn(sentences, `${name}Help`), `${name}Help`).toBe(true);
    }
  }
});

test('only fields that differ are sent, lists compared by what is in them', () => {
  const saved = { a: 1, b: ['x', 'y'], c: null, d: 'same' };
  expect(changedFields(saved, { a: 2, b: ['x', 'y'], c: 'set', d: 'same' })).toEqual({ a: 2, c: 'set' });
  expect(changedFields(saved, saved)).toEqual({});
});
