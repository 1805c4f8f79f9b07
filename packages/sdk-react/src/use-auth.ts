import type { AuthClient, AuthError, AuthOrganization, AuthState, AuthUser } from '@latchkey/browser';
import { useMemo } from 'react';
import { useAuthContext } from './auth-provider.tsx';

/** What `useAuth()` gives. The functions keep their identity as long as the client does. */
export type Auth = Pick<
  AuthClient,
  | 'signIn'
  | 'signInWithPopup'
  | 'signUp'
  | 'signOut'
  | 'getAccessToken'
  | 'getAuthHeaders'
  | 'switchOrganization'
> & {
  readonly status: AuthState['status'];
  readonly isLoading: boolean;
  readonly isAuthenticated: boolean;
  readonly user: AuthUser | undefined;
  /** The organization signed in to, where the scope asked for it. */
  readonly organization: AuthOrganization | undefined;
  readonly error: AuthError | undefined;
  /** Why nobody is signed in; undefined unless `status` is `signed-out`. */
  readonly signedOutReason: 'none' | 'sign-out' | 'expired' | undefined;
  /** True when the user has the role in the app's project. For what to show: the API decides what may be done. */
  hasRole(role: string): boolean;
};

/** The session and what to do with it. */
export function useAuth(): Auth {
  const { client, state } = useAuthContext();
  return useMemo(
    () => ({
      status: state.status,
      isLoading: state.status === 'loading',
      isAuthenticated: state.status === 'signed-in',
      user: state.user,
      organization: state.user?.organization,
      error: state.error,
      signedOutReason: state.status === 'signed-out' ? state.reason : undefined,
      hasRole: (role) => state.user?.roles.includes(role) ?? false,
      signIn: client.signIn,
      signInWithPopup: client.signInWithPopup,
      signUp: client.signUp,
      signOut: client.signOut,
      getAccessToken: client.getAccessToken,
      getAuthHeaders: client.getAuthHeaders,
      switchOrganization: client.switchOrganization,
    }),
    [client, state],
  );
}
