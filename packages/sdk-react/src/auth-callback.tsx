import type { AuthError } from '@latchkey/browser';
import type { ReactNode } from 'react';
import { SignInButton } from './sign-in-button.tsx';
import { useAuth } from './use-auth.ts';

/** What `<AuthCallback>` takes. */
export type AuthCallbackProps = {
  /** Shown while the provider finishes the sign-in and goes on to where the user wanted to be. */
  readonly children?: ReactNode;
  readonly failed?: (error: AuthError) => ReactNode;
};

/** For the route of the redirect URI: says what is going on. The provider itself does the work. */
export function AuthCallback({ children, failed }: AuthCallbackProps): ReactNode {
  const { status, error } = useAuth();
  if (status === 'error' && error !== undefined) {
    return (
      failed?.(error) ?? (
        <div role="alert">
          <p>{error.message}</p>
          <SignInButton options={{ returnTo: '/' }} />
        </div>
      )
    );
  }
  if (status === 'signed-out') return <SignInButton options={{ returnTo: '/' }} />;
  return children ?? <p role="status">Signing you in…</p>;
}
