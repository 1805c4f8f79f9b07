import type { BodyInputOf, Operations } from '@latchkey/contract/client';
import type { Application, SettingField } from './setting-field.ts';

/** A change of an application as the API takes it. */
export type ApplicationChange = BodyInputOf<Operations['updateApplication']>;

/** Lines of a text without blanks around them and empty ones. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The value of a setting as a text field shows it. */
export function textOf(field: Pick<SettingField, 'kind'>, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (field.kind === 'lines' && Array.isArray(value)) return value.join('\n');
  if (field.kind === 'json') return JSON.stringify(value, null, 2);
  return String(value);
}

/** What was typed, as a value of a setting, or that it is none. */
export type ReadSetting =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'unreadable' };

/** Reads a setting from what was typed; an empty text is none where the setting may be left out. */
export function readSetting(field: Pick<SettingField, 'kind' | 'isOptional'>, text: string): ReadSetting {
  const trimmed = text.trim();
  if (field.kind === 'lines') return { kind: 'value', value: linesOf(text) };
  if (trimmed === '' && field.isOptional === true) return { kind: 'value', value: null };
  if (field.kind === 'seconds')
    return /^[0-9]{1,10}$/.test(trimmed) ? { kind: 'value', value: Number(trimmed) } : { kind: 'unreadable' };
  if (field.kind !== 'json') return { kind: 'value', value: trimmed };
  try {
    return { kind: 'value', value: JSON.parse(trimmed) };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** The settings that differ from those saved. */
export function changeOf(saved: Application, edited: Readonly<Record<string, unknown>>): ApplicationChange {
  const before: Readonly<Record<string, unknown>> = { ...saved };
  const entries = Object.entries(edited).filter(
    ([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value),
  );
  return Object.fromEntries(entries);
}

/** The setting a pointer of a problem is about, such as `redirectUris` of `/redirectUris/1`. */
export function settingOf(pointer: string): string {
  return pointer.split('/')[1] ?? '';
}

/** What is wrong with each setting, by its name: the first of every one. */
export function errorsBySetting(
  errors: readonly { readonly pointer: string; readonly detail: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries([...errors].reverse().map(({ pointer, detail }) => [settingOf(pointer), detail]));
}
