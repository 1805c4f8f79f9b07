import { type ReactNode, useId } from 'react';

/** What a field hands to its control. */
export interface ControlProps {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly problem: string | undefined;
  readonly children: (control: ControlProps) => ReactNode;
}

/** A labeled control with its hint and its problem. */
export function Field({ name, label, hint, problem, children }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const hasNote = hint !== undefined || problem !== undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        name,
        'aria-describedby': hasNote ? hintId : undefined,
        'aria-invalid': problem !== undefined,
      })}
      {hasNote ? (
        <p id={hintId} className={problem === undefined ? 'hint' : 'field-problem'}>
          {problem ?? hint}
        </p>
      ) : null}
    </div>
  );
}
