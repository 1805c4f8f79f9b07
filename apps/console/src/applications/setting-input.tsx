import { useId, useState } from 'react';
import { useLanguage } from '../i18n/language.ts';
import { useText } from '../i18n/text.ts';
import { readSetting, textOf } from './application-draft.ts';
import { applicationMessages } from './messages.ts';
import type { SettingField } from './setting-field.ts';

interface SettingInputProps {
  readonly field: SettingField;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly isDisabled: boolean;
  readonly onChange: (value: unknown) => void;
}

type ControlProps = SettingInputProps & { readonly id: string; readonly describedBy: string };

function attributesOf({ id, describedBy, isDisabled, error }: ControlProps) {
  return {
    id,
    disabled: isDisabled,
    'aria-describedby': describedBy,
    'aria-invalid': error === undefined ? undefined : (true as const),
  };
}

/** Whether the instance has a value where the application has none. */
function isOfInstance({ name, kind }: SettingField): boolean {
  return (kind === 'seconds' && name !== 'defaultMaxAgeSeconds') || name === 'accessTokenJwtType';
}

function TypedControl(props: ControlProps) {
  const { field, value, onChange } = props;
  const [text, setText] = useState(() => textOf(field, value));
  const change = (next: string): void => {
    setText(next);
    const read = readSetting(field, next);
    // What cannot be read is sent as it is: the answer says what is wrong with it.
    onChange(read.kind === 'value' ? read.value : next);
  };
  const t = useText(applicationMessages);
  if (field.kind === 'lines' || field.kind === 'json')
    return (
      <textarea
        {...attributesOf(props)}
        className="input mono"
        rows={Math.min(10, Math.max(2, text.split('\n').length))}
        spellCheck={false}
        placeholder={field.kind === 'lines' ? t('oneALine') : ''}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
    );
  return (
    <input
      {...attributesOf(props)}
      className="input"
      inputMode={field.kind === 'seconds' ? 'numeric' : 'text'}
      spellCheck={false}
      placeholder={field.isOptional === true ? t(isOfInstance(field) ? 'asInstance' : 'notSet') : ''}
      value={text}
      onChange={(event) => change(event.target.value)}
    />
  );
}

function ChoiceControl(props: ControlProps) {
  const { field, value, onChange } = props;
  const t = useText(applicationMessages);
  return (
    <select
      {...attributesOf(props)}
      className="select"
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
    >
      {field.isOptional === true && (
        <option value="">{t(isOfInstance(field) ? 'asInstance' : 'notSet')}</option>
      )}
      {field.options?.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

function ChoicesControl(props: ControlProps & { readonly labelId: string }) {
  const { field, value, isDisabled, describedBy, labelId, onChange } = props;
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [];
  const toggle = (option: string): void =>
    onChange(field.options?.filter((each) => (each === option) !== chosen.includes(each)));
  return (
    <fieldset className="several" aria-labelledby={labelId} aria-describedby={describedBy}>
      {field.options?.map((option) => (
        <label key={option} className="check">
          <input
            type="checkbox"
            disabled={isDisabled}
            checked={chosen.includes(option)}
            onChange={() => toggle(option)}
          />
          <code>
            {option
              .replace('urn:ietf:params:oauth:grant-type:', '')
              .replace('urn:openid:params:grant-type:', '')}
          </code>
        </label>
      ))}
    </fieldset>
  );
}

/** A setting of an application: label, control, help or what is wrong. */
export function SettingInput(props: SettingInputProps) {
  const { field, value, error, isDisabled, onChange } = props;
  const { language } = useLanguage();
  const id = useId();
  const labelId = `${id}-label`;
  const describedBy = `${id}-help`;
  const control = { ...props, id, describedBy };
  const label = field.label[language];
  const note = (
    <p id={describedBy} className={error === undefined ? 'option-help' : 'option-help option-error'}>
      {error ?? field.help?.[language] ?? ''}
    </p>
  );
  if (field.kind === 'flag')
    return (
      <div className="option">
        <label className="check">
          <input
            type="checkbox"
            aria-describedby={describedBy}
            disabled={isDisabled}
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
          />
          <span id={labelId}>{label}</span>
        </label>
        {note}
      </div>
    );
  const isSeveral = field.kind === 'choices';
  return (
    <div className="option">
      {isSeveral ? (
        <span id={labelId} className="option-label">
          {label}
        </span>
      ) : (
        <label id={labelId} htmlFor={id} className="option-label">
          {label}
        </label>
      )}
      {isSeveral ? (
        <ChoicesControl {...control} labelId={labelId} />
      ) : field.kind === 'choice' ? (
        <ChoiceControl {...control} />
      ) : (
        <TypedControl {...control} />
      )}
      {note}
    </div>
  );
}
