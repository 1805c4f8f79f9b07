import { createAuthFetch } from '@latchkey/browser';
import { useMemo } from 'react';
import { useAuthContext } from './auth-provider.tsx';

/**
 * A `fetch` that carries the access token to this origin and to the provider's `apiOrigins`, never anywhere else.
 * Throws `LoginRequired`, `NetworkError` or `StepUpRequired` instead of sending a request without a token.
 */
export function useAuthFetch(): typeof globalThis.fetch {
  const { client, apiOrigins } = useAuthContext();
  const key = apiOrigins.join(' ');
  return useMemo(
    () => createAuthFetch(client, { apiOrigins: key === '' ? [] : key.split(' ') }),
    [client, key],
  );
}
