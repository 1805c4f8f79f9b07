import { ApiProblem } from '@latchkey/contract/client';
import { type FormEvent, useDeferredValue, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { CopyValue } from '../kit/copy.tsx';
import { errorText } from '../kit/problem-text.ts';
import { errorsBySetting, linesOf } from './application-draft.ts';
import { ApplicationStart } from './application-start.tsx';
import { applicationMessages } from './messages.ts';
import {
  type CreatedApplication,
  type NewApplication,
  useCreateApplication,
  useVerdict,
} from './use-applications.ts';
import { NameStep, RedirectStep, TypeStep, type WizardDraft } from './wizard-steps.tsx';
import './applications.css';

type Step = 'typeStep' | 'nameStep' | 'redirectStep';

function bodyOf(draft: WizardDraft): NewApplication {
  const { type, projectId, name, developmentMode } = draft;
  if (type === 'api') return { type, projectId, name };
  return {
    ...{ type, projectId, name, developmentMode },
    // New applications use current libraries, which send PKCE by themselves.
    ...(type === 'web' ? { isPkceRequired: true } : {}),
    redirectUris: [...linesOf(draft.redirectUris)],
    postLogoutRedirectUris: [...linesOf(draft.postLogoutRedirectUris)],
  };
}

function Done({ application }: { readonly application: CreatedApplication }) {
  const t = useText(applicationMessages);
  const { id, name, type, clientId, clientSecret, authMethod, redirectUris } = application;
  return (
    <div className="stack">
      <h1 tabIndex={-1}>{t('doneTitle', { name })}</h1>
      <p className="muted">{t('doneText')}</p>
      <div className="once">
        <CopyValue label={t('issuer')} value={location.origin} />
        <CopyValue label={t('clientId')} value={clientId} />
        {clientSecret !== null && (
          <>
            <CopyValue label={t('clientSecret')} value={clientSecret} />
            <p>{t('secretOnce')}</p>
          </>
        )}
        {authMethod === 'private_key_jwt' && <p>{t('keyNext')}</p>}
      </div>
      <ApplicationStart
        {...{ clientId, clientSecret }}
        isApi={type === 'api'}
        redirectUri={redirectUris[0] ?? ''}
      />
      <div className="row">
        <Link className="primary-link" to={`/applications/${id}`}>
          {t('openApplication')}
        </Link>
      </div>
    </div>
  );
}

/** Registers an application in three questions: what it is, what it is called, where people come back to. */
export function ApplicationWizard() {
  const t = useText(applicationMessages);
  const [params] = useSearchParams();
  const [draft, setDraft] = useState<WizardDraft>({
    type: 'user_agent',
    projectId: params.get('project') ?? '',
    name: '',
    redirectUris: '',
    postLogoutRedirectUris: '',
    developmentMode: false,
  });
  const [step, setStep] = useState<Step>('typeStep');
  const create = useCreateApplication();
  const { projectId: _, name: __, ...settings } = bodyOf(draft);
  const verdict = useVerdict(useDeferredValue(settings)).data;
  if (create.data !== undefined) return <Done application={create.data} />;
  const steps: readonly Step[] =
    draft.type === 'api' ? ['typeStep', 'nameStep'] : ['typeStep', 'nameStep', 'redirectStep'];
  const at = steps.indexOf(step);
  const isLast = at === steps.length - 1;
  const problem = create.error instanceof ApiProblem ? create.error.problem : undefined;
  const errors = errorsBySetting(problem?.errors ?? []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const next = steps[at + 1];
    if (next !== undefined) setStep(next);
    else create.mutate(bodyOf(draft), { onError: () => undefined });
  };
  const change = (part: Partial<WizardDraft>): void => setDraft((before) => ({ ...before, ...part }));
  return (
    <form className="stack-large wizard" onSubmit={submit}>
      <header>
        <h1>{t('create')}</h1>
        <ol className="wizard-steps">
          {steps.map((each) => (
            <li key={each} aria-current={each === step ? 'step' : undefined}>
              {t(each)}
            </li>
          ))}
        </ol>
      </header>
      {step === 'typeStep' && <TypeStep draft={draft} onChange={change} />}
      {step === 'nameStep' && <NameStep draft={draft} error={errors.name} onChange={change} />}
      {step === 'redirectStep' && <RedirectStep draft={draft} verdict={verdict} onChange={change} />}
      {create.error !== null && (
        <p className="option-error" role="alert">
          {errorText(create.error)}
        </p>
      )}
      <div className="row">
        {at > 0 && <Button onClick={() => setStep(steps[at - 1] ?? 'typeStep')}>{t('back')}</Button>}
        <Button variant="primary" type="submit" isBusy={create.isPending}>
          {t(isLast ? 'finish' : 'next')}
        </Button>
      </div>
    </form>
  );
}
