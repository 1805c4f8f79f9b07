'use client';

import type { BffSession } from '@latchkey/bff';
import { AuthProvider as ReactAuthProvider } from '@latchkey/react';
import { useRouter } from 'next/navigation.js';
import { type ReactNode, useState } from 'react';

export {
  RequireAuth,
  Show,
  SignedIn,
  SignedOut,
  SignInButton,
  UserButton,
  useAuth,
  useAuthFetch,
  useUser,
  withAuthRequired,
} from '@latchkey/react';

/** What `<AuthProvider>` takes. */
export interface AuthProviderProps {
  readonly children?: ReactNode;
  /**
   * What `auth()` said on the server, so that the first paint is right. Left out, as in a layout that is prerendered, the browser
   * asks and begins with `loading`.
   */
  readonly session?: BffSession | null | undefined;
  /** The `basePath` of `createAuth`. Default: `/auth`. */
  readonly basePath?: string | undefined;
}

/** Gives the hooks and components of this module their session. Tokens stay on the server. */
export function AuthProvider({ children, session, basePath = '/auth' }: AuthProviderProps): ReactNode {
  const router = useRouter();
  // What the server knew when the page was loaded; later the state changes by itself.
  const [options] = useState(() => ({
    ...({ mode: 'bff', basePath } as const),
    onReturn: (returnTo: string) => router.replace(returnTo),
    ...(session === undefined ? {} : { initialState: stateOf(session) }),
  }));
  return <ReactAuthProvider {...options}>{children}</ReactAuthProvider>;
}

function stateOf(session: BffSession | null) {
  return session === null
    ? ({ status: 'signed-out', reason: 'none' } as const)
    : ({ status: 'signed-in', user: session.user } as const);
}
