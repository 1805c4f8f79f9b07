import { useAuth } from '@latchkey/react';
import { ProblemNote } from './problem.tsx';
import { QuotationFigure } from './quotation-figure.tsx';
import { type QuotationSource, useQuotation } from './use-quotation.ts';

/** The greeting, the quotation and the button that asks for the next one. */
export function SignedInStage({ source }: { readonly source: QuotationSource }) {
  const { user } = useAuth();
  const { quotation, problem, isBusy, generate } = useQuotation(source);
  return (
    <>
      <h1 className="greeting" data-testid="greeting">
        Hello, {user?.name ?? user?.loginName ?? 'reader'}
      </h1>
      <QuotationFigure quotation={quotation} />
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={generate} />}
      <button
        type="button"
        className="button"
        data-testid="generate-quote"
        aria-disabled={isBusy}
        data-busy={isBusy}
        onClick={generate}
      >
        Generate quote
      </button>
    </>
  );
}
