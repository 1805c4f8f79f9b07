// Runs before the first paint, so that a chosen theme does not flash. `src/frame/theme.ts` writes the choice.
try {
  const theme = localStorage.getItem('news.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's preference counts.
}
