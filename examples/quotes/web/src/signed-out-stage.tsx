import { useAuth } from '@latchkey/react';
import { useState } from 'react';
import { describeAuthProblem } from './auth-problem.ts';
import { type Problem, ProblemNote } from './problem.tsx';

/** What a visitor sees: what this is, and the one thing to do. */
export function SignedOutStage({ issuer }: { readonly issuer: string }) {
  const { signIn, error } = useAuth();
  const [failure, setFailure] = useState<Problem>();
  const problem = failure ?? (error === undefined ? undefined : describeAuthProblem(error, issuer));
  const leave = async () => {
    setFailure(undefined);
    try {
      await signIn();
    } catch (thrown) {
      setFailure(describeAuthProblem(thrown, issuer));
    }
  };
  return (
    <>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <h1 className="headline">A good sentence outlives its author.</h1>
      <p className="lede">
        Sign in, press one button and read a line from the last twenty-five centuries, handed out only to
        those who can prove who they are.
      </p>
      <button type="button" className="button mt-8" data-testid="sign-in" onClick={leave}>
        Sign in
      </button>
    </>
  );
}
