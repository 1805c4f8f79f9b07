import { AuthProvider } from '@latchkey/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ConsoleApp } from './frame/console-app.tsx';
import { LanguageProvider } from './frame/preferences.tsx';

const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no element #root');
const { origin } = window.location;
const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 10_000, retry: 1, refetchOnWindowFocus: true } },
});

createRoot(container).render(
  <StrictMode>
    <AuthProvider
      issuer={origin}
      clientId="latchkey-console"
      redirectUri={`${origin}/console/callback`}
      postLogoutRedirectUri={`${origin}/console/`}
      scope="openid profile email offline_access"
    >
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <BrowserRouter basename="/console">
            <ConsoleApp />
          </BrowserRouter>
        </LanguageProvider>
      </QueryClientProvider>
    </AuthProvider>
  </StrictMode>,
);
