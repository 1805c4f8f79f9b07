import { createAuthFetch } from '@latchkey/browser';
import { injectAuth } from './create-auth.ts';

/**
 * A `fetch` that carries the access token to this origin and to the plugin's `apiOrigins`, never anywhere else.
 * Throws `LoginRequired`, `NetworkError` or `StepUpRequired` instead of sending a request without a token.
 */
export function useAuthFetch(): typeof globalThis.fetch {
  const { client, apiOrigins } = injectAuth();
  return createAuthFetch(client, { apiOrigins });
}
