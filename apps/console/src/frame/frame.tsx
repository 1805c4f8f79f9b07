import { Menu as MenuIcon, Search } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { NavLink, useLocation } from 'react-router';
import { useText } from '../i18n/text.ts';
import { consolePages } from '../pages.tsx';
import { frameMessages } from './messages.ts';
import { OrganizationSwitcher } from './organization-switcher.tsx';
import { Palette } from './palette.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import { UserMenu } from './user-menu.tsx';

const groups = ['top', 'build', 'people', 'operate', 'settings'] as const;

function Sidebar({ isOpen, onLeave }: { readonly isOpen: boolean; readonly onLeave: () => void }) {
  const t = useText(frameMessages);
  return (
    <nav className="sidebar" data-open={isOpen} aria-label={t('menu')}>
      <NavLink to="/" className="brand" onClick={onLeave}>
        <img src="/console/favicon.svg" alt="" />
        Latchkey
      </NavLink>
      {groups.map((group) => (
        <div key={group}>
          {group !== 'top' && <p className="nav-group">{t(group)}</p>}
          {consolePages
            .filter((page) => page.group === group)
            .map(({ path, title, icon: Icon, Page }) => (
              <NavLink
                key={path}
                to={path}
                end={path === '/'}
                className="nav-link"
                onClick={onLeave}
                onPointerEnter={Page.preload}
                onFocus={Page.preload}
              >
                {Icon !== undefined && <Icon size={16} aria-hidden />}
                {t(title)}
              </NavLink>
            ))}
        </div>
      ))}
    </nav>
  );
}

/** What stays while pages change: where one is, where one can go, who one is. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const t = useText(frameMessages);
  const { pathname } = useLocation();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const [isHelping, setHelping] = useState(false);
  useShortcuts(
    () => setSearching(true),
    () => setHelping(true),
  );
  return (
    <div className="frame">
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <Sidebar isOpen={isMenuOpen} onLeave={() => setMenuOpen(false)} />
      <div>
        <header className="topbar">
          <button
            type="button"
            className="icon-button only-small"
            aria-label={t('menu')}
            aria-expanded={isMenuOpen}
            onClick={() => setMenuOpen(!isMenuOpen)}
          >
            <MenuIcon size={18} aria-hidden />
          </button>
          <OrganizationSwitcher />
          <span className="grow" />
          <button
            type="button"
            className="search-button"
            aria-label={t('palette')}
            onClick={() => setSearching(true)}
          >
            <Search size={14} aria-hidden />
            <span>{t('search')}</span>
            <kbd>⌘K</kbd>
          </button>
          <UserMenu onShortcuts={() => setHelping(true)} />
        </header>
        <main id="content" className="content" key={pathname} tabIndex={-1}>
          {children}
        </main>
      </div>
      <ShortcutHelp isOpen={isHelping} onOpenChange={setHelping} />
      <Palette isOpen={isSearching} onOpenChange={setSearching} />
    </div>
  );
}
