import { expect, test } from 'vitest';
import { changeOf, errorsBySetting, linesOf, readSetting, textOf } from './application-draft.ts';
import type { Application } from './setting-field.ts';
import { fieldsFor, settingGroups } from './setting-fields.ts';

test('lines lose blanks and empty ones, and come back as they were typed', () => {
  expect(linesOf(' https://a.example \n\n https://b.example')).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
  expect(textOf({ kind: 'lines' }, ['a', 'b'])).toBe('a\nb');
});

test('an empty optional setting is none; seconds and JSON must be readable', () => {
  expect(readSetting({ kind: 'text', isOptional: true }, ' ')).toEqual({ kind: 'value', value: null });
  expect(readSetting({ kind: 'seconds', isOptional: true }, '60')).toEqual({ kind: 'value', value: 60 });
  expect(readSetting({ kind: 'seconds' }, '1.5')).toEqual({ kind: 'unreadable' });
  expect(readSetting({ kind: 'json', isOptional: true }, '{"keys":[]}')).toEqual({
    kind: 'value',
    value: { keys: [] },
  });
  expect(readSetting({ kind: 'json' }, '{')).toEqual({ kind: 'unreadable' });
});

test('only what differs is sent', () => {
  const saved = {
    name: 'Shop',
    redirectUris: ['https://a.example'],
    logoUri: null,
  } as unknown as Application; // cast: the rest plays no part
  expect(changeOf(saved, { name: 'Shop', redirectUris: ['https://b.example'], logoUri: null })).toEqual({
    redirectUris: ['https://b.example'],
  });
});

test('problems are told at the setting they are about, the first of several', () => {
  expect(
    errorsBySetting([
      { pointer: '/redirectUris/1', detail: 'first' },
      { pointer: '/redirectUris/2', detail: 'second' },
      { pointer: '/name', detail: 'taken' },
    ]),
  ).toEqual({ redirectUris: 'first', name: 'taken' });
});

test('every setting stands in one group, and an API is asked for no redirect URIs', () => {
  const names = settingGroups.flatMap(({ fields }) => fields.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  const signIn = settingGroups.find(({ key }) => key === 'signIn');
  if (signIn === undefined) throw new Error('no such group');
  expect(fieldsFor(signIn, 'api').map(({ name }) => name)).toEqual([
    'authMethod',
    'grantTypes',
    'isManagementClient',
  ]);
});
