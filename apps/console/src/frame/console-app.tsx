import { useAuth } from '@latchkey/react';
import { Suspense, useEffect } from 'react';
import { Route, Routes, useLocation } from 'react-router';
import { Toaster } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { consolePages } from '../pages.tsx';
import { Frame } from './frame.tsx';
import { frameMessages } from './messages.ts';
import { OrganizationProvider } from './organization-switcher.tsx';

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
  if (status === 'loading') return <main className="welcome" aria-busy="true" />;
  if (status !== 'signed-in') return <Welcome />;
  return (
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
  );
}
