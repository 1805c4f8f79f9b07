import { useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { applicationMessages } from './messages.ts';
import type { Application } from './setting-field.ts';
import { useApplicationActions } from './use-applications.ts';

function RemoveApplication({ application }: { readonly application: Application }) {
  const t = useText(applicationMessages);
  const id = useId();
  const navigate = useNavigate();
  const { remove } = useApplicationActions(application.id);
  const [typed, setTyped] = useState<string>();
  const { name, projectId } = application;
  const removed = (): void => {
    toast(t('removed', { name }));
    navigate(`/projects/${projectId}`);
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

/** What ends an application for a while or for good. */
export function ApplicationDanger({ application }: { readonly application: Application }) {
  const t = useText(applicationMessages);
  const { setState } = useApplicationActions(application.id);
  const { name, state } = application;
  const isActive = state === 'active';
  const deactivated = (): void => {
    toast(t('deactivated', { name }), {
      action: { label: t('undo'), onClick: () => setState.mutate('active') },
    });
  };
  return (
    <section className="danger-zone" aria-labelledby="danger-title">
      <h2 id="danger-title">{t('danger')}</h2>
      <div className="danger-item">
        <div>
          <h3>{t(isActive ? 'deactivateTitle' : 'activateTitle')}</h3>
          <p className="muted">{t(isActive ? 'deactivateText' : 'activateText')}</p>
        </div>
        <Button
          isBusy={setState.isPending}
          onClick={() =>
            setState.mutate(isActive ? 'inactive' : 'active', isActive ? { onSuccess: deactivated } : {})
          }
        >
          {t(isActive ? 'deactivate' : 'activate')}
        </Button>
      </div>
      <div className="danger-item">
        <div>
          <h3>{t('removeTitle')}</h3>
          <p className="muted">{t('removeText')}</p>
        </div>
        <RemoveApplication application={application} />
      </div>
    </section>
  );
}
