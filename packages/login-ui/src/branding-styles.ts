import { pageStyles } from './page-styles.ts';
import type { PageBranding, ThemeColors } from './view-models.ts';

const darkCondition = '@media (prefers-color-scheme: dark)';
const colorPattern = /^#[0-9a-f]{6}$/;

/** One theme's own colours as declarations; what is no colour of six digits is left out. */
function declarations(colors: ThemeColors): string {
  const { accent, accentHover, onAccent, canvas } = colors;
  const named = { accent, 'accent-hover': accentHover, 'on-accent': onAccent, canvas };
  return Object.entries(named)
    .flatMap(([name, value]) =>
      value !== undefined && colorPattern.test(value) ? [`--${name}:${value}`] : [],
    )
    .join(';');
}

/** An organization's own colours over those of a page. */
export function colorRules({ themeMode, light, dark }: PageBranding): string {
  switch (themeMode) {
    case 'light':
      return `:root{color-scheme:light;${declarations(light)}}`;
    case 'dark':
      return `:root{color-scheme:dark;${declarations(dark)}}`;
    case 'auto':
      return `:root{${declarations(light)}}${darkCondition}{:root{${declarations(dark)}}}`;
  }
}

// A page of another colour keeps its text on a card, in the colours the text was made for, on small screens too.
const cardOnCanvas =
  '@media (max-width:29.99rem){.card{padding:1.5rem;border:1px solid var(--hairline);border-radius:calc(var(--radius)*1.5);background:var(--surface)}}';

const sheets: Readonly<Record<PageBranding['themeMode'], string>> = {
  auto: pageStyles,
  light: pageStyles.replace(darkCondition, '@media not all'),
  dark: pageStyles.replace(darkCondition, '@media all'),
};

/**
 * The style sheet of a page with an organization's colours, roundness and letters. An engine without OKLCH keeps the
 * colours of the pages, since the others were chosen against those of the engines that have it.
 */
export function stylesOf(branding: PageBranding | undefined): string {
  if (branding === undefined) return pageStyles;
  const { themeMode, radiusPx, font, light, dark } = branding;
  const hasCanvas = light.canvas !== undefined || dark.canvas !== undefined;
  const family = font === 'inter' ? ';--font:Inter' : '';
  const radius = Number.isFinite(radiusPx) ? `--radius:${radiusPx / 16}rem` : '';
  return [
    sheets[themeMode],
    `:root{${radius}${family}}`,
    `@supports (color:oklch(0% 0 0)){${colorRules(branding)}}`,
    hasCanvas ? cardOnCanvas : '',
  ].join('');
}
