import { de } from './messages/de.ts';
import { en } from './messages/en.ts';
import type { Messages } from './messages/messages.ts';

/** A language the pages are written in. */
export interface Locale {
  /** The BCP 47 tag, as it stands in the `lang` attribute. */
  readonly tag: string;
  /** The language's name in that language. */
  readonly autonym: string;
  readonly direction: 'ltr' | 'rtl';
  readonly messages: Messages;
}

/** The language of a page nobody asked another language for. */
export const defaultLocale: Locale = { tag: 'en', autonym: 'English', direction: 'ltr', messages: en };

/** Every language the pages are written in, the default first. */
export const locales: readonly Locale[] = [
  defaultLocale,
  { tag: 'de', autonym: 'Deutsch', direction: 'ltr', messages: de },
];

/** The BCP 47 tags `renderPage` takes as `PageContext.locale`, the default first. */
export const supportedLocales: readonly string[] = locales.map((locale) => locale.tag);
