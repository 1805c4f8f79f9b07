import { ProblemNote } from './problem.tsx';

/** Shown in place of the page when it does not know its issuer or its client id. */
export function ConfigProblem({ reason }: { readonly reason: string }) {
  return (
    <main className="stage min-h-dvh">
      <div className="stage-inner">
        <h1 className="visually-hidden">Quotes</h1>
        <ProblemNote problem={{ title: 'This page is not set up yet', advice: reason }} />
      </div>
    </main>
  );
}
