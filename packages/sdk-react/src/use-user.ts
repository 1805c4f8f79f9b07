import type { AuthUser } from '@latchkey/browser';
import { useAuthContext } from './auth-provider.tsx';

/** The signed-in user, or undefined. Claims of your own are typed by augmenting `UserClaims` of `@latchkey/browser`. */
export function useUser(): AuthUser | undefined {
  return useAuthContext().state.user;
}
