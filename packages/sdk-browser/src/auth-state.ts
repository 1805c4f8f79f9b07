import type { AuthError } from './auth-error.ts';
import type { AuthUser } from './user.ts';

/**
 * What the page knows about the user. `signed-out` says why: `none` (nobody signed in yet), `sign-out` (the user
 * left, here or in another tab), `expired` (the session ended; `error` has the details).
 */
export type AuthState =
  | { readonly status: 'loading'; readonly user?: undefined; readonly error?: undefined }
  | {
      readonly status: 'signed-out';
      readonly reason: 'none' | 'sign-out' | 'expired';
      readonly user?: undefined;
      readonly error?: AuthError;
    }
  | { readonly status: 'signed-in'; readonly user: AuthUser; readonly error?: undefined }
  | { readonly status: 'error'; readonly error: AuthError; readonly user?: undefined };

/** A value with listeners; `get` returns the same object until `set` is called. */
export type StateStore = {
  get(): AuthState;
  set(state: AuthState): void;
  subscribe(listener: () => void): () => void;
};

/** Creates the store behind `subscribe` and `getSnapshot`. */
export function createStateStore(initial: AuthState): StateStore {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(state) {
      current = state;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      // Wrapped, so that the same function subscribed twice is called twice and removed once.
      const entry = () => listener();
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
}
