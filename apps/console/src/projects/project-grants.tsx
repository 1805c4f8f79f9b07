import { type FormEvent, useId, useState } from 'react';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { ManagerList } from '../organizations/manager-list.tsx';
import { projectMessages } from './messages.ts';
import {
  type Project,
  type ProjectGrant,
  useProjectActions,
  useProjectGrants,
  useRoles,
} from './use-projects.ts';

/** A new grant, or other roles for one. */
function GrantForm(props: {
  readonly project: Project;
  readonly grant?: ProjectGrant;
  readonly onDone: () => void;
}) {
  const { project, grant, onDone } = props;
  const t = useText(projectMessages);
  const id = useId();
  const roles = useRoles(project.id, '').data?.pages.flatMap((page) => page.items) ?? [];
  const { addGrant, changeGrant } = useProjectActions(project.id);
  const [organizationId, setOrganizationId] = useState('');
  const [roleKeys, setRoleKeys] = useState<readonly string[]>(grant?.roleKeys ?? []);
  const error = addGrant.error ?? changeGrant.error;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (grant === undefined)
      addGrant.mutate(
        { organizationId: organizationId.trim(), roleKeys: [...roleKeys] },
        { onSuccess: onDone },
      );
    else changeGrant.mutate({ grantId: grant.id, roleKeys: [...roleKeys] }, { onSuccess: onDone });
  };
  const toggle = (key: string): void =>
    setRoleKeys((before) =>
      before.includes(key) ? before.filter((each) => each !== key) : [...before, key],
    );
  const organization = grant?.organizationName ?? '';
  return (
    <form className="card stack" onSubmit={submit}>
      <h2>{grant === undefined ? t('addGrantTitle') : t('changeRolesTitle', { organization })}</h2>
      {grant === undefined ? (
        <div className="option">
          <label htmlFor={id} className="option-label">
            {t('grantOrganization')}
          </label>
          <input
            id={id}
            className="input mono"
            required
            inputMode="numeric"
            aria-describedby={`${id}-help`}
            value={organizationId}
            onChange={(event) => setOrganizationId(event.target.value)}
          />
          <p id={`${id}-help`} className="option-help">
            {t('grantOrganizationHelp')}
          </p>
        </div>
      ) : (
        <p className="muted">{t('narrowWarning')}</p>
      )}
      <fieldset className="stack-small">
        <legend className="option-label">{t('grantRoles')}</legend>
        {roles.length === 0 && <p className="muted">{t('noRoles')}</p>}
        {roles.map(({ key, displayName }) => (
          <label key={key} className="check">
            <input type="checkbox" checked={roleKeys.includes(key)} onChange={() => toggle(key)} />
            {displayName} <code>{key}</code>
          </label>
        ))}
      </fieldset>
      {error !== null && (
        <p className="option-error" role="alert">
          {errorText(error)}
        </p>
      )}
      <div className="row">
        <Button variant="primary" type="submit" isBusy={addGrant.isPending || changeGrant.isPending}>
          {t(grant === undefined ? 'addGrant' : 'save')}
        </Button>
        <Button variant="quiet" onClick={onDone}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  );
}

function GrantRow(props: {
  readonly project: Project;
  readonly grant: ProjectGrant;
  readonly onEdit: () => void;
  readonly onManagers: () => void;
}) {
  const { project, grant, onEdit, onManagers } = props;
  const t = useText(projectMessages);
  const { setGrantState, removeGrant } = useProjectActions(project.id);
  const [isDoomed, setDoomed] = useState(false);
  const { id: grantId, organizationName, roleKeys, state } = grant;
  const other = state === 'active' ? 'inactive' : 'active';
  const removed = (): unknown => toast(t('grantRemoved'));
  if (isDoomed)
    return (
      <li>
        <span>{organizationName}</span>
        <span className="option-error">{t('removeGrantText')}</span>
        <Button variant="danger" onClick={() => removeGrant.mutate(grantId, { onSuccess: removed })}>
          {t('remove')}
        </Button>
        <Button variant="quiet" onClick={() => setDoomed(false)}>
          {t('cancel')}
        </Button>
      </li>
    );
  return (
    <li>
      <span>{organizationName}</span>
      <code>{roleKeys.length === 0 ? t('noRolesGranted') : roleKeys.join(', ')}</code>
      <span className={`object-state object-state-${state}`}>{t(state)}</span>
      <Button variant="quiet" onClick={onEdit}>
        {t('changeRoles')}
      </Button>
      <Button variant="quiet" onClick={onManagers}>
        {t('showManagers')}
      </Button>
      <Button variant="quiet" onClick={() => setGrantState.mutate({ grantId, state: other })}>
        {t(state === 'active' ? 'deactivate' : 'activate')}
      </Button>
      <Button variant="quiet" onClick={() => setDoomed(true)}>
        {t('remove')}
      </Button>
    </li>
  );
}

/** The organizations a project is granted to. */
export function ProjectGrants({ project }: { readonly project: Project }) {
  const t = useText(projectMessages);
  const { data, hasNextPage, fetchNextPage } = useProjectGrants(project.id);
  const [edited, setEdited] = useState<ProjectGrant | 'new'>();
  const [managed, setManaged] = useState<ProjectGrant>();
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="stack">
      <div>
        <Button variant="primary" onClick={() => setEdited('new')}>
          {t('addGrant')}
        </Button>
      </div>
      {edited !== undefined && (
        <GrantForm
          key={edited === 'new' ? '' : edited.id}
          project={project}
          {...(edited === 'new' ? {} : { grant: edited })}
          onDone={() => setEdited(undefined)}
        />
      )}
      {data !== undefined && items.length === 0 && (
        <div className="list-empty">
          <h2>{t('grantsEmptyTitle')}</h2>
          <p className="muted">{t('grantsEmptyText')}</p>
        </div>
      )}
      <ul className="object-list">
        {items.map((grant) => (
          <GrantRow
            key={grant.id}
            project={project}
            grant={grant}
            onEdit={() => setEdited(grant)}
            onManagers={() => setManaged(managed?.id === grant.id ? undefined : grant)}
          />
        ))}
      </ul>
      {hasNextPage && <Button onClick={() => fetchNextPage()}>{t('more')}</Button>}
      {managed !== undefined && (
        <section
          className="stack-small"
          aria-label={t('grantManagers', { organization: managed.organizationName })}
        >
          <p className="muted">{t('grantManagers', { organization: managed.organizationName })}</p>
          <ManagerList level="project-grant" objectId={managed.id} />
        </section>
      )}
    </div>
  );
}
