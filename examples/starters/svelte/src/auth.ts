import { createAuthClient, createAuthFetch } from '@latchkey/browser';
import { createSubscriber } from 'svelte/reactivity';

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_PROJECT_ID } = import.meta.env;
const client = createAuthClient({
  issuer: VITE_ISSUER,
  clientId: VITE_CLIENT_ID,
  projectId: VITE_PROJECT_ID,
});
const subscribe = createSubscriber((update) => client.subscribe(update));

/** The session: components that read `auth.state` follow it. */
export const auth = {
  get state() {
    subscribe();
    return client.getSnapshot();
  },
  signIn: client.signIn,
  signOut: client.signOut,
};

/** Handles the redirect URI, or restores the session. */
export const startAuth = client.start;

/** A `fetch` that carries the access token to this origin. */
export const authFetch = createAuthFetch(client);
