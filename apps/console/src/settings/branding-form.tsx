import { defaultAccent, pageColors, type Theme } from '@latchkey/contract/client';
import { type FormEvent, useId } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ColorSetting, verdictOf } from './color-setting.tsx';
import { LogoSetting } from './logo-setting.tsx';
import { settingsMessages } from './messages.ts';
import type { Branding } from './setting-fields.ts';
import type { Draft } from './use-draft.ts';

interface BrandingFormProps {
  readonly draft: Draft<Branding>;
  readonly errors: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
  readonly isSaving: boolean;
  readonly onSave: () => void;
}

/** Whether every colour of a branding is one, and can be read. */
export function isLegible(branding: Branding): boolean {
  const { accentColorLight, accentColorDark, backgroundColorLight, backgroundColorDark } = branding;
  const colors = [
    [accentColorLight, 'accent', 'light'],
    [accentColorDark, 'accent', 'dark'],
    [backgroundColorLight, 'background', 'light'],
    [backgroundColorDark, 'background', 'dark'],
  ] as const;
  return colors.every(
    ([color, use, theme]) => color === null || verdictOf(color, use, theme)?.isEnough === true,
  );
}

function Colors({
  draft,
  errors,
  theme,
}: Pick<BrandingFormProps, 'draft' | 'errors'> & { readonly theme: Theme }) {
  const t = useText(settingsMessages);
  const accent = theme === 'light' ? 'accentColorLight' : 'accentColorDark';
  const background = theme === 'light' ? 'backgroundColorLight' : 'backgroundColorDark';
  const shared = { theme } as const;
  return (
    <fieldset className="color-pair">
      <legend className="visually-hidden">{t(theme === 'light' ? 'onLight' : 'onDark')}</legend>
      <ColorSetting
        {...shared}
        name={accent}
        use="accent"
        value={draft.values[accent]}
        otherwise={defaultAccent[theme]}
        error={errors[accent]}
        onChange={(value) => draft.set(accent, value)}
      />
      <ColorSetting
        {...shared}
        name={background}
        use="background"
        value={draft.values[background]}
        otherwise={pageColors[theme].canvas}
        error={errors[background]}
        onChange={(value) => draft.set(background, value)}
      />
    </fieldset>
  );
}

const themeModes = [
  ['auto', 'themeAuto'],
  ['light', 'themeLight'],
  ['dark', 'themeDark'],
] as const;
const fonts = [
  ['system', 'fontSystem'],
  ['inter', 'fontInter'],
] as const;

function Shape({ draft }: Pick<BrandingFormProps, 'draft'>) {
  const t = useText(settingsMessages);
  const id = useId();
  const { values, set } = draft;
  return (
    <>
      <div className="color-setting">
        <label htmlFor={`${id}-radius`} className="color-label">
          {t('radiusPx')}
        </label>
        <input
          id={`${id}-radius`}
          type="range"
          min={0}
          max={16}
          value={values.radiusPx}
          aria-describedby={`${id}-radius-help`}
          onChange={(event) => set('radiusPx', Number(event.target.value))}
        />
        <p id={`${id}-radius-help`} className="color-verdict">
          {t('radiusPxHelp', { value: values.radiusPx })}
        </p>
      </div>
      <div className="color-setting">
        <label htmlFor={`${id}-mode`} className="color-label">
          {t('themeMode')}
        </label>
        <select
          id={`${id}-mode`}
          className="select"
          value={values.themeMode}
          onChange={(event) => set('themeMode', event.target.value)}
        >
          {themeModes.map(([value, text]) => (
            <option key={value} value={value}>
              {t(text)}
            </option>
          ))}
        </select>
      </div>
      <div className="color-setting">
        <label htmlFor={`${id}-font`} className="color-label">
          {t('font')}
        </label>
        <select
          id={`${id}-font`}
          className="select"
          value={values.font}
          onChange={(event) => set('font', event.target.value)}
        >
          {fonts.map(([value, text]) => (
            <option key={value} value={value}>
              {t(text)}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

/** Everything about the look of sign-in pages. It cannot be saved while a colour cannot be read. */
export function BrandingForm({ draft, errors, isReadOnly, isSaving, onSave }: BrandingFormProps) {
  const t = useText(settingsMessages);
  const id = useId();
  const { values, isChanged, set, discard, revision } = draft;
  const canSave = isLegible(values);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged && canSave) onSave();
  };
  return (
    <form className="settings-fields" onSubmit={submit} noValidate key={revision}>
      <fieldset className="settings-fields" disabled={isReadOnly}>
        <h2>{t('colors')}</h2>
        <Colors draft={draft} errors={errors} theme="light" />
        <Colors draft={draft} errors={errors} theme="dark" />
        <h2>{t('pictures')}</h2>
        {(['logoUrlLight', 'logoUrlDark'] as const).map((name) => (
          <LogoSetting
            key={name}
            name={name}
            value={values[name]}
            error={errors[name]}
            onChange={(value) => set(name, value)}
          />
        ))}
        <label className="check" htmlFor={`${id}-mark`}>
          <input
            id={`${id}-mark`}
            type="checkbox"
            checked={values.hideLatchkeyMark}
            onChange={(event) => set('hideLatchkeyMark', event.target.checked)}
          />
          {t('hideLatchkeyMark')}
        </label>
        <h2>{t('shape')}</h2>
        <Shape draft={draft} />
      </fieldset>
      {isChanged && (
        <div className="settings-bar" role="status">
          <span>{t('unsaved')}</span>
          <Button variant="quiet" onClick={discard}>
            {t('discard')}
          </Button>
          <Button variant="primary" type="submit" isBusy={isSaving} disabled={!canSave}>
            {t('save')}
          </Button>
        </div>
      )}
    </form>
  );
}
