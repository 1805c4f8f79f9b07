import type { ApiClient, Theme } from '@latchkey/contract/client';
import { useId, useState } from 'react';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { BrandingForm } from './branding-form.tsx';
import { type SettingsMessage, settingsMessages } from './messages.ts';
import { OwnOrInstance } from './own-or-instance.tsx';
import { errorsOf, type SettingsScope, type SettingsState } from './settings-state.ts';
import { type PreviewWidth, SignInPreview } from './sign-in-preview.tsx';
import { useDraft } from './use-draft.ts';
import { type Settings, useSettings } from './use-settings.ts';
import './settings.css';

interface BrandingScreenProps {
  readonly api: ApiClient;
  readonly scope: SettingsScope;
  /** What stands on the page where there is no logo. */
  readonly name: string;
}

/** A choice of a few, all of them in sight. */
function Segments<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: SettingsMessage])[];
  readonly onChange: (value: T) => void;
}) {
  const t = useText(settingsMessages);
  const name = useId();
  return (
    <fieldset className="segments" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={value === props.value}
            onChange={() => props.onChange(value)}
          />
          {t(text)}
        </label>
      ))}
    </fieldset>
  );
}

const themes = [
  ['light', 'previewLight'],
  ['dark', 'previewDark'],
] as const;
const widths = [
  ['1280', 'previewWide'],
  ['375', 'previewNarrow'],
] as const;

function Editor(props: {
  readonly settings: Settings;
  readonly state: SettingsState;
  readonly scope: SettingsScope;
  readonly name: string;
}) {
  const { settings, state, scope, name } = props;
  const t = useText(settingsMessages);
  const { branding, login } = state.groups;
  const draft = useDraft(branding);
  const [theme, setTheme] = useState<Theme>('light');
  const [width, setWidth] = useState<PreviewWidth>(() => (window.innerWidth < 700 ? 375 : 1280));
  const isOwn = state.own.branding;
  const { themeMode } = draft.values;
  return (
    <div className="branding-layout">
      <div className="stack">
        <OwnOrInstance
          scope={scope}
          group="branding"
          isOwn={isOwn}
          values={branding}
          save={(body, onSaved) =>
            settings.save(body, () => {
              draft.discard();
              onSaved();
            })
          }
        />
        <BrandingForm
          draft={draft}
          errors={errorsOf(settings.problem, 'branding')}
          isReadOnly={!isOwn}
          isSaving={settings.isSaving}
          onSave={() => settings.save({ branding: draft.changes }, () => toast.success(t('saved')))}
        />
      </div>
      <section className="branding-preview" aria-label={t('preview')}>
        <div className="branding-toolbar">
          <Segments
            label={t('previewTheme')}
            value={themeMode === 'auto' ? theme : themeMode}
            options={themeMode === 'auto' ? themes : themes.filter(([value]) => value === themeMode)}
            onChange={setTheme}
          />
          <Segments
            label={t('previewWidth')}
            value={width === 375 ? '375' : '1280'}
            options={widths}
            onChange={(value) => setWidth(value === '375' ? 375 : 1280)}
          />
        </div>
        <SignInPreview
          branding={draft.values}
          login={login}
          name={name}
          theme={themeMode === 'auto' ? theme : themeMode}
          width={width}
        />
      </section>
    </div>
  );
}

/** The look of the sign-in pages, with a page beside it that changes as it is edited. */
export function BrandingScreen({ api, scope, name }: BrandingScreenProps) {
  const t = useText(settingsMessages);
  const settings = useSettings(api, scope);
  return (
    <div className="settings-page stack">
      <p className="muted">{t('brandingText')}</p>
      {settings.failure !== null && <p role="alert">{settings.failure.message}</p>}
      {settings.state !== undefined && (
        <Editor
          key={scope.kind === 'instance' ? 'instance' : scope.id}
          settings={settings}
          state={settings.state}
          scope={scope}
          name={name}
        />
      )}
    </div>
  );
}
