import { SignedIn, SignedOut, SignInButton, useAuth } from '@latchkey/react';
import { Account } from './account.tsx';

export function App() {
  const { status, error } = useAuth();
  return (
    <main>
      {status === 'loading' && <p role="status">Loading…</p>}
      <SignedOut>
        <h1>Welcome</h1>
        <p>Sign in to see your name and to call the API.</p>
        {error && <p role="alert">{error.message}</p>}
        <SignInButton />
      </SignedOut>
      <SignedIn>
        <Account />
      </SignedIn>
    </main>
  );
}
