import { useAuth } from '@latchkey/react';
import { useEffect, useRef } from 'react';
import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { describeFailure } from '../api/describe-failure.ts';
import { ReaderProvider } from '../reader/reader-context.tsx';
import { Masthead } from './masthead.tsx';
import { NoticeProvider, useNotify } from './notices.tsx';
import { useSearchKey } from './search-form.tsx';

/** What surrounds every page. */
export function Layout() {
  return (
    <NoticeProvider>
      <ReaderProvider>
        <Frame />
      </ReaderProvider>
    </NoticeProvider>
  );
}

function Frame() {
  const main = useFocusOnNavigation();
  useSearchKey();
  useSignInProblem();
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <Masthead />
      <main id="content" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <Footer />
      <ScrollRestoration />
    </>
  );
}

function Footer() {
  return (
    <footer className="footer">
      <p className="wordmark">Tideline</p>
      <p>
        Skerrin, its people and its newsrooms are invented. Tideline is an example application of Latchkey.
      </p>
      <nav aria-label="Footer">
        <Link to="/sources">Sources</Link>
        <Link to="/search">Search</Link>
        <Link to="/preferences">Preferences</Link>
      </nav>
    </footer>
  );
}

// A screen reader goes on at the new page, not at the link that is gone.
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    if (main.current?.contains(document.activeElement) !== true) main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}

function useSignInProblem(): void {
  const { status, error } = useAuth();
  const notify = useNotify();
  useEffect(() => {
    if (status !== 'error') return;
    const { title, advice } = describeFailure(error);
    notify({ kind: 'problem', title, advice });
  }, [status, error, notify]);
}
