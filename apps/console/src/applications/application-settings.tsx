import { ApiProblem } from '@latchkey/contract/client';
import { type FormEvent, useDeferredValue, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { changeOf, errorsBySetting } from './application-draft.ts';
import { ComplianceHints } from './compliance-hints.tsx';
import { applicationMessages } from './messages.ts';
import type { Application } from './setting-field.ts';
import { fieldsFor, settingGroups } from './setting-fields.ts';
import { SettingInput } from './setting-input.tsx';
import {
  type ApplicationDraft,
  useApplicationActions,
  useMayAdministerInstance,
  useVerdict,
} from './use-applications.ts';

const titles = {
  signIn: ['groupSignIn', 'groupSignInText'],
  tokens: ['groupTokens', 'groupTokensText'],
  proofs: ['groupProofs', 'groupProofsText'],
  signOut: ['groupSignOut', 'groupSignOutText'],
  about: ['groupAbout', 'groupAboutText'],
} as const;

/** The settings as the check takes them: those of the application with what was edited. */
function draftOf(application: Application, edited: Readonly<Record<string, unknown>>): ApplicationDraft {
  const names = settingGroups.flatMap(({ fields }) => fields.map(({ name }) => name));
  const settings = Object.fromEntries(names.map((name) => [name, application[name]]));
  const { type } = application;
  // Response types nobody has touched follow the grant types when they are saved.
  if ('grantTypes' in edited) delete settings.responseTypes;
  return { ...settings, type, ...edited };
}

function UnsavedBar(props: { readonly isSaving: boolean; readonly onDiscard: () => void }) {
  const t = useText(applicationMessages);
  return (
    <div className="unsaved-bar" role="status">
      <span>{t('unsaved')}</span>
      <Button variant="quiet" onClick={props.onDiscard}>
        {t('discard')}
      </Button>
      <Button variant="primary" type="submit" isBusy={props.isSaving}>
        {t('save')}
      </Button>
    </div>
  );
}

/** Every setting of an application in groups, with what is unsafe about them told while they are edited. */
export function ApplicationSettings(props: {
  readonly application: Application;
  readonly etag: string | undefined;
}) {
  const { application, etag } = props;
  const t = useText(applicationMessages);
  const [edited, setEdited] = useState<Readonly<Record<string, unknown>>>({});
  const [revision, setRevision] = useState(0);
  const { update } = useApplicationActions(application.id);
  const verdict = useVerdict(useDeferredValue(draftOf(application, edited))).data;
  const change = changeOf(application, edited);
  const isChanged = Object.keys(change).length > 0;
  const isLocked = useMayAdministerInstance() !== true;
  const problem = update.error instanceof ApiProblem ? update.error.problem : undefined;
  const errors = { ...errorsBySetting(problem?.errors ?? []) };
  const reset = (): void => {
    setEdited({});
    setRevision((before) => before + 1);
    update.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged) update.mutate({ change, ifMatch: etag }, { onSuccess: reset });
  };
  return (
    <form className="stack-large" onSubmit={submit} noValidate>
      <ComplianceHints
        compliance={verdict?.compliance ?? application.compliance}
        refusals={verdict?.refusals ?? []}
      />
      {problem !== undefined && problem.errors === undefined && (
        <p className="option-error" role="alert">
          {problem.detail} {problem.next}
        </p>
      )}
      {settingGroups.map((group) => (
        <details key={group.key} className="option-group" open={group.key === 'signIn'}>
          <summary>
            <h2>{t(titles[group.key][0])}</h2>
            <span className="muted">{t(titles[group.key][1])}</span>
          </summary>
          <div className="option-list">
            {fieldsFor(group, application.type).map((field) => (
              <SettingInput
                key={`${field.name} ${revision}`}
                field={field}
                value={field.name in edited ? edited[field.name] : application[field.name]}
                error={errors[field.name]}
                isDisabled={application.isSystem || (isLocked && field.isForInstanceOwners === true)}
                onChange={(value) => setEdited((before) => ({ ...before, [field.name]: value }))}
              />
            ))}
          </div>
        </details>
      ))}
      {isChanged && <UnsavedBar isSaving={update.isPending} onDiscard={reset} />}
    </form>
  );
}
