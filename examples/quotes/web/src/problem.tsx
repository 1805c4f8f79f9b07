/** Something that went wrong, and what the person can do about it. */
export interface Problem {
  readonly title: string;
  readonly advice: string;
}

/** Shows a problem where it is noticed, by eye and by screen reader. */
export function ProblemNote({
  problem,
  onRetry,
}: {
  readonly problem: Problem;
  readonly onRetry?: () => void;
}) {
  return (
    <div className="problem" role="alert" data-testid="error">
      <p className="problem-title">{problem.title}</p>
      <p>{problem.advice}</p>
      {onRetry === undefined ? null : (
        <button type="button" className="button-quiet" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
