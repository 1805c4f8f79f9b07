import { describeFailure } from '../api/describe-failure.ts';
import { useSignIn } from './use-sign-in.ts';

/** Says what went wrong and offers what helps: another attempt, or signing in. */
export function ProblemNote({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const signIn = useSignIn();
  const { title, advice, remedy } = describeFailure(error);
  return (
    <div className="problem" role="alert" data-testid="problem">
      <p className="problem-title">{title}</p>
      <p>{advice}</p>
      {remedy === 'retry' && onRetry !== undefined ? (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      ) : null}
      {remedy === 'sign-in' ? (
        <button type="button" className="button" onClick={() => signIn()}>
          Sign in
        </button>
      ) : null}
    </div>
  );
}
