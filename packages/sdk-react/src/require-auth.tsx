import type { AuthError } from '@latchkey/browser';
import { type ComponentType, type ReactNode, useEffect, useRef, useState } from 'react';
import { SignInButton } from './sign-in-button.tsx';
import { useAuth } from './use-auth.ts';

/** What `<RequireAuth>` takes. */
export type RequireAuthProps = {
  readonly children?: ReactNode;
  /** Shown while the session is being found and while the browser is leaving for the issuer. */
  readonly fallback?: ReactNode;
  /** The user needs at least one of these. */
  readonly roles?: readonly string[];
  /** Shown to a user without any of the roles. */
  readonly forbidden?: ReactNode;
  /** Shown after a deliberate sign-out, where going straight back to the issuer would sign in again. */
  readonly signedOut?: ReactNode;
  /** Shown when signing in failed. */
  readonly failed?: (error: AuthError) => ReactNode;
};

/** Shows its children to signed-in users only, and sends others to sign in and back here. */
export function RequireAuth(props: RequireAuthProps): ReactNode {
  const { status, user, error, signedOutReason, signIn } = useAuth();
  const shouldLeave = status === 'signed-out' && signedOutReason !== 'sign-out';
  const isLeaving = useRef(false);
  const cameBack = useCameBack();
  useEffect(() => {
    if (!shouldLeave || isLeaving.current) return;
    isLeaving.current = true;
    signIn().catch((reason: unknown) => {
      isLeaving.current = false;
      console.error('Could not start the sign-in:', reason);
    });
  }, [shouldLeave, signIn]);
  if (user !== undefined) {
    const isAllowed = props.roles === undefined || props.roles.some((role) => user.roles.includes(role));
    return isAllowed
      ? props.children
      : (props.forbidden ?? <p role="alert">You may not see this page. Ask for access.</p>);
  }
  if (status === 'error' && error !== undefined) return props.failed?.(error) ?? <Failed error={error} />;
  if (status === 'signed-out' && (!shouldLeave || cameBack)) return props.signedOut ?? <SignInButton />;
  return props.fallback ?? null;
}

// Back from the issuer with the back button: the page comes out of the browser's cache as it was left. Leaving again by
// itself would trap the user between two pages.
function useCameBack(): boolean {
  const [cameBack, setCameBack] = useState(false);
  useEffect(() => {
    const onPageShow = (event: PageTransitionEvent) => {
      if (event.persisted) setCameBack(true);
    };
    window.addEventListener('pageshow', onPageShow);
    return () => window.removeEventListener('pageshow', onPageShow);
  }, []);
  return cameBack;
}

function Failed({ error }: { readonly error: AuthError }): ReactNode {
  return (
    <div role="alert">
      <p>{error.message}</p>
      <SignInButton />
    </div>
  );
}

/** Wraps a component in `<RequireAuth>`. */
export function withAuthRequired<Props extends object>(
  Component: ComponentType<Props>,
  options: Omit<RequireAuthProps, 'children'> = {},
): ComponentType<Props> {
  function AuthRequired(props: Props): ReactNode {
    return (
      <RequireAuth {...options}>
        <Component {...props} />
      </RequireAuth>
    );
  }
  AuthRequired.displayName = `withAuthRequired(${Component.displayName ?? Component.name})`;
  return AuthRequired;
}
