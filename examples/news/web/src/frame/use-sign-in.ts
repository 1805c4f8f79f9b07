import { type SignInOptions, useAuth } from '@latchkey/react';
import { useCallback } from 'react';
import { describeFailure } from '../api/describe-failure.ts';
import { useNotify } from './notices.tsx';

/** Leaves for the sign-in page and comes back here; says so when the sign-in service does not answer. */
export function useSignIn(): (options?: SignInOptions) => void {
  const { signIn } = useAuth();
  const notify = useNotify();
  return useCallback(
    (options) => {
      const leave = async () => {
        try {
          await signIn(options);
        } catch (error) {
          const { title, advice } = describeFailure(error);
          notify({
            kind: 'problem',
            title,
            advice,
            action: { label: 'Try again', run: () => void leave() },
          });
        }
      };
      void leave();
    },
    [signIn, notify],
  );
}
