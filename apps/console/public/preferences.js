// Before the first paint: the theme and language chosen here before, so that nothing flashes.
(() => {
  const chosen = (name) =>
    document.cookie
      .split('; ')
      .find((pair) => pair.startsWith(`latchkey-${name}=`))
      ?.split('=')[1];
  const theme = chosen('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const language = chosen('language') ?? (navigator.language.startsWith('de') ? 'de' : 'en');
  document.documentElement.lang = language === 'de' ? 'de' : 'en';
})();
