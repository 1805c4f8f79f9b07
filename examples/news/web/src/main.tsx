import { AuthProvider } from '@latchkey/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import type { PublicConfig } from '../web-config.ts';
import { ApiProvider } from './api/api-context.tsx';
import { ConfigProblem } from './config-problem.tsx';
import { createRouter } from './routes.tsx';
import { loadRuntimeConfig } from './runtime-config.ts';

const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no element #root');
const loaded = await loadRuntimeConfig();
createRoot(container).render(
  <StrictMode>
    {loaded.kind === 'loaded' ? app(loaded.config) : <ConfigProblem reason={loaded.reason} />}
  </StrictMode>,
);

function app(config: PublicConfig) {
  // A silent sign-in loads this document in a hidden frame, which needs the answer of the issuer and no pages.
  const isHiddenFrame = window.parent !== window;
  return (
    <AuthProvider {...authOptions(config)}>
      {isHiddenFrame ? null : (
        <ApiProvider config={config}>
          <RouterProvider router={createRouter()} />
        </ApiProvider>
      )}
    </AuthProvider>
  );
}

// All the app knows of the two modes.
function authOptions(config: PublicConfig) {
  if (config.mode === 'bff') return { mode: 'bff' } as const;
  // The redirect URI is the front page; it must be registered exactly so, with the slash.
  const address = `${window.location.origin}/`;
  const { issuer, clientId, projectId, apiUrl } = config;
  return {
    ...{ issuer, clientId, projectId, redirectUri: address, postLogoutRedirectUri: address },
    apiOrigins: [new URL(apiUrl).origin],
  };
}
