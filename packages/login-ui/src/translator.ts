import { IntlMessageFormat } from 'intl-messageformat';
import type { ComponentChildren, VNode } from 'preact';
import { defaultLocale, type Locale, locales } from './locales.ts';
import type { MessageArguments, MessageKey } from './messages/messages.ts';

type Arguments<Key, Value> = Key extends keyof MessageArguments<Value> ? [MessageArguments<Value>[Key]] : [];

/** Says the catalogue's sentences in one language. */
export interface Translator {
  readonly locale: Locale;
  /** The sentence as plain text. */
  text<Key extends MessageKey>(key: Key, ...values: Arguments<Key, string>): string;
  /** The sentence with elements in it, for names that need their own markup. */
  rich<Key extends keyof MessageArguments<VNode>>(
    key: Key,
    values: MessageArguments<VNode>[Key],
  ): ComponentChildren;
  /** "in 45 seconds", "in 2 minutes"; never sooner than the given seconds. */
  wait(seconds: number): string;
}

function createTranslator(locale: Locale): Translator {
  // Parsing a sentence costs more than rendering a whole page, so each is parsed once, when it is first said.
  const compiled = new Map<MessageKey, IntlMessageFormat>();
  const relativeTime = new Intl.RelativeTimeFormat(locale.tag);

  function compile(key: MessageKey): IntlMessageFormat {
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const fresh = new IntlMessageFormat(locale.messages[key], locale.tag);
    compiled.set(key, fresh);
    return fresh;
  }

  return {
    locale,
    text: (key, ...values) => [compile(key).format<string>({ ...values[0] })].flat().join(''),
    rich: (key, values) => compile(key).format<VNode>({ ...values }),
    wait(seconds) {
      const whole = Math.max(1, Math.ceil(seconds));
      if (whole <= 90) return relativeTime.format(whole, 'second');
      const minutes = Math.ceil(whole / 60);
      if (minutes <= 90) return relativeTime.format(minutes, 'minute');
      return relativeTime.format(Math.ceil(minutes / 60), 'hour');
    },
  };
}

const translators = new Map(locales.map((locale) => [locale.tag, createTranslator(locale)]));
const defaultTranslator = createTranslator(defaultLocale);

/** The translator for one of `supportedLocales`; for any other tag the default language's. */
export function translatorFor(locale: string): Translator {
  return translators.get(locale) ?? defaultTranslator;
}
