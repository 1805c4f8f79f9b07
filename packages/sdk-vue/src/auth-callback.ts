import type { AuthError } from '@latchkey/browser';
import { defineComponent, h, type SlotsType } from 'vue';
import { SignInButton } from './sign-in-button.ts';
import { useAuth } from './use-auth.ts';

type AuthCallbackSlots = SlotsType<{
  default?: Record<string, never>;
  failed?: { readonly error: AuthError };
}>;

/**
 * For the route of the redirect URI: says what is going on. The plugin itself does the work. The default slot is shown until
 * the user is where they wanted to be, the slot `failed` when the sign-in failed.
 */
export const AuthCallback = defineComponent<Record<never, never>, [], string, AuthCallbackSlots>(
  (_, { slots }) => {
    const { status, error } = useAuth();
    const renderRetry = () => h(SignInButton, { options: { returnTo: '/' } });
    return () => {
      if (status.value === 'error' && error.value !== undefined)
        return (
          slots.failed?.({ error: error.value }) ??
          h('div', { role: 'alert' }, [h('p', error.value.message), renderRetry()])
        );
      if (status.value === 'signed-out') return renderRetry();
      return slots.default?.({}) ?? h('p', { role: 'status' }, 'Signing you in…');
    };
  },
  { name: 'AuthCallback' },
);
