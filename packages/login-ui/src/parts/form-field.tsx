/** @jsxRuntime automatic */
/** @jsxImportSource preact */

import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { ProblemText } from './problem.tsx';

/** A field of a form with several: its label, its input, advice below it and what is wrong with it. */
export function FormField(props: {
  readonly id: string;
  readonly label: string;
  readonly input: InputHTMLAttributes;
  readonly problem: string | undefined;
  readonly hint?: string;
  readonly children?: ComponentChildren;
}) {
  const { id, problem, hint } = props;
  const described = [
    ...(problem === undefined ? [] : [`${id}-problem`]),
    ...(hint === undefined ? [] : [`${id}-hint`]),
  ];
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        {...props.input}
        id={id}
        name={id}
        aria-invalid={problem === undefined ? undefined : 'true'}
        aria-describedby={described.length === 0 ? undefined : described.join(' ')}
      />
      {problem !== undefined && <ProblemText id={`${id}-problem`} look="line" text={problem} />}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {props.children}
    </div>
  );
}
