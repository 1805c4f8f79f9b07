import { instanceSettings } from '@latchkey/contract';
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

test('the forms have every setting of the API, and no other', () => {
  const { features, ...groups } = instanceSettings.shape;
  const { registrationPolicy, ...switches } = features.shape;
  const shapes = {
    login: groups.login.shape,
    password: groups.password.shape,
    lockout: groups.lockout.shape,
    lifetimes: groups.lifetimes.shape,
    features: switches,
    registration: registrationPolicy.shape,
  };
  for (const [group, shape] of Object.entries(shapes)) {
    const fields = Object.entries(settingFields).find(([name]) => name === group)?.[1] ?? [];
    expect(fields.map(({ name }) => name).sort(), group).toEqual(Object.keys(shape).sort());
  }
});
