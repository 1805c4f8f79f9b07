import { useAuth } from '@latchkey/react';
import { Link, NavLink, useLocation } from 'react-router';
import { greetingAt } from '../articles/format-time.ts';
import { useTopics } from '../articles/use-catalog.ts';
import { AccountMenu } from './account-menu.tsx';
import { Icon } from './icon.tsx';
import { SearchForm } from './search-form.tsx';
import { useTheme } from './theme.ts';

const today = new Intl.DateTimeFormat('en', { weekday: 'long', month: 'long', day: 'numeric' });

/** The head of every page: date, greeting, name of the paper, sections, search and account. */
export function Masthead() {
  const { pathname } = useLocation();
  const isSearchPage = pathname === '/search';
  return (
    <header className="masthead">
      <div className="masthead-inner">
        <p className="dateline">
          <span className="dateline-date">{today.format(new Date())}</span>
          <Greeting />
        </p>
        <Link className="wordmark" to="/" aria-label="Tideline, front page">
          Tideline
        </Link>
        <div className="tools">
          <Link className="icon-button tools-search" to="/search" aria-label="Search">
            <Icon name="search" />
          </Link>
          <ThemeButton />
          <AccountMenu />
        </div>
      </div>
      <div className="sections">
        <div className="sections-inner">
          <SectionLinks />
          {isSearchPage ? null : <SearchForm size="small" />}
        </div>
      </div>
    </header>
  );
}

function Greeting() {
  const { user } = useAuth();
  const name = user?.givenName ?? user?.name ?? user?.loginName;
  if (name === undefined) return null;
  return (
    <span data-testid="greeting">
      {greetingAt(new Date())}, {name}
    </span>
  );
}

function ThemeButton() {
  const { theme, next } = useTheme();
  const label = { system: 'as the system', light: 'light', dark: 'dark' }[theme];
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${label}. Change`}
      title={`Theme: ${label}`}
      data-testid="theme"
      onClick={next}
    >
      <Icon name={theme} />
    </button>
  );
}

function SectionLinks() {
  const topics = useTopics().data?.items;
  return (
    <nav aria-label="Sections">
      <ul>
        <li>
          <NavLink to="/for-you" data-testid="for-you">
            For you
          </NavLink>
        </li>
        <li>
          <NavLink to="/latest">Latest</NavLink>
        </li>
        {topics?.map(({ key, name }) => (
          <li key={key}>
            <NavLink to={`/topics/${key}`}>{name}</NavLink>
          </li>
        ))}
        {/* Last and with the topics, so that it does not move when they arrive. */}
        {topics === undefined ? null : (
          <li>
            <NavLink to="/sources">Sources</NavLink>
          </li>
        )}
      </ul>
    </nav>
  );
}
