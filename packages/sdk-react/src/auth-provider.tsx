import {
  type AuthClient,
  type AuthClientOptions,
  type AuthState,
  type BffClientOptions,
  createAuthClient,
} from '@latchkey/browser';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';

/** What the hooks read: the client, its state and where the token may go. */
export type AuthContextValue = {
  readonly client: AuthClient;
  readonly state: AuthState;
  readonly apiOrigins: readonly string[];
};

type ProviderBase = {
  readonly children?: ReactNode;
  /** Origins that get the access token through `useAuthFetch`, besides the page's own. */
  readonly apiOrigins?: readonly string[];
};

/** `issuer` and `clientId` are enough, or `mode="bff"`; or give a `client` that was made outside of React. */
export type AuthProviderProps =
  | (ProviderBase & (AuthClientOptions | BffClientOptions) & { readonly client?: undefined })
  | (ProviderBase & { readonly client: AuthClient; readonly initialState?: AuthState });

const LOADING: AuthState = { status: 'loading' };
const NO_ORIGINS: readonly string[] = [];
const AuthContext = createContext<AuthContextValue | undefined>(undefined);

/** Holds the session for everything below it: handles the redirect URI, restores, refreshes, follows other tabs. */
export function AuthProvider(props: AuthProviderProps): ReactNode {
  if (props.client !== undefined) return <ClientProvider {...props} />;
  // A client belongs to one issuer and client id; other options are read once.
  const key = props.mode === 'bff' ? `bff ${props.basePath}` : `${props.issuer} ${props.clientId}`;
  return <OwnClientProvider key={key} {...props} />;
}

function OwnClientProvider(props: ProviderBase & (AuthClientOptions | BffClientOptions)): ReactNode {
  const { children, apiOrigins, ...options } = props;
  const [client] = useState(() => createAuthClient(options));
  return (
    <ClientProvider
      client={client}
      {...(apiOrigins === undefined ? {} : { apiOrigins })}
      {...(options.initialState === undefined ? {} : { initialState: options.initialState })}
    >
      {children}
    </ClientProvider>
  );
}

function ClientProvider(
  props: ProviderBase & { readonly client: AuthClient; readonly initialState?: AuthState },
): ReactNode {
  const { client, initialState = LOADING, apiOrigins = NO_ORIGINS } = props;
  // The server and the first render in the browser show the same: `initialState`, else loading.
  const state = useSyncExternalStore(client.subscribe, client.getSnapshot, () => initialState);
  useEffect(() => {
    void client.start();
    return () => client.stop();
  }, [client]);
  return <AuthContext.Provider value={{ client, state, apiOrigins }}>{props.children}</AuthContext.Provider>;
}

/** The nearest provider's value; throws outside of an `<AuthProvider>`. */
export function useAuthContext(): AuthContextValue {
  const value = useContext(AuthContext);
  if (value === undefined)
    throw new Error('There is no <AuthProvider> above this component. Wrap the app in one.');
  return value;
}
