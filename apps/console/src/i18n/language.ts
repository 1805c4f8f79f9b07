import { createContext, use } from 'react';

/** Languages of the console. */
export const languages = ['en', 'de'] as const;

/** A language of the console. */
export type Language = (typeof languages)[number];

/** The chosen language and how to choose another. */
export interface LanguageChoice {
  readonly language: Language;
  readonly choose: (language: Language) => void;
}

/** Holds the choice; `documentLanguage()` outside of a provider. */
export const LanguageContext = createContext<LanguageChoice | undefined>(undefined);

/** The language the page was opened in. */
export function documentLanguage(): Language {
  return document.documentElement.lang === 'de' ? 'de' : 'en';
}

/** The chosen language. */
export function useLanguage(): LanguageChoice {
  return use(LanguageContext) ?? { language: documentLanguage(), choose: () => {} };
}
