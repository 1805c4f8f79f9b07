import type { AuthUser } from '@latchkey/browser';
import { defineComponent, type SlotsType } from 'vue';
import { useAuth } from './use-auth.ts';

/** When to show something: for a role, for one of several roles, or by a rule of your own. */
export type ShowCondition =
  | { readonly role: string }
  | { readonly anyRole: readonly string[] }
  | ((user: AuthUser) => boolean);

/** What `<Show>` takes. */
export type ShowProps = { readonly when: ShowCondition };

type ShowSlots = SlotsType<{ default?: { readonly user: AuthUser }; fallback?: Record<string, never> }>;

/** Shows its default slot to a signed-in user who meets the condition, and the slot `fallback` to everybody else. */
export const Show = defineComponent<ShowProps, [], string, ShowSlots>(
  (props, { slots }) => {
    const { user } = useAuth();
    return () =>
      user.value !== undefined && isMet(props.when, user.value)
        ? slots.default?.({ user: user.value })
        : slots.fallback?.({});
  },
  // biome-ignore lint/style/useVueMultiWordComponentNames: named as in @latchkey/react.
  { name: 'Show', props: ['when'] },
);

function isMet(when: ShowCondition, user: AuthUser): boolean {
  if (typeof when === 'function') return when(user);
  if ('role' in when) return user.roles.includes(when.role);
  return when.anyRole.some((role) => user.roles.includes(role));
}

/** Shows its content when somebody is signed in. */
export const SignedIn = defineComponent(
  (_, { slots }) => {
    const { isAuthenticated } = useAuth();
    return () => (isAuthenticated.value ? slots.default?.() : undefined);
  },
  { name: 'SignedIn' },
);

/** Shows its content when it is known that nobody is signed in (after a failed sign-in too). */
export const SignedOut = defineComponent(
  (_, { slots }) => {
    const { status } = useAuth();
    return () => (status.value === 'signed-out' || status.value === 'error' ? slots.default?.() : undefined);
  },
  { name: 'SignedOut' },
);
