'use client';

import { SignInButton, useAuth, useAuthFetch } from '@latchkey/next/client';
import { type ReactNode, useState } from 'react';

export function SignIn() {
  const { error } = useAuth();
  return (
    <>
      {error && <p role="alert">{error.message}</p>}
      <SignInButton />
    </>
  );
}

export function SignOut() {
  const { signOut } = useAuth();
  return (
    <button type="button" className="secondary" onClick={() => signOut()}>
      Sign out
    </button>
  );
}

/** Calls the API from the browser: through /api of this app, which adds the access token. */
export function CallApi({ children }: { children: ReactNode }) {
  const authFetch = useAuthFetch();
  const [answer, setAnswer] = useState('');

  async function callApi() {
    try {
      const response = await authFetch('/api/me');
      setAnswer(
        response.ok ? JSON.stringify(await response.json(), null, 2) : `The API answered ${response.status}.`,
      );
    } catch (error) {
      setAnswer(String(error));
    }
  }

  return (
    <>
      <div className="actions">
        <button type="button" onClick={callApi}>
          Call the API
        </button>
        {children}
      </div>
      <output>{answer}</output>
    </>
  );
}
