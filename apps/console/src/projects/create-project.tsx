import { type FormEvent, useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { projectMessages } from './messages.ts';
import { useCreateProject } from './use-projects.ts';

/** Asks for the name of a new project and goes to it. */
export function CreateProject({ onCancel }: { readonly onCancel: () => void }) {
  const t = useText(projectMessages);
  const id = useId();
  const navigate = useNavigate();
  const create = useCreateProject();
  const within = useOrganizationFilter();
  const [name, setName] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate(
      { name, ...within },
      {
        onSuccess: (project) => {
          toast(t('createdToast', { name: project.name }));
          navigate(`/projects/${project.id}`);
        },
      },
    );
  };
  return (
    <form className="card stack-small" onSubmit={submit}>
      <label htmlFor={id}>{t('name')}</label>
      <input
        id={id}
        className="input"
        required
        maxLength={200}
        // biome-ignore lint/a11y/noAutofocus: the form opens at the press of a button, and this is its only field
        autoFocus
        aria-describedby={`${id}-help`}
        aria-invalid={create.error === null ? undefined : true}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <p
        id={`${id}-help`}
        className={create.error === null ? 'option-help' : 'option-help option-error'}
        role={create.error === null ? undefined : 'alert'}
      >
        {create.error === null ? t('nameHelp') : errorText(create.error)}
      </p>
      <div className="row">
        <Button variant="primary" type="submit" isBusy={create.isPending}>
          {t('create')}
        </Button>
        <Button variant="quiet" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  );
}
