import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { type DurationUnit, durationUnits, fittingUnit, inUnit, toSeconds } from './durations.ts';
import { settingsMessages } from './messages.ts';
import type { SettingField, SeveralOption } from './setting-fields.ts';

interface ControlProps {
  readonly id: string;
  readonly field: SettingField;
  readonly value: unknown;
  readonly isDisabled: boolean;
  readonly isInvalid: boolean;
  readonly describedBy: string;
  readonly onChange: (value: unknown) => void;
}

type InputProps = Omit<ControlProps, 'field'>;

function attributesOf({ id, isDisabled, isInvalid, describedBy }: InputProps) {
  return {
    id,
    disabled: isDisabled,
    'aria-invalid': isInvalid || undefined,
    'aria-describedby': describedBy,
  };
}

function numberOf(text: string): number | undefined {
  const value = Number(text.replace(',', '.'));
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value;
}

function NumberInput(props: InputProps & { readonly minimum: number; readonly maximum: number }) {
  const { value, minimum, maximum, onChange } = props;
  return (
    <input
      {...attributesOf(props)}
      className="input numeric"
      type="number"
      inputMode="numeric"
      min={minimum}
      max={maximum}
      value={typeof value === 'number' ? value : ''}
      onChange={(event) => onChange(numberOf(event.target.value) ?? null)}
    />
  );
}

/** A duration, written in the unit that fits; changing the unit keeps the number. */
function DurationInput(props: InputProps & { readonly name: string }) {
  const { id, value, isDisabled, name, onChange } = props;
  const t = useText(settingsMessages);
  const seconds = typeof value === 'number' ? value : 0;
  const [unit, setUnit] = useState<DurationUnit>(() => fittingUnit(seconds));
  return (
    <div className="duration-row">
      <input
        {...attributesOf(props)}
        className="input numeric"
        type="number"
        inputMode="decimal"
        min={0}
        step="any"
        value={typeof value === 'number' ? inUnit(value, unit) : ''}
        onChange={(event) => {
          const amount = numberOf(event.target.value);
          onChange(amount === undefined ? null : toSeconds(amount, unit));
        }}
      />
      <select
        className="select"
        aria-label={t('unitOf', { name })}
        id={`${id}-unit`}
        disabled={isDisabled}
        value={unit}
        onChange={(event) => {
          const next = durationUnits.find((each) => each === event.target.value) ?? 'seconds';
          setUnit(next);
          if (typeof value === 'number') onChange(toSeconds(inUnit(value, unit), next));
        }}
      >
        {durationUnits.map((each) => (
          <option key={each} value={each}>
            {t(each)}
          </option>
        ))}
      </select>
    </div>
  );
}

function SeveralInput(
  props: InputProps & { readonly options: readonly SeveralOption[]; readonly empty: 'null' | 'list' },
) {
  const { id, value, options, empty, isDisabled, describedBy, onChange } = props;
  const t = useText(settingsMessages);
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [];
  const toggle = (option: string): void => {
    // In the order of the options, so that choosing and unchoosing is no change.
    const next = options
      .map((each) => each.value)
      .filter((each) => (each === option ? !chosen.includes(each) : chosen.includes(each)));
    onChange(next.length === 0 && empty === 'null' ? null : next);
  };
  return (
    <fieldset className="several" id={id} aria-labelledby={`${id}-label`} aria-describedby={describedBy}>
      {options.map((option) => (
        <label key={option.value} className="check">
          <input
            type="checkbox"
            disabled={isDisabled}
            checked={chosen.includes(option.value)}
            onChange={() => toggle(option.value)}
          />
          {option.text === undefined ? <code>{option.value}</code> : t(option.text)}
        </label>
      ))}
    </fieldset>
  );
}

function LinesInput(props: InputProps) {
  const { value, onChange } = props;
  const [text, setText] = useState(() => (Array.isArray(value) ? value.join('\n') : ''));
  return (
    <textarea
      {...attributesOf(props)}
      className="input mono"
      rows={3}
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const lines = event.target.value.split('\n').map((line) => line.trim());
        const kept = lines.filter((line) => line !== '');
        onChange(kept.length === 0 ? null : kept);
      }}
    />
  );
}

function ChoiceInput(props: ControlProps & { readonly options: readonly Required<SeveralOption>[] }) {
  const t = useText(settingsMessages);
  return (
    <select
      {...attributesOf(props)}
      className="select"
      value={String(props.value)}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {props.options.map(({ value, text }) => (
        <option key={value} value={value}>
          {t(text)}
        </option>
      ))}
    </select>
  );
}

/** The control of a setting, by how it is filled in. */
export function SettingControl(props: ControlProps) {
  const { field, value, onChange } = props;
  const { input } = field;
  const t = useText(settingsMessages);
  switch (input.kind) {
    case 'switch':
      return (
        <input
          {...attributesOf(props)}
          className="switch"
          type="checkbox"
          role="switch"
          aria-checked={value === true}
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
      );
    case 'number':
      return <NumberInput {...props} minimum={input.minimum} maximum={input.maximum} />;
    case 'duration':
      return <DurationInput {...props} name={t(field.name)} />;
    case 'several':
      return <SeveralInput {...props} options={input.options} empty={input.empty} />;
    case 'lines':
      return <LinesInput {...props} />;
    case 'choice':
      return <ChoiceInput {...props} options={input.options} />;
    case 'address':
    case 'text':
      return (
        <input
          {...attributesOf(props)}
          className="input"
          type={input.kind === 'address' ? 'url' : 'text'}
          placeholder={input.kind === 'address' ? 'https://' : ''}
          autoComplete="off"
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.target.value.trim() === '' ? null : event.target.value.trim())}
        />
      );
  }
}
