import { defaultAccent, pageColors, shifted, type Theme, textOn } from '@latchkey/contract/client';
import { type CSSProperties, useLayoutEffect, useRef, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { settingsMessages } from './messages.ts';
import './sign-in-preview.css';
import type { Branding, InstanceSettings } from './setting-fields.ts';

/** Widths of the screen that is shown. */
export type PreviewWidth = 1280 | 375;

interface SignInPreviewProps {
  readonly branding: Branding;
  readonly login: InstanceSettings['login'];
  readonly name: string;
  readonly theme: Theme;
  readonly width: PreviewWidth;
}

const colorPattern = /^#[0-9a-f]{6}$/;

function colorOr(color: string | null, otherwise: string): string {
  return color !== null && colorPattern.test(color) ? color : otherwise;
}

/** The variables the preview is painted with: those of the sign-in pages, in the theme that is shown. */
function paintOf(branding: Branding, theme: Theme): Readonly<Record<`--${string}`, string>> {
  const ours = pageColors[theme];
  const isLight = theme === 'light';
  const accent = colorOr(
    isLight ? branding.accentColorLight : branding.accentColorDark,
    defaultAccent[theme],
  );
  const canvas = colorOr(isLight ? branding.backgroundColorLight : branding.backgroundColorDark, ours.canvas);
  return {
    '--preview-accent': accent,
    '--preview-accent-hover': shifted(accent, isLight ? -0.05 : 0.05),
    '--preview-on-accent': textOn(accent),
    '--preview-canvas': canvas,
    '--preview-surface': ours.grounds[0],
    '--preview-text': ours.text,
    '--preview-muted': ours.muted,
    '--preview-edge': isLight ? '#818b8d' : '#656f71',
    '--preview-hairline': isLight ? '#dde2e3' : '#252d2f',
    '--preview-radius': `${branding.radiusPx}px`,
    '--preview-font': branding.font === 'inter' ? 'Inter, "Inter Variable"' : '-apple-system',
  };
}

/** How much a screen of a width must shrink to fit where it is shown, followed as that changes. */
function useScale(width: number): {
  readonly ref: React.RefObject<HTMLDivElement | null>;
  readonly scale: number;
} {
  const ref = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(1);
  useLayoutEffect(() => {
    const frame = ref.current;
    if (frame === null) return undefined;
    const fit = (): void => setScale(Math.min(1, frame.clientWidth / width));
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(frame);
    return () => observer.disconnect();
  }, [width]);
  return { ref, scale };
}

function Mark({ branding, name, theme }: Pick<SignInPreviewProps, 'branding' | 'name' | 'theme'>) {
  const { logoUrlLight, logoUrlDark, hideLatchkeyMark } = branding;
  const logo = theme === 'dark' ? (logoUrlDark ?? logoUrlLight) : (logoUrlLight ?? logoUrlDark);
  // The policy of the console lets pictures in only from itself and by data: addresses.
  if (logo?.startsWith('data:') === true) return <img className="preview-logo" src={logo} alt={name} />;
  return (
    <p className="preview-wordmark">
      {logo === null && !hideLatchkeyMark && (
        <svg viewBox="0 0 24 24" width="32" height="32" aria-hidden="true">
          <rect width="24" height="24" rx="6" className="preview-plate" />
          <circle cx="8" cy="11.5" r="3.25" className="preview-line" />
          <path d="M11.25 11.5h7.5v3.75M15 11.5v2.75" className="preview-line" />
        </svg>
      )}
      {name}
    </p>
  );
}

/** The sign-in page as it would look with a branding, at the size of a screen, shrunk to fit. Nothing in it works. */
export function SignInPreview({ branding, login, name, theme, width }: SignInPreviewProps) {
  const t = useText(settingsMessages);
  const { ref, scale } = useScale(width);
  const height = width === 375 ? 600 : 720;
  const size: CSSProperties = { width, height, transform: `scale(${scale})` };
  const links = [
    [login.helpUrl, t('sampleHelp')],
    [login.termsUrl, t('sampleTerms')],
    [login.privacyUrl, t('samplePrivacy')],
  ].filter(([url]) => url !== null);
  return (
    <div ref={ref} className="preview-frame" style={{ height: height * scale }}>
      <div
        className="preview-screen"
        role="img"
        aria-label={t('previewLabel')}
        data-width={width}
        style={{ ...paintOf(branding, theme), ...size }}
      >
        <div className="preview-column" aria-hidden="true">
          <div className="preview-card" data-ground={ownGround(branding, theme)}>
            <Mark branding={branding} name={name} theme={theme} />
            <p className="preview-heading">{t('sampleHeading')}</p>
            <p className="preview-subtitle">
              {t('sampleSubtitle')} <b>{t('sampleApplication')}</b>
            </p>
            <p className="preview-label">{t('sampleLabel')}</p>
            <span className="preview-input">ada@example.com</span>
            <span className="preview-button">{t('sampleButton')}</span>
            <span className="preview-link">{t('sampleLink')}</span>
          </div>
          {links.length > 0 && (
            <p className="preview-links">
              {links.map(([url, text]) => (
                <span key={`${url}${text}`}>{text}</span>
              ))}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}

function ownGround(branding: Branding, theme: Theme): 'own' | 'ours' {
  const color = theme === 'light' ? branding.backgroundColorLight : branding.backgroundColorDark;
  return color === null ? 'ours' : 'own';
}
