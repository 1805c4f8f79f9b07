import { shifted, type Theme, textOn } from '@latchkey/contract';
import type { PageBranding, SiteLinks, ThemeColors } from '@latchkey/login-ui';
import type { EffectiveSettings } from './settings.ts';

type Branding = EffectiveSettings['branding'];

/** How much lighter or darker an accent becomes under the pointer. */
const hoverStep: Readonly<Record<Theme, number>> = { light: -0.05, dark: 0.05 };

function colorsOf(accent: string | null, canvas: string | null, theme: Theme): ThemeColors {
  return {
    ...(accent === null
      ? {}
      : { accent, accentHover: shifted(accent, hoverStep[theme]), onAccent: textOn(accent) }),
    ...(canvas === null ? {} : { canvas }),
  };
}

function toPageBranding(branding: Branding): PageBranding {
  const { themeMode, radiusPx, font, logoUrlLight, logoUrlDark } = branding;
  return {
    themeMode,
    radiusPx,
    font,
    light: colorsOf(branding.accentColorLight, branding.backgroundColorLight, 'light'),
    dark: colorsOf(branding.accentColorDark, branding.backgroundColorDark, 'dark'),
    hidesKeyMark: branding.hideLatchkeyMark,
    ...(logoUrlLight === null ? {} : { logoLight: logoUrlLight }),
    ...(logoUrlDark === null ? {} : { logoDark: logoUrlDark }),
  };
}

/** What pages take from settings. */
export interface PageLook {
  readonly branding: PageBranding;
  readonly siteLinks: SiteLinks;
  /** Addresses of pictures on the page that are not in it. */
  readonly images: readonly string[];
}

function toLook({ branding, login }: EffectiveSettings): PageLook {
  const { helpUrl, termsUrl, privacyUrl } = login;
  const { logoUrlLight, logoUrlDark } = branding;
  return {
    branding: toPageBranding(branding),
    siteLinks: {
      ...(helpUrl === null ? {} : { helpHref: helpUrl }),
      ...(termsUrl === null ? {} : { termsHref: termsUrl }),
      ...(privacyUrl === null ? {} : { privacyHref: privacyUrl }),
    },
    images: [logoUrlLight ?? '', logoUrlDark ?? ''].filter((url) => url.startsWith('https://')),
  };
}

// Settings are objects that live as long as they hold, so what is made of them is made once.
const looks = new WeakMap<EffectiveSettings, PageLook>();

/** What pages take from settings, made once for each. */
export function lookOf(settings: EffectiveSettings): PageLook {
  const known = looks.get(settings);
  if (known !== undefined) return known;
  const look = toLook(settings);
  looks.set(settings, look);
  return look;
}
