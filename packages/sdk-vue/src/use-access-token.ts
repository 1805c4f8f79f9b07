import { AuthError } from '@latchkey/browser';
import { onScopeDispose, type ShallowRef, shallowRef, watch } from 'vue';
import { injectAuth } from './create-auth.ts';

/** An access token for clients that want it as a value (WebSockets, GraphQL); `error` says why there is none. */
export type AccessToken = {
  readonly accessToken: Readonly<ShallowRef<string | undefined>>;
  readonly error: Readonly<ShallowRef<AuthError | undefined>>;
};

/**
 * A token that was fresh when the session last changed. For requests prefer `useAuthFetch()`, which asks for one each
 * time.
 */
export function useAccessToken(): AccessToken {
  const { client, state } = injectAuth();
  const accessToken = shallowRef<string>();
  const error = shallowRef<AuthError>();
  let question = 0;
  const ask = async () => {
    question += 1;
    const own = question;
    try {
      const token = await client.getAccessToken();
      if (own === question) [accessToken.value, error.value] = [token, undefined];
    } catch (thrown) {
      if (!(thrown instanceof AuthError)) throw thrown;
      if (own === question) [accessToken.value, error.value] = [undefined, thrown];
    }
  };
  const forget = () => {
    // An answer still under way belongs to the session before.
    question += 1;
    [accessToken.value, error.value] = [undefined, undefined];
  };
  // Nothing is asked while rendering on a server.
  if (typeof window !== 'undefined')
    watch(state, ({ status }) => (status === 'signed-in' ? ask() : forget()), { immediate: true });
  onScopeDispose(forget);
  return { accessToken, error };
}
