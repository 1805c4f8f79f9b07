import { type ReactNode, useCallback, useState } from 'react';
import { documentLanguage, type Language, LanguageContext } from '../i18n/language.ts';

/** Light, dark, or as the system says. */
export type ThemeChoice = 'auto' | 'light' | 'dark';

const yearSeconds = 31_536_000;

/** Remembered in a cookie of the console alone, so that the next page is drawn in it from the beginning. */
function remember(name: 'theme' | 'language', value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser this runs in
  document.cookie = `latchkey-${name}=${value}; Path=/console/; Max-Age=${yearSeconds}; SameSite=Lax`;
}

/** The theme the page is drawn in, and how to choose another. */
export function useTheme(): readonly [theme: ThemeChoice, choose: (theme: ThemeChoice) => void] {
  const [theme, setTheme] = useState<ThemeChoice>(() => {
    const { theme: drawn } = document.documentElement.dataset;
    return drawn === 'light' || drawn === 'dark' ? drawn : 'auto';
  });
  const choose = useCallback((chosen: ThemeChoice): void => {
    setTheme(chosen);
    remember('theme', chosen);
    if (chosen === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
  }, []);
  return [theme, choose];
}

/** Holds the chosen language for everything below it. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(documentLanguage);
  const choose = useCallback((chosen: Language): void => {
    setLanguage(chosen);
    remember('language', chosen);
    document.documentElement.lang = chosen;
  }, []);
  return <LanguageContext value={{ language, choose }}>{children}</LanguageContext>;
}
