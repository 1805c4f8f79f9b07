import type { AuthClient, AuthState } from '@latchkey/browser';
import { injectAuth } from './create-auth.ts';

/** What `requireAuth` takes. */
export type RouteGuardOptions = {
  /** The user needs at least one of these. */
  readonly roles?: readonly string[] | undefined;
  /** Where to send a user without any of the roles. Default: the navigation is cancelled. */
  readonly forbidden?: string | undefined;
  /**
   * Where to send somebody who opens a guarded page after a deliberate sign-out or a failed sign-in, when going straight back
   * to the issuer would go round in circles. Must not be guarded itself. Default: `/`.
   */
  readonly signedOut?: string | undefined;
};

/** A navigation guard of vue-router: true goes on, false cancels, a path redirects. */
export type RouteGuard = (
  to: { readonly fullPath: string },
  from: { readonly matched: readonly unknown[] },
) => Promise<boolean | string>;

/**
 * Guards routes of vue-router: `beforeEnter: requireAuth()`, or `router.beforeEach(requireAuth())` for all. Waits until the
 * session is known, then lets signed-in users pass and sends others to sign in and back to the same route. On a server
 * everything passes: who the user is comes out in the browser, and data is guarded by the API.
 */
export function requireAuth(options: RouteGuardOptions = {}): RouteGuard {
  const { roles, forbidden = false, signedOut = '/' } = options;
  return async (to, from) => {
    const { client } = injectAuth();
    if (typeof window === 'undefined') return true;
    const state = await whenKnown(client);
    if (state.status === 'signed-in')
      return (roles?.some((role) => state.user.roles.includes(role)) ?? true) || forbidden;
    const isFirstPage = from.matched.length === 0;
    const isLoop = state.status === 'error' || (state.status === 'signed-out' && state.reason === 'sign-out');
    if (isFirstPage && isLoop) return signedOut;
    await client.signIn({ returnTo: to.fullPath });
    return false;
  };
}

async function whenKnown(client: AuthClient): Promise<AuthState> {
  await client.start();
  if (client.getSnapshot().status !== 'loading') return client.getSnapshot();
  return await new Promise((resolve) => {
    const unsubscribe = client.subscribe(() => {
      if (client.getSnapshot().status === 'loading') return;
      unsubscribe();
      resolve(client.getSnapshot());
    });
  });
}
