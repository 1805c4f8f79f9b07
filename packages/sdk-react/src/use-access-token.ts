import { AuthError } from '@latchkey/browser';
import { useEffect, useState } from 'react';
import { useAuthContext } from './auth-provider.tsx';

/** An access token for clients that want it as a value (WebSockets, GraphQL); `error` says why there is none. */
export type AccessToken = { readonly accessToken: string | undefined; readonly error: AuthError | undefined };

const NOTHING: AccessToken = { accessToken: undefined, error: undefined };

/**
 * A token that was fresh when the component last rendered with a new state. For requests prefer `useAuthFetch()`,
 * which asks for one each time.
 */
export function useAccessToken(): AccessToken {
  const { client, state } = useAuthContext();
  const [token, setToken] = useState(NOTHING);
  const isSignedIn = state.status === 'signed-in';
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new state can mean new tokens.
  useEffect(() => {
    if (!isSignedIn) return;
    let isCurrent = true;
    client.getAccessToken().then(
      (accessToken) => {
        if (isCurrent) setToken({ accessToken, error: undefined });
      },
      (error: unknown) => {
        if (isCurrent && error instanceof AuthError) setToken({ accessToken: undefined, error });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [client, state, isSignedIn]);
  return isSignedIn ? token : NOTHING;
}
