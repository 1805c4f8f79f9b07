import { type FormEvent, useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { projectMessages } from './messages.ts';
import { type Project, useProjectActions } from './use-projects.ts';

const flags = ['roleAssertion', 'roleCheck', 'hasProjectCheck'] as const;

function SettingsForm({ project, etag }: { readonly project: Project; readonly etag: string | undefined }) {
  const t = useText(projectMessages);
  const id = useId();
  const { update } = useProjectActions(project.id);
  const [edited, setEdited] = useState<Partial<Pick<Project, 'name' | (typeof flags)[number]>>>({});
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    update.mutate(
      { ...edited, ifMatch: etag },
      {
        onSuccess: () => {
          setEdited({});
          toast(t('savedToast'));
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="option">
        <label htmlFor={id} className="option-label">
          {t('name')}
        </label>
        <input
          id={id}
          className="input"
          required
          maxLength={200}
          value={edited.name ?? project.name}
          onChange={(event) => setEdited((before) => ({ ...before, name: event.target.value }))}
        />
      </div>
      {flags.map((flag) => (
        <div key={flag} className="option">
          <label className="check">
            <input
              type="checkbox"
              aria-describedby={`${id}-${flag}`}
              checked={edited[flag] ?? project[flag]}
              onChange={(event) => setEdited((before) => ({ ...before, [flag]: event.target.checked }))}
            />
            {t(flag)}
          </label>
          <p id={`${id}-${flag}`} className="option-help">
            {t(`${flag}Help`)}
          </p>
        </div>
      ))}
      {update.error !== null && (
        <p className="option-error" role="alert">
          {errorText(update.error)}
        </p>
      )}
      <div>
        <Button variant="primary" type="submit" isBusy={update.isPending}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}

function RemoveProject({ project }: { readonly project: Project }) {
  const t = useText(projectMessages);
  const id = useId();
  const navigate = useNavigate();
  const { remove } = useProjectActions(project.id);
  const [typed, setTyped] = useState<string>();
  const { name } = project;
  const removed = (): void => {
    toast(t('removed', { name }));
    navigate('/projects');
  };
  if (typed === undefined)
    return (
      <Button variant="danger" onClick={() => setTyped('')}>
        {t('remove')}
      </Button>
    );
  return (
    <div className="inline-form">
      <label htmlFor={id}>{t('typeName', { name })}</label>
      <input id={id} className="input" value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Button
        variant="danger"
        disabled={typed !== name}
        isBusy={remove.isPending}
        onClick={() => remove.mutate(undefined, { onSuccess: removed })}
      >
        {t('removeConfirm', { name })}
      </Button>
      <Button variant="quiet" onClick={() => setTyped(undefined)}>
        {t('cancel')}
      </Button>
    </div>
  );
}

/** The settings of a project and what ends it. */
export function ProjectSettings(props: { readonly project: Project; readonly etag: string | undefined }) {
  const { project } = props;
  const t = useText(projectMessages);
  const { setState } = useProjectActions(project.id);
  const isActive = project.state === 'active';
  const { applicationCount: applications, grantCount: grants } = project;
  return (
    <div className="stack-large">
      <SettingsForm {...props} />
      <section className="danger-zone" aria-labelledby="danger-title">
        <h2 id="danger-title">{t('danger')}</h2>
        {isActive && (
          <div className="danger-item">
            <div>
              <h3>{t('deactivateTitle')}</h3>
              <p className="muted">{t('deactivateText')}</p>
            </div>
            <Button isBusy={setState.isPending} onClick={() => setState.mutate('inactive')}>
              {t('deactivate')}
            </Button>
          </div>
        )}
        {!isActive && (
          <div className="danger-item">
            <h3>{t('inactive')}</h3>
            <Button isBusy={setState.isPending} onClick={() => setState.mutate('active')}>
              {t('activate')}
            </Button>
          </div>
        )}
        <div className="danger-item">
          <div>
            <h3>{t('removeTitle')}</h3>
            <p className="muted">{t('removeText', { applications, grants })}</p>
          </div>
          <RemoveProject project={project} />
        </div>
      </section>
    </div>
  );
}
