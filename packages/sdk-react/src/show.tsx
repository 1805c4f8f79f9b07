import type { AuthUser } from '@latchkey/browser';
import type { ReactNode } from 'react';
import { useAuth } from './use-auth.ts';

/** When to show something: for a role, for one of several roles, or by a rule of your own. */
export type ShowCondition =
  | { readonly role: string }
  | { readonly anyRole: readonly string[] }
  | ((user: AuthUser) => boolean);

type ShowProps = {
  readonly when: ShowCondition;
  readonly children?: ReactNode;
  readonly fallback?: ReactNode;
};

/** Shows its children to a signed-in user who meets the condition, and `fallback` to everybody else. */
export function Show({ when, children, fallback }: ShowProps): ReactNode {
  const { user } = useAuth();
  return user !== undefined && isMet(when, user) ? children : (fallback ?? null);
}

function isMet(when: ShowCondition, user: AuthUser): boolean {
  if (typeof when === 'function') return when(user);
  if ('role' in when) return user.roles.includes(when.role);
  return when.anyRole.some((role) => user.roles.includes(role));
}

/** Shows its children when somebody is signed in. */
export function SignedIn({ children }: { readonly children?: ReactNode }): ReactNode {
  return useAuth().status === 'signed-in' ? children : null;
}

/** Shows its children when it is known that nobody is signed in (after a failed sign-in too). */
export function SignedOut({ children }: { readonly children?: ReactNode }): ReactNode {
  const { status } = useAuth();
  return status === 'signed-out' || status === 'error' ? children : null;
}
