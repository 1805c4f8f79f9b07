/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import type { FormTarget } from '../view-models.ts';
import { HiddenFields } from './hidden-fields.tsx';
import { ProblemText, type ShownProblem } from './problem.tsx';

interface CredentialFormProps {
  readonly target: FormTarget;
  readonly field: { readonly id: string; readonly label: string; readonly input: InputHTMLAttributes };
  readonly submit: string;
  readonly problem: ShownProblem | undefined;
  /** What the form carries besides its field: shown above it. */
  readonly children?: ComponentChildren;
}

/**
 * A form with one field and one button. The field is not `required`: the browser's own balloon would answer in the browser's
 * language and vanish, while the server's sentence stays beside the field in the page's language.
 */
export function CredentialForm({ target, field, submit, problem, children }: CredentialFormProps) {
  const problemId = `${field.id}-problem`;
  const isFieldProblem = problem?.place === 'field';
  return (
    <form method="post" action={target.action}>
      <HiddenFields fields={target.hidden} />
      {problem?.place === 'form' && <ProblemText id={problemId} look="box" text={problem.text} />}
      {children}
      <div class="field">
        <label for={field.id}>{field.label}</label>
        <input
          {...field.input}
          id={field.id}
          name={field.id}
          // The field is what the page is for, and with a problem it is the place to mend it.
          autofocus
          aria-invalid={isFieldProblem ? 'true' : undefined}
          aria-describedby={problem === undefined ? undefined : problemId}
        />
        {isFieldProblem && <ProblemText id={problemId} look="line" text={problem.text} />}
      </div>
      <button class="button" id="submit" type="submit">
        {submit}
      </button>
    </form>
  );
}
