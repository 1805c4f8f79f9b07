import type { AuthError } from '@latchkey/browser';
import { defineComponent, h, onMounted, onUnmounted, type Ref, type SlotsType, shallowRef, watch } from 'vue';
import { SignInButton } from './sign-in-button.ts';
import { useAuth } from './use-auth.ts';

/** What `<RequireAuth>` takes. */
export type RequireAuthProps = {
  /** The user needs at least one of these. */
  readonly roles?: readonly string[] | undefined;
};

type RequireAuthSlots = SlotsType<{
  default?: Record<string, never>;
  /** Shown while the session is being found and while the browser is leaving for the issuer. */
  fallback?: Record<string, never>;
  /** Shown to a user without any of the roles. */
  forbidden?: Record<string, never>;
  /** Shown after a deliberate sign-out, where going straight back to the issuer would sign in again. */
  'signed-out'?: Record<string, never>;
  /** Shown when signing in failed. */
  failed?: { readonly error: AuthError };
}>;

/** Shows its default slot to signed-in users only, and sends others to sign in and back here. */
export const RequireAuth = defineComponent<RequireAuthProps, [], string, RequireAuthSlots>(
  (props, { slots }) => {
    const { status, user, error, signedOutReason, signIn } = useAuth();
    const cameBack = useCameBack();
    const shouldLeave = () => status.value === 'signed-out' && signedOutReason.value !== 'sign-out';
    let isLeaving = false;
    const leave = () => {
      if (isLeaving || !shouldLeave()) return;
      isLeaving = true;
      signIn().catch((reason: unknown) => {
        isLeaving = false;
        console.error('Could not start the sign-in:', reason);
      });
    };
    // Not while rendering on a server.
    onMounted(() => watch(shouldLeave, leave, { immediate: true }));
    return () => {
      if (user.value !== undefined) {
        const { roles } = user.value;
        const isAllowed = props.roles?.some((role) => roles.includes(role)) ?? true;
        if (isAllowed) return slots.default?.({});
        return (
          slots.forbidden?.({}) ?? h('p', { role: 'alert' }, 'You may not see this page. Ask for access.')
        );
      }
      if (status.value === 'error' && error.value !== undefined)
        return slots.failed?.({ error: error.value }) ?? renderFailure(error.value);
      if (status.value === 'signed-out' && (!shouldLeave() || cameBack.value))
        return slots['signed-out']?.({}) ?? h(SignInButton);
      return slots.fallback?.({});
    };
  },
  { name: 'RequireAuth', props: ['roles'] },
);

// Back from the issuer with the back button: the page comes out of the browser's cache as it was left. Leaving again by
// itself would trap the user between two pages.
function useCameBack(): Readonly<Ref<boolean>> {
  const cameBack = shallowRef(false);
  const onPageShow = (event: PageTransitionEvent) => {
    if (event.persisted) cameBack.value = true;
  };
  onMounted(() => window.addEventListener('pageshow', onPageShow));
  onUnmounted(() => window.removeEventListener('pageshow', onPageShow));
  return cameBack;
}

function renderFailure(error: AuthError) {
  return h('div', { role: 'alert' }, [h('p', error.message), h(SignInButton)]);
}
