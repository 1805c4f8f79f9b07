import { useAuth } from '@latchkey/react';
import { CircleUserRound } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type Language, languages, useLanguage } from '../i18n/language.ts';
import { useText } from '../i18n/text.ts';
import { type FrameMessage, frameMessages } from './messages.ts';
import { type ThemeChoice, useTheme } from './preferences.tsx';

const themes: readonly (readonly [ThemeChoice, FrameMessage])[] = [
  ['auto', 'themeAuto'],
  ['light', 'themeLight'],
  ['dark', 'themeDark'],
];
const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

/** Who is signed in, how the console looks and speaks, and the way out. */
export function UserMenu({ onShortcuts }: { readonly onShortcuts: () => void }) {
  const t = useText(frameMessages);
  const { user, signOut } = useAuth();
  const [theme, chooseTheme] = useTheme();
  const { language, choose } = useLanguage();
  const leave = () => signOut({ returnTo: '/console/' }).catch(() => window.location.assign('/console/'));
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="icon-button" aria-label={t('account')}>
        <CircleUserRound size={18} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
          <DropdownMenu.Label className="menu-label">{user?.name ?? ''}</DropdownMenu.Label>
          <DropdownMenu.Label className="menu-label">{t('theme')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme}>
            {themes.map(([value, text]) => (
              <DropdownMenu.RadioItem
                key={value}
                value={value}
                className="menu-item"
                onSelect={() => chooseTheme(value)}
              >
                {theme === value ? '✓ ' : ''}
                {t(text)}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Label className="menu-label">{t('language')}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={language}>
            {languages.map((value) => (
              <DropdownMenu.RadioItem
                key={value}
                value={value}
                className="menu-item"
                lang={value}
                onSelect={() => choose(value)}
              >
                {language === value ? '✓ ' : ''}
                {languageNames[value]}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Item className="menu-item" onSelect={onShortcuts}>
            {t('shortcuts')}
          </DropdownMenu.Item>
          <DropdownMenu.Item asChild>
            <a className="menu-item" href="/api/v1/docs">
              {t('apiDocs')}
            </a>
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={leave}>
            {t('signOut')}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
