import {
  type AuthClient,
  type AuthClientOptions,
  type AuthState,
  type BffClientOptions,
  createAuthClient,
} from '@latchkey/browser';
import { type App, type InjectionKey, inject, nextTick, type ShallowRef, shallowRef } from 'vue';

/** What the composables read: the client, its state as Vue sees it and where the token may go. */
export type AuthContext = {
  readonly client: AuthClient;
  readonly state: Readonly<ShallowRef<AuthState>>;
  readonly apiOrigins: readonly string[];
};

/** The part of a vue-router that is used. */
export type AuthRouter = { replace(path: string): unknown };

type PluginOptions = {
  /** Origins that get the access token through `useAuthFetch`, besides the page's own. */
  readonly apiOrigins?: readonly string[] | undefined;
};

/** `issuer` and `clientId` are enough, or `mode: 'bff'`; or give a `client` that was made elsewhere. */
export type AuthOptions =
  | (PluginOptions &
      (AuthClientOptions | BffClientOptions) & {
        readonly client?: undefined;
        /** Shows where the user wanted to be after a sign-in. Give it when routes are guarded by `requireAuth`. */
        readonly router?: AuthRouter | undefined;
      })
  | (PluginOptions & { readonly client: AuthClient; readonly initialState?: AuthState | undefined });

/** The plugin for `app.use()`. */
export type AuthPlugin = {
  /** The client, for code outside of components. */
  readonly client: AuthClient;
  install(app: App): void;
};

const authKey: InjectionKey<AuthContext> = Symbol('@latchkey/vue');

/**
 * Creates the plugin that holds the session of an app: `app.use(createAuth({ issuer, clientId }))`. In a browser it handles
 * the redirect URI, restores, refreshes and follows other tabs; on a server it does nothing but show `initialState`, else
 * `loading`. Throws `ConfigurationError`.
 */
export function createAuth(options: AuthOptions): AuthPlugin {
  const client = options.client ?? createAuthClient(clientOptionsOf(options));
  const { apiOrigins = [], initialState = { status: 'loading' } } = options;
  return {
    client,
    install(app) {
      const state = shallowRef<AuthState>(initialState);
      app.provide(authKey, { client, state, apiOrigins });
      if (typeof window === 'undefined') return;
      void client.start();
      followAfterMount(app, client, state);
    },
  };
}

function clientOptionsOf(
  options: Exclude<AuthOptions, { readonly client: AuthClient }>,
): AuthClientOptions | BffClientOptions {
  const { apiOrigins, client, router, ...clientOptions } = options;
  if (router === undefined) return clientOptions;
  // A router whose first navigation is under way would write its own address over a changed one.
  return { onReturn: (path) => void router.replace(path), ...clientOptions };
}

// The first render in the browser shows what the server rendered, so that nothing mismatches in a hydrated app.
function followAfterMount(app: App, client: AuthClient, state: ShallowRef<AuthState>): void {
  const follow = () => {
    state.value = client.getSnapshot();
  };
  let unsubscribe: (() => void) | undefined;
  const { mount } = app;
  app.mount = (...parameters) => {
    const root = mount(...parameters);
    unsubscribe ??= client.subscribe(follow);
    void nextTick(follow);
    return root;
  };
  app.onUnmount(() => {
    unsubscribe?.();
    client.stop();
  });
}

/** The session of the app whose setup or navigation guard runs now; throws where the plugin is missing. */
export function injectAuth(): AuthContext {
  const context = inject(authKey, undefined);
  if (context === undefined)
    throw new Error(
      'The app has no session. Call app.use(createAuth({ issuer, clientId })) before mounting it.',
    );
  return context;
}
