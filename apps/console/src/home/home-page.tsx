import { Check } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { CopyValue, SecretOnce } from '../kit/copy.tsx';
import { errorAt, errorElsewhere, SelectField, TextField } from '../kit/field.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { useFilter } from '../kit/use-filter.ts';
import { LastRefusal } from './last-refusal.tsx';
import { homeMessages } from './messages.ts';
import { SnippetPicker } from './snippet-picker.tsx';
import { apiSnippets, frontEndSnippets, originOf } from './snippets.ts';
import { useFirstRun, useProjectChoice } from './use-first-run.ts';

interface StepProps {
  readonly number: number;
  readonly isDone: boolean;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}

function Step({ number, isDone, title, text, children }: StepProps) {
  return (
    <li className="step" data-done={isDone}>
      <span className="step-mark" aria-hidden>
        {isDone ? <Check size={14} /> : number}
      </span>
      <div className="step-body">
        <div>
          <h2>{title}</h2>
          <p className="muted">{text}</p>
        </div>
        {children}
      </div>
    </li>
  );
}

function Mark({
  isThere,
  there,
  waiting,
}: {
  readonly isThere: boolean;
  readonly there: string;
  readonly waiting: string;
}) {
  return (
    <p className="status" data-state={isThere ? 'active' : 'inactive'} role="status">
      {isThere ? there : waiting}
    </p>
  );
}

function FrontEndStep({ projectId }: { readonly projectId: string }) {
  const t = useText(homeMessages);
  const { progress, frontEnd, addFrontEnd } = useFirstRun(projectId);
  const [redirectUri, setRedirectUri] = useState('http://localhost:5173/callback');
  const made = frontEnd.data ?? null;
  const isSeen = progress.data?.firstSignInAt != null;
  const refusal = progress.data?.lastRefusal;
  return (
    <Step number={2} isDone={isSeen} title={t('step2')} text={t('step2Text')}>
      {made === null ? (
        <form
          className="stack-small"
          onSubmit={(event) => {
            event.preventDefault();
            addFrontEnd.mutate(redirectUri);
          }}
        >
          <TextField
            label={t('redirectUri')}
            help={t('redirectHelp')}
            value={redirectUri}
            onChange={setRedirectUri}
            error={errorAt(addFrontEnd.error, '/redirectUris/0') ?? errorElsewhere(addFrontEnd.error, [])}
          />
          <div>
            <Button type="submit" variant="primary" isBusy={addFrontEnd.isPending}>
              {t('addFrontEnd')}
            </Button>
          </div>
        </form>
      ) : (
        <>
          <CopyValue label={t('clientId')} value={made.clientId} />
          <SnippetPicker
            snippets={frontEndSnippets}
            facts={{
              issuer: window.location.origin,
              clientId: made.clientId,
              clientSecret: '',
              redirectUri: made.redirectUri,
              frontEndOrigin: originOf(made.redirectUri),
            }}
          />
          <Mark isThere={isSeen} there={t('sawSignIn')} waiting={t('waitingSignIn')} />
          {!isSeen && refusal?.applicationId === made.id && (
            <LastRefusal refusal={refusal} redirectUris={made.redirectUris} />
          )}
        </>
      )}
    </Step>
  );
}

function ApiStep({ projectId }: { readonly projectId: string }) {
  const t = useText(homeMessages);
  const { progress, frontEnd, api, addApi } = useFirstRun(projectId);
  // The secret is known a moment after the application is; code without it would be copied in vain.
  const made = addApi.isPending ? null : (api.data ?? null);
  const secret = addApi.data?.clientSecret ?? null;
  const isSeen = progress.data?.firstIntrospectionAt != null;
  const refusal = progress.data?.lastRefusal;
  return (
    <Step number={3} isDone={isSeen} title={t('step3')} text={t('step3Text')}>
      {made === null ? (
        <div>
          <Button variant="primary" isBusy={addApi.isPending} onClick={() => addApi.mutate()}>
            {t('addApi')}
          </Button>
          {addApi.error !== null && (
            <p className="field-error" role="alert">
              {errorElsewhere(addApi.error, [])}
            </p>
          )}
        </div>
      ) : (
        <>
          <CopyValue label={t('clientId')} value={made.clientId} />
          {secret === null ? (
            <p className="muted">{t('secretElsewhere')}</p>
          ) : (
            <SecretOnce label={t('clientSecret')} value={secret} fileName="client-secret.txt" />
          )}
          <SnippetPicker
            snippets={apiSnippets}
            facts={{
              issuer: window.location.origin,
              clientId: made.clientId,
              clientSecret: secret ?? 'YOUR_CLIENT_SECRET',
              redirectUri: '',
              frontEndOrigin: originOf(frontEnd.data?.redirectUri ?? ''),
            }}
          />
          <Mark isThere={isSeen} there={t('sawIntrospection')} waiting={t('waitingIntrospection')} />
          {!isSeen && refusal?.applicationId === made.id && (
            <LastRefusal refusal={refusal} redirectUris={[]} />
          )}
        </>
      )}
    </Step>
  );
}

function ProjectStep({
  onMade,
  isDone,
}: {
  readonly onMade: (id: string) => void;
  readonly isDone: boolean;
}) {
  const t = useText(homeMessages);
  const { create } = useProjectChoice();
  const [name, setName] = useState('');
  return (
    <Step number={1} isDone={isDone} title={t('step1')} text={t('step1Text')}>
      {!isDone && (
        <form
          className="stack-small"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate(name, { onSuccess: ({ id }) => onMade(id) });
          }}
        >
          <TextField
            label={t('projectName')}
            value={name}
            onChange={setName}
            error={errorAt(create.error, '/name') ?? errorElsewhere(create.error, ['/name'])}
          />
          <div>
            <Button type="submit" variant="primary" isBusy={create.isPending}>
              {t('create')}
            </Button>
          </div>
        </form>
      )}
    </Step>
  );
}

/** The first run: from nothing to a sign-in that works, with marks that turn green when it really happens. */
export function HomePage() {
  const t = useText(homeMessages);
  const [get, set] = useFilter();
  const { projects } = useProjectChoice();
  const chosen = get('project') === 'new' ? '' : get('project') || (projects.data?.[0]?.id ?? '');
  const options = (projects.data ?? []).map(({ id, name }) => [id, name] as const);
  return (
    <div className="stack-large">
      <PageHeader title={t('title')} intro={t('intro')} />
      {options.length > 0 && (
        <SelectField
          label={t('choose')}
          value={chosen}
          options={[...options, ['', t('newProject')] as const]}
          onChange={(id) => set('project', id === '' ? 'new' : id)}
        />
      )}
      {projects.data !== undefined && (
        <ol className="steps">
          <ProjectStep isDone={chosen !== ''} onMade={(id) => set('project', id)} />
          {chosen !== '' && <FrontEndStep key={`front ${chosen}`} projectId={chosen} />}
          {chosen !== '' && <ApiStep key={`api ${chosen}`} projectId={chosen} />}
        </ol>
      )}
    </div>
  );
}
