import type { AuthUser } from '@latchkey/browser';
import { type ComputedRef, computed } from 'vue';
import { injectAuth } from './create-auth.ts';

/** The signed-in user, or undefined. Claims of your own are typed by augmenting `UserClaims` of `@latchkey/browser`. */
export function useUser(): ComputedRef<AuthUser | undefined> {
  const { state } = injectAuth();
  return computed(() => state.value.user);
}
