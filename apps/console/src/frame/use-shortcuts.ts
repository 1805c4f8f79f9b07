import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { consolePages } from '../pages.tsx';

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

/** ⌘K and Ctrl-K open the search, `/` goes to the search of the page, `?` tells what the keyboard can do, `g` and a letter to a page. */
export function useShortcuts(openSearch: () => void, openHelp: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let wasG = false;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openSearch();
        return;
      }
      if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      const page = wasG ? consolePages.find(({ shortcut }) => shortcut === event.key) : undefined;
      wasG = event.key === 'g';
      if (page !== undefined) void navigate(page.path);
      if (event.key === '?') openHelp();
      if (event.key !== '/') return;
      event.preventDefault();
      const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
      if (field === null) openSearch();
      else field.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, openSearch, openHelp]);
}
