import type { SignInOptions } from '@latchkey/browser';
import { defineComponent, h, shallowRef } from 'vue';
import { useAuth } from './use-auth.ts';

/** What `<SignInButton>` takes; other attributes go to the button. */
export type SignInButtonProps = { readonly options?: SignInOptions | undefined };

/** A button that starts the sign-in; what keeps it from leaving is announced below it. */
export const SignInButton = defineComponent<SignInButtonProps>(
  (props, { attrs, slots }) => {
    const { signIn } = useAuth();
    const problem = shallowRef<string>();
    const onClick = () => {
      problem.value = undefined;
      signIn(props.options).catch((error: unknown) => {
        problem.value = error instanceof Error ? error.message : String(error);
      });
    };
    return () => [
      h('button', { type: 'button', ...attrs, onClick }, slots.default?.() ?? 'Sign in'),
      problem.value === undefined ? undefined : h('p', { role: 'alert' }, problem.value),
    ];
  },
  { name: 'SignInButton', props: ['options'], inheritAttrs: false },
);
