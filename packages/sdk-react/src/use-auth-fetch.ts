import { type AccessTokenOptions, createAuthFetch } from '@latchkey/browser';
import { useMemo } from 'react';
import { useAuthContext } from './auth-provider.tsx';

/**
 * A `fetch` that carries the access token to this origin and to the provider's `apiOrigins`, never anywhere else; with
 * `token`, another one than the session's.
 * Throws `LoginRequired`, `NetworkError` or `StepUpRequired` instead of sending a request without a token.
 */
export function useAuthFetch(token: AccessTokenOptions = {}): typeof globalThis.fetch {
  const { client, apiOrigins } = useAuthContext();
  const key = apiOrigins.join(' ');
  const { resource, scope, organization } = token;
  return useMemo(
    () =>
      createAuthFetch(client, {
        apiOrigins: key === '' ? [] : key.split(' '),
        token: { resource, scope, organization },
      }),
    [client, key, resource, scope, organization],
  );
}
