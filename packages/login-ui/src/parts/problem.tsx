/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { Translator } from '../translator.ts';
import type { FormProblem } from '../view-models.ts';

/** The problem in words, and whether the person mends it in the page's field or it concerns the form as a whole. */
export interface ShownProblem {
  readonly place: 'field' | 'form';
  readonly text: string;
}

/** Puts a problem into words. */
export function showProblem(problem: FormProblem, translator: Translator): ShownProblem {
  switch (problem.kind) {
    case 'login-name-missing':
    case 'password-missing':
    case 'credentials-wrong':
    case 'user-code-wrong':
      return { place: 'field', text: translator.text(`problem.${problem.kind}`) };
    case 'account-not-usable':
      return { place: 'form', text: translator.text('problem.account-not-usable') };
    case 'too-many-attempts': {
      const wait = translator.wait(problem.retryAfterSeconds);
      return { place: 'form', text: translator.text('problem.too-many-attempts', { wait }) };
    }
  }
}

/** A sentence about what did not work; the sign before it means that colour does not carry the meaning alone. */
export function ProblemText(props: {
  readonly id: string;
  readonly look: 'line' | 'box';
  readonly text: string;
}) {
  return (
    <p id={props.id} class={`problem problem-${props.look}`} role="alert">
      <svg class="sign" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.25" />
        <path d="M8 4.9v3.6M8 10.9v.2" />
      </svg>
      <span>{props.text}</span>
    </p>
  );
}
