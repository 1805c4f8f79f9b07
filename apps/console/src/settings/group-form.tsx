import { type FormEvent, useId } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { type SettingsMessage, settingsMessages } from './messages.ts';
import { SettingControl } from './setting-control.tsx';
import { type FormGroup, type GroupValues, type SettingField, settingFields } from './setting-fields.ts';
import { useDraft } from './use-draft.ts';
import './settings.css';

interface GroupFormProps {
  readonly group: FormGroup;
  readonly scope: 'instance' | 'organization';
  readonly saved: GroupValues;
  /** What the API said about fields, by name. */
  readonly errors: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
  readonly isSaving: boolean;
  /** Resolves once saved; what was edited is then what is saved. */
  readonly onSave: (changes: GroupValues) => void;
}

function SettingRow(props: {
  readonly field: SettingField;
  readonly value: unknown;
  readonly error: string | undefined;
  readonly isDisabled: boolean;
  readonly onChange: (value: unknown) => void;
}) {
  const { field, value, error, isDisabled, onChange } = props;
  const t = useText(settingsMessages);
  const id = useId();
  const helpId = `${id}-help`;
  const help = t(`${field.name}Help` as SettingsMessage); // cast: a test makes sure that every field has help
  const isSwitch = field.input.kind === 'switch';
  return (
    <div className={isSwitch ? 'setting-row setting-row-switch' : 'setting-row'}>
      <label htmlFor={id} id={`${id}-label`} className="setting-label">
        {t(field.name)}
      </label>
      <SettingControl
        id={id}
        field={field}
        value={value}
        isDisabled={isDisabled}
        isInvalid={error !== undefined}
        describedBy={helpId}
        onChange={onChange}
      />
      <p id={helpId} className={error === undefined ? 'setting-help' : 'setting-help setting-error'}>
        {error ?? help}
      </p>
    </div>
  );
}

/** The settings of a group, with a bar to save or discard what has been changed. */
export function GroupForm({ group, scope, saved, errors, isReadOnly, isSaving, onSave }: GroupFormProps) {
  const t = useText(settingsMessages);
  const { values, changes, isChanged, set, discard, revision } = useDraft(saved);
  const fields = settingFields[group].filter((field) => field.scope === undefined || field.scope === scope);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged) onSave(changes);
  };
  return (
    <form className="settings-fields" onSubmit={submit} noValidate>
      {fields.map((field) => (
        <SettingRow
          key={`${field.name} ${revision}`}
          field={field}
          value={values[field.name]}
          error={errors[field.name]}
          isDisabled={isReadOnly}
          onChange={(value) => set(field.name, value)}
        />
      ))}
      {group === 'security' && values.dangerousActionMaxAgeSeconds === 0 && (
        <p role="alert" className="setting-error">
          {t('securityOff')}
        </p>
      )}
      {isChanged && (
        <div className="settings-bar" role="status">
          <span>{t('unsaved')}</span>
          <Button variant="quiet" onClick={discard}>
            {t('discard')}
          </Button>
          <Button variant="primary" type="submit" isBusy={isSaving}>
            {t('save')}
          </Button>
        </div>
      )}
    </form>
  );
}
