import type { AuthClient, AuthState, AuthUser } from '@latchkey/browser';
import { type App, createApp, type Plugin, type RenderFunction, type VNode } from 'vue';

/** A user with the role `editor`. */
export const ada: AuthUser = {
  id: '1',
  name: 'Ada Lovelace',
  givenName: 'Ada',
  familyName: 'Lovelace',
  email: 'ada@example.com',
  emailVerified: true,
  picture: undefined,
  loginName: 'ada',
  roles: ['editor'],
  claims: { sub: '1' },
};

export const signedIn: AuthState = { status: 'signed-in', user: ada };
export const signedOut: AuthState = { status: 'signed-out', reason: 'none' };

/** A client whose state the test sets; what is asked of it is noted. */
export function createStageClient(initial: AuthState) {
  let state = initial;
  const listeners = new Set<() => void>();
  const calls: string[] = [];
  const client: AuthClient = {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => state,
    start: async () => void calls.push('start'),
    stop: () => void calls.push('stop'),
    signIn: async (options) =>
      void calls.push(options?.returnTo === undefined ? 'signIn' : `signIn ${options.returnTo}`),
    signInWithPopup: async () => void calls.push('signInWithPopup'),
    signUp: async () => void calls.push('signUp'),
    signOut: async () => void calls.push('signOut'),
    getAccessToken: async () => 'token-1',
    getAuthHeaders: async () => ({ authorization: 'Bearer token-1' }),
    switchOrganization: async (id) => void calls.push(`switchOrganization ${id}`),
  };
  const set = (next: AuthState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  return { client, calls, set, listeners };
}

const mounted: App[] = [];

/** Mounts an app of one component with the plugins into the page. */
export function mountApp(setup: () => RenderFunction | (() => VNode[]), ...plugins: Plugin[]): App {
  const app = createApp({ setup });
  for (const plugin of plugins) app.use(plugin);
  const place = document.createElement('div');
  document.body.append(place);
  app.mount(place);
  mounted.push(app);
  return app;
}

/** Unmounts what a test mounted and empties the page. */
export function clearPage(): void {
  for (const app of mounted.splice(0)) app.unmount();
  document.body.replaceChildren();
}
