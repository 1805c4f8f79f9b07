import { useAuth } from '@latchkey/react';
import { Suspense, useEffect } from 'react';
import { Route, Routes, useLocation } from 'react-router';
import { Toaster } from 'sonner';
import { signInAgainWindow } from '../api/sign-in-again.ts';
import { SignInAgainDialog } from '../api/sign-in-again-dialog.tsx';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { consolePages } from '../pages.tsx';
import { Frame } from './frame.tsx';
import { frameMessages } from './messages.ts';
import { OrganizationProvider } from './organization-switcher.tsx';
import { SignInAgainPage } from './sign-in-again-page.tsx';

/** What is shown to somebody who is not signed in. */
function Welcome() {
  const t = useText(frameMessages);
  const { status, error, signIn } = useAuth();
  const { pathname, search } = useLocation();
  const begin = () => signIn({ returnTo: `/console${pathname}${search}` });
  return (
    <main className="welcome">
      <img src="/console/favicon.svg" alt="" width={40} height={40} />
      <h1>{t('welcome')}</h1>
      <p className="muted">{t('signInText')}</p>
      {status === 'error' && (
        <p role="alert" className="field-error">
          {t('failed')} {error?.message}
        </p>
      )}
      <Button variant="primary" onClick={begin}>
        {t('signIn')}
      </Button>
    </main>
  );
}

function NoSuchPage() {
  const t = useText(frameMessages);
  return <p className="empty">{t('notFound')}</p>;
}

function titleOf(pathname: string): (typeof consolePages)[number] | undefined {
  return consolePages.find(
    ({ path }) => path === (pathname === '/' ? '/' : `/${pathname.split('/')[1] ?? ''}`),
  );
}

/** The console: a welcome to strangers, pages in a frame to those who are signed in. */
export function ConsoleApp() {
  const t = useText(frameMessages);
  const { status } = useAuth();
  const { pathname } = useLocation();
  useEffect(() => {
    const page = titleOf(pathname);
    document.title = page === undefined ? 'Latchkey' : `${t(page.title)} · Latchkey`;
  }, [pathname, t]);
  // A window that only signs in: it shows no page, whoever is signed in.
  if (pathname === signInAgainWindow.path) return <SignInAgainPage />;
  if (status === 'loading') return <main className="welcome" aria-busy="true" />;
  if (status !== 'signed-in') return <Welcome />;
  return (
    <SignInAgainDialog>
      <OrganizationProvider>
        <Frame>
          <Suspense fallback={<div className="skeleton" />}>
            <Routes>
              {consolePages.map(({ path, Page }) => (
                <Route key={path} path={path} element={<Page />} />
              ))}
              <Route path="*" element={<NoSuchPage />} />
            </Routes>
          </Suspense>
          <Toaster position="bottom-right" />
        </Frame>
      </OrganizationProvider>
    </SignInAgainDialog>
  );
}
