import { AuthProvider } from '@latchkey/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConfigProblem } from './config-problem.tsx';
import { createFlowLog } from './flow/flow-log.ts';
import { createTraceRecorder } from './flow/record-trace.ts';
import { createQuotesApi } from './quotes-api.ts';
import { loadRuntimeConfig, type RuntimeConfig } from './runtime-config.ts';

const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no element #root');
const loaded = await loadRuntimeConfig();
createRoot(container).render(
  <StrictMode>
    {loaded.kind === 'loaded' ? page(loaded.config) : <ConfigProblem reason={loaded.reason} />}
  </StrictMode>,
);

function page(config: RuntimeConfig) {
  // The redirect URI is this page itself; it must be registered exactly so, with the slash.
  const address = `${window.location.origin}/`;
  const log = createFlowLog(window.sessionStorage);
  return (
    <AuthProvider
      issuer={config.issuer}
      clientId={config.clientId}
      redirectUri={address}
      postLogoutRedirectUri={address}
      projectId={config.projectId}
      dpop={config.dpop}
      apiOrigins={[new URL(config.apiUrl).origin]}
      onTrace={createTraceRecorder(log)}
    >
      <App source={{ config, log, api: createQuotesApi(config.apiUrl) }} />
    </AuthProvider>
  );
}
