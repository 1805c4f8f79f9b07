import type { AuthClient, AuthError, AuthState, AuthUser } from '@latchkey/browser';
import { type ComputedRef, computed } from 'vue';
import { injectAuth } from './create-auth.ts';

/** What `useAuth()` gives: refs that follow the session, and functions. It can be destructured. */
export type Auth = Pick<AuthClient, 'signIn' | 'signUp' | 'signOut' | 'getAccessToken'> & {
  readonly status: ComputedRef<AuthState['status']>;
  readonly isLoading: ComputedRef<boolean>;
  readonly isAuthenticated: ComputedRef<boolean>;
  readonly user: ComputedRef<AuthUser | undefined>;
  readonly error: ComputedRef<AuthError | undefined>;
  /** Why nobody is signed in; undefined unless `status` is `signed-out`. */
  readonly signedOutReason: ComputedRef<'none' | 'sign-out' | 'expired' | undefined>;
  /** True when the user has the role in the app's project. For what to show: the API decides what may be done. */
  hasRole(role: string): boolean;
};

/** The session and what to do with it. Call it in `setup`. */
export function useAuth(): Auth {
  const { client, state } = injectAuth();
  return {
    status: computed(() => state.value.status),
    isLoading: computed(() => state.value.status === 'loading'),
    isAuthenticated: computed(() => state.value.status === 'signed-in'),
    user: computed(() => state.value.user),
    error: computed(() => state.value.error),
    signedOutReason: computed(() => (state.value.status === 'signed-out' ? state.value.reason : undefined)),
    hasRole: (role) => state.value.user?.roles.includes(role) ?? false,
    signIn: client.signIn,
    signUp: client.signUp,
    signOut: client.signOut,
    getAccessToken: client.getAccessToken,
  };
}
