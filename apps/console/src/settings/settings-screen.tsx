import type { ApiClient } from '@latchkey/contract/client';
import { Tabs } from 'radix-ui';
import { useSearchParams } from 'react-router';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { GroupForm } from './group-form.tsx';
import { type SettingsMessage, settingsMessages } from './messages.ts';
import { OwnOrInstance } from './own-or-instance.tsx';
import type { FormGroup } from './setting-fields.ts';
import { bodyOf, errorsOf, type SettingsScope, valuesOf } from './settings-state.ts';
import { type Settings, useSettings } from './use-settings.ts';
import './settings.css';

interface SettingsScreenProps {
  readonly api: ApiClient;
  readonly scope: SettingsScope;
}

const tabs: Readonly<Record<FormGroup, readonly [title: SettingsMessage, text: SettingsMessage]>> = {
  login: ['tabLogin', 'loginText'],
  password: ['tabPassword', 'passwordText'],
  lockout: ['tabLockout', 'lockoutText'],
  lifetimes: ['tabLifetimes', 'lifetimesText'],
  tokens: ['tabTokens', 'tokensText'],
  security: ['tabSecurity', 'securityText'],
  features: ['tabFeatures', 'featuresText'],
  registration: ['tabRegistration', 'registrationText'],
};
// cast: Object.keys of a constant object gives its keys
const instanceTabs = Object.keys(tabs) as readonly FormGroup[];
const organizationTabs = ['login', 'password', 'lockout'] as const;

function Group({ settings, scope, group }: { settings: Settings; scope: SettingsScope; group: FormGroup }) {
  const t = useText(settingsMessages);
  const { state, problem, isSaving, save } = settings;
  const values = state === undefined ? undefined : valuesOf(state, group);
  if (state === undefined || values === undefined) return null;
  const overridable = group === 'login' || group === 'password' || group === 'lockout' ? group : undefined;
  const isOwn = overridable === undefined || state.own[overridable];
  const [title, text] = tabs[group];
  const errors = errorsOf(problem, group);
  const isElsewhere = problem !== undefined && Object.keys(errors).length === 0;
  return (
    <section className="stack" aria-label={t(title)}>
      <div className="settings-head">
        <p className="muted">{t(text)}</p>
        {overridable !== undefined && (
          <OwnOrInstance scope={scope} group={overridable} isOwn={isOwn} values={values} save={save} />
        )}
      </div>
      {isElsewhere && (
        <p role="alert" className="setting-error">
          {problem.detail} {problem.next}
        </p>
      )}
      <GroupForm
        key={`${group} ${isOwn}`}
        group={group}
        scope={scope.kind}
        saved={values}
        errors={errors}
        isReadOnly={!isOwn}
        isSaving={isSaving}
        onSave={(changes) => save(bodyOf(group, changes), () => toast.success(t('saved')))}
      />
    </section>
  );
}

/** The settings of the instance, or of an organization, in tabs that the address remembers. */
export function SettingsScreen({ api, scope }: SettingsScreenProps) {
  const t = useText(settingsMessages);
  const [params, setParams] = useSearchParams();
  const settings = useSettings(api, scope);
  const groups = scope.kind === 'instance' ? instanceTabs : organizationTabs;
  const group = groups.find((each) => each === params.get('tab')) ?? groups[0] ?? 'login';
  return (
    <Tabs.Root
      className="settings-page stack"
      value={group}
      onValueChange={(tab) => setParams({ tab }, { replace: true })}
    >
      <Tabs.List className="settings-tabs">
        {groups.map((each) => (
          <Tabs.Trigger key={each} value={each}>
            {t(tabs[each][0])}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value={group}>
        {settings.failure === null ? (
          <Group settings={settings} scope={scope} group={group} />
        ) : (
          <p role="alert">
            {settings.failure.message} <Button onClick={settings.retry}>{t('retry')}</Button>
          </p>
        )}
      </Tabs.Content>
    </Tabs.Root>
  );
}
