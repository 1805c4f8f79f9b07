import type { SignInOptions } from '@latchkey/browser';
import { type ComponentProps, type ReactNode, useState } from 'react';
import { useAuth } from './use-auth.ts';

/** A button's own props, and what to tell the issuer. */
export type SignInButtonProps = Omit<ComponentProps<'button'>, 'onClick'> & {
  readonly options?: SignInOptions;
};

/** A button that starts the sign-in; what keeps it from leaving is announced below it. */
export function SignInButton({ options, children, ...rest }: SignInButtonProps): ReactNode {
  const { signIn } = useAuth();
  const [problem, setProblem] = useState<string>();
  const onClick = () => {
    setProblem(undefined);
    signIn(options).catch((error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <>
      <button type="button" {...rest} onClick={onClick}>
        {children ?? 'Sign in'}
      </button>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
    </>
  );
}
