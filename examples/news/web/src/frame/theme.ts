import { useState } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'news.theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

/** The chosen theme and the way to choose the next one. `public/theme.js` applies the choice before the first paint. */
export function useTheme(): { readonly theme: Theme; readonly next: () => void } {
  const [theme, setTheme] = useState<Theme>(() => {
    const { theme: chosen } = document.documentElement.dataset;
    return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
  });
  const next = () => {
    const chosen = order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
    setTheme(chosen);
    if (chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    try {
      if (chosen === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // Without storage the choice lasts until the page is closed.
    }
  };
  return { theme, next };
}
