import './styles.css';
import { AuthProvider } from '@latchkey/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_PROJECT_ID } = import.meta.env;
const container = document.getElementById('app');
if (container === null) throw new Error('index.html has no element with the id "app".');

createRoot(container).render(
  <StrictMode>
    <AuthProvider issuer={VITE_ISSUER} clientId={VITE_CLIENT_ID} projectId={VITE_PROJECT_ID}>
      <App />
    </AuthProvider>
  </StrictMode>,
);
