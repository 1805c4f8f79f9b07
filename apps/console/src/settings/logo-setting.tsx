import { useId, useRef, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { type SettingsMessage, settingsMessages } from './messages.ts';
import { readLogo } from './read-logo.ts';

interface LogoSettingProps {
  readonly name: SettingsMessage;
  readonly value: string | null;
  readonly error: string | undefined;
  readonly onChange: (value: string | null) => void;
}

/** A logo: an https address, or a file that is kept in the settings. */
export function LogoSetting({ name, value, error, onChange }: LogoSettingProps) {
  const t = useText(settingsMessages);
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const [refusal, setRefusal] = useState<string>();
  const isPicture = value?.startsWith('data:') === true;
  const problem = refusal ?? error;
  const choose = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    const read = await readLogo(chosen);
    if (read.kind === 'logo') onChange(read.url);
    const size = read.kind === 'too-large' ? read.sizeKb : 0;
    setRefusal(
      read.kind === 'logo'
        ? undefined
        : read.kind === 'too-large'
          ? t('logoTooLarge', { size })
          : t('logoOtherType'),
    );
  };
  return (
    <div className="color-setting">
      <label htmlFor={id} className="color-label">
        {t(name)}
      </label>
      <div className="color-row">
        {isPicture && <img className="logo-thumb" src={value ?? ''} alt="" />}
        <input
          id={id}
          className="input"
          type="url"
          inputMode="url"
          placeholder="https://"
          readOnly={isPicture}
          value={isPicture ? t('logoChosen') : (value ?? '')}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={`${id}-help`}
          onChange={(event) => {
            setRefusal(undefined);
            onChange(event.target.value.trim() === '' ? null : event.target.value.trim());
          }}
        />
        <input
          ref={file}
          type="file"
          accept="image/svg+xml,image/png"
          hidden
          aria-label={`${t('chooseFile')}: ${t(name)}`}
          onChange={(event) => void choose(event.target.files?.[0])}
        />
        <Button size="small" onClick={() => file.current?.click()}>
          {t('chooseFile')}
        </Button>
        {value !== null && (
          <Button size="small" variant="quiet" onClick={() => onChange(null)}>
            {t('removeLogo')}
          </Button>
        )}
      </div>
      <p id={`${id}-help`} className="color-verdict" data-enough={problem === undefined}>
        {problem ?? t('logoHelp')}
      </p>
    </div>
  );
}
