import { type ApiClient, createApiClient } from '@latchkey/contract/client';
import { useAuthFetch } from '@latchkey/react';
import { useMemo } from 'react';

/** The management API of this issuer, called with the access token of whoever is signed in. */
export function useApi(): ApiClient {
  const fetch = useAuthFetch();
  return useMemo(() => createApiClient({ issuer: window.location.origin, fetch }), [fetch]);
}
