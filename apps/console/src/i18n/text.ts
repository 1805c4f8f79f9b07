import { IntlMessageFormat } from 'intl-messageformat';
import { useMemo } from 'react';
import { type Language, useLanguage } from './language.ts';

/** A sentence in every language. */
export type Text = Readonly<Record<Language, string>>;

/** The sentences of a chapter by key and language. */
export interface Messages<Key extends string> {
  readonly en: Readonly<Record<Key, string>>;
  readonly de: Readonly<Record<Key, string>>;
}

/** What stands for the `{names}` of a sentence (ICU MessageFormat). */
export type Values = Readonly<Record<string, string | number | Date>>;

/** Gives the sentence of a key in the chosen language. */
export type Translate<Key extends string> = (key: Key, values?: Values) => string;

/** The sentences of a chapter: German must have exactly the keys of English. */
export function defineMessages<Key extends string>(messages: {
  readonly en: Readonly<Record<Key, string>>;
  readonly de: Readonly<Record<NoInfer<Key>, string>>;
}): Messages<Key> {
  return messages;
}

const compiled = new Map<string, IntlMessageFormat>();

/** A sentence with its values filled in. */
export function formatText(language: Language, sentence: string, values?: Values): string {
  if (values === undefined) return sentence;
  const cacheKey = `${language}:${sentence}`;
  const format = compiled.get(cacheKey) ?? new IntlMessageFormat(sentence, language);
  compiled.set(cacheKey, format);
  return String(format.format(values));
}

/** Translates the sentences of a chapter: `const t = useText(projectMessages)`, then `t('title')`. */
export function useText<Key extends string>(messages: Messages<Key>): Translate<Key> {
  const { language } = useLanguage();
  return useMemo(
    () => (key, values) => formatText(language, messages[language][key], values),
    [language, messages],
  );
}
