import type { AuthState } from '../auth-state.ts';

/** What `createAuthClient` takes for an app behind `@latchkey/bff`: nothing but the mode is needed. */
export type BffClientOptions = {
  readonly mode: 'bff';
  /** Where the endpoints of the backend for frontend are on this origin. Default: `/auth`. */
  readonly basePath?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Called after a sign-out with the path to show, for routers that do not follow `popstate`. */
  readonly onReturn?: ((returnTo: string) => void) | undefined;
  /** The state before `start()` has found out more; for pages whose server knows the user. */
  readonly initialState?: AuthState | undefined;
};
