import { type ContrastVerdict, judgeAccent, judgeBackground, type Theme } from '@latchkey/contract/client';
import { useId } from 'react';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { type SettingsMessage, settingsMessages } from './messages.ts';

interface ColorSettingProps {
  readonly name: SettingsMessage;
  readonly value: string | null;
  readonly theme: Theme;
  readonly use: 'accent' | 'background';
  /** Shown while nothing is chosen. */
  readonly otherwise: string;
  /** What the API said about it. */
  readonly error: string | undefined;
  readonly onChange: (value: string | null) => void;
}

const colorPattern = /^#[0-9a-f]{6}$/;

/** How well a colour can be read; `undefined` while it is none. */
export function verdictOf(
  value: string | null,
  use: 'accent' | 'background',
  theme: Theme,
): ContrastVerdict | undefined {
  if (value === null || !colorPattern.test(value)) return undefined;
  return use === 'accent' ? judgeAccent(value, theme) : judgeBackground(value, theme);
}

/** Says how well a colour can be read and, where it cannot, which one nearby can. */
function Contrast(props: {
  readonly id: string;
  readonly verdict: ContrastVerdict;
  readonly onUse: (color: string) => void;
}) {
  const { id, verdict, onUse } = props;
  const t = useText(settingsMessages);
  const { number } = useFormats();
  const ratio = number(verdict.ratio);
  return (
    <div className="color-verdict" data-enough={verdict.isEnough}>
      <span id={id} role="status">
        {t(verdict.isEnough ? 'contrastGood' : 'contrastBad', { ratio })}
      </span>
      {!verdict.isEnough && (
        <Button size="small" onClick={() => onUse(verdict.nearest)}>
          <span className="color-dot" style={{ background: verdict.nearest }} aria-hidden="true" />
          {t('useNearest', { color: verdict.nearest })}
        </Button>
      )}
    </div>
  );
}

/** A colour of the branding: by picker or by its six digits, with its contrast beside it as it changes. */
export function ColorSetting(props: ColorSettingProps) {
  const { name, value, theme, use, otherwise, error, onChange } = props;
  const t = useText(settingsMessages);
  const id = useId();
  const verdict = verdictOf(value, use, theme);
  const isNoColor = value !== null && !colorPattern.test(value);
  const problem = isNoColor ? t('noColor') : verdict === undefined ? error : undefined;
  const label = t(name);
  return (
    <div className="color-setting">
      <label htmlFor={id} className="color-label">
        {label}
      </label>
      <div className="color-row">
        <input
          type="color"
          className="color-picker"
          value={value !== null && !isNoColor ? value : otherwise}
          aria-label={t('colorOf', { name: label })}
          onChange={(event) => onChange(event.target.value)}
        />
        <input
          id={id}
          className="input mono"
          value={value ?? ''}
          placeholder={t('ownColor')}
          maxLength={7}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={isNoColor || verdict?.isEnough === false || undefined}
          aria-describedby={`${id}-verdict`}
          onChange={(event) => {
            const text = event.target.value.trim().toLowerCase();
            onChange(text === '' ? null : text);
          }}
        />
        {value !== null && (
          <Button size="small" variant="quiet" onClick={() => onChange(null)}>
            {t('reset')}
          </Button>
        )}
      </div>
      {verdict !== undefined && <Contrast id={`${id}-verdict`} verdict={verdict} onUse={onChange} />}
      {problem !== undefined && (
        <p id={`${id}-verdict`} className="color-verdict" data-enough="false">
          {problem}
        </p>
      )}
    </div>
  );
}
