import { type ApiClient, createApiClient } from '@latchkey/contract/client';
import { useAuthFetch } from '@latchkey/react';
import { useMemo } from 'react';
import { freshSignInProblem, useSignInAgain, withRecentSignIn } from './sign-in-again.ts';

/**
 * The management API of this issuer, called with the access token of whoever is signed in. Actions that require a recent
 * sign-in ask for it and then go on.
 */
export function useApi(): ApiClient {
  const fetch = useAuthFetch();
  const signInAgain = useSignInAgain();
  return useMemo(() => {
    const api = createApiClient({ issuer: window.location.origin, fetch });
    return {
      call: (id, ...input) =>
        withRecentSignIn(
          () => api.call(id, ...input),
          signInAgain,
          () => freshSignInProblem('stillOld'),
        ),
    };
  }, [fetch, signInAgain]);
}
