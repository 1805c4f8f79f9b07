import { ApiProblem } from '@latchkey/contract/client';
import { type ReactNode, useId } from 'react';
import { errorText } from './problem-text.ts';

interface FieldProps {
  readonly label: string;
  readonly help?: string;
  /** What is wrong with it. */
  readonly error?: string | undefined;
  readonly children: (control: {
    id: string;
    'aria-describedby': string;
    'aria-invalid': boolean;
  }) => ReactNode;
}

/** A label above, the control, help below and what is wrong with it. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-text`, 'aria-invalid': error !== undefined })}
      <p
        id={`${id}-text`}
        className={error === undefined ? 'help' : 'field-error'}
        role={error === undefined ? undefined : 'alert'}
      >
        {error ?? help}
      </p>
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly help?: string;
  readonly error?: string | undefined;
  readonly type?: 'text' | 'email' | 'password' | 'url' | 'search';
  readonly isRequired?: boolean;
}

/** A line of text. */
export function TextField(props: TextFieldProps) {
  const { label, value, onChange, help, error, type = 'text', isRequired = false } = props;
  return (
    <Field label={label} error={error} {...(help === undefined ? {} : { help })}>
      {(control) => (
        <input
          {...control}
          className="input"
          type={type}
          value={value}
          required={isRequired}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
  readonly help?: string;
  readonly error?: string | undefined;
}

/** One of a few. */
export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, value, options, onChange, help, error } = props;
  return (
    <Field label={label} error={error} {...(help === undefined ? {} : { help })}>
      {(control) => (
        <select
          {...control}
          className="select"
          value={value}
          onChange={(event) => {
            const chosen = options.find(([each]) => each === event.target.value);
            if (chosen !== undefined) onChange(chosen[0]);
          }}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** What the API said about a field, by JSON pointer; `undefined` when nothing. */
export function errorAt(error: Error | null, pointer: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  return error.problem.errors?.find((each) => each.pointer === pointer)?.detail;
}

/** What the API said that is about no field in particular. */
export function errorElsewhere(error: Error | null, pointers: readonly string[]): string | undefined {
  if (error === null) return undefined;
  if (!(error instanceof ApiProblem)) return errorText(error);
  const { errors = [] } = error.problem;
  return errors.some(({ pointer }) => pointers.includes(pointer)) ? undefined : errorText(error);
}
