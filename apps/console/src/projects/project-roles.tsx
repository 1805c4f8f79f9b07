import { type FormEvent, useDeferredValue, useId, useState } from 'react';
import { useSearchParams } from 'react-router';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { projectMessages } from './messages.ts';
import { type Project, type Role, useProjectActions, useRoles } from './use-projects.ts';

function Field(props: {
  readonly label: string;
  readonly help?: string;
  readonly value: string;
  readonly isRequired?: true;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="option">
      <label htmlFor={id} className="option-label">
        {props.label}
      </label>
      <input
        id={id}
        className="input"
        required={props.isRequired === true}
        maxLength={200}
        aria-describedby={`${id}-help`}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <p id={`${id}-help`} className="option-help">
        {props.help ?? ''}
      </p>
    </div>
  );
}

/** A new role, or another name and group for one. */
function RoleForm(props: { readonly project: Project; readonly role?: Role; readonly onDone: () => void }) {
  const { project, role, onDone } = props;
  const t = useText(projectMessages);
  const { addRole, changeRole } = useProjectActions(project.id);
  const [key, setKey] = useState(role?.key ?? '');
  const [displayName, setDisplayName] = useState(role?.displayName ?? '');
  const [group, setGroup] = useState(role?.group ?? '');
  const error = addRole.error ?? changeRole.error;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const rest = { group: group.trim() === '' ? null : group };
    if (role !== undefined) changeRole.mutate({ key, displayName, ...rest }, { onSuccess: onDone });
    else
      addRole.mutate(
        { key, ...(displayName.trim() === '' ? {} : { displayName }), ...rest },
        { onSuccess: onDone },
      );
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <h2>{role === undefined ? t('addRoleTitle') : t('editRoleTitle', { key: role.key })}</h2>
      {role === undefined && (
        <Field label={t('roleKey')} help={t('roleKeyHelp')} value={key} isRequired onChange={setKey} />
      )}
      <Field label={t('displayName')} value={displayName} onChange={setDisplayName} />
      <Field label={t('group')} help={t('groupHelp')} value={group} onChange={setGroup} />
      {error !== null && (
        <p className="option-error" role="alert">
          {errorText(error)}
        </p>
      )}
      <div className="row">
        <Button variant="primary" type="submit" isBusy={addRole.isPending || changeRole.isPending}>
          {t(role === undefined ? 'addRole' : 'save')}
        </Button>
        <Button variant="quiet" onClick={onDone}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  );
}

function RoleRow(props: { readonly project: Project; readonly role: Role; readonly onEdit: () => void }) {
  const { project, role, onEdit } = props;
  const t = useText(projectMessages);
  const { removeRole } = useProjectActions(project.id);
  const [isDoomed, setDoomed] = useState(false);
  const { key, displayName, group } = role;
  const removed = (): unknown => toast(t('roleRemoved', { key }));
  return (
    <li>
      <span>{displayName}</span>
      <code>{key}</code>
      <span className="muted">{group}</span>
      {isDoomed ? (
        <>
          <span className="option-error">{t('removeRoleText')}</span>
          <Button
            variant="danger"
            isBusy={removeRole.isPending}
            onClick={() => removeRole.mutate(key, { onSuccess: removed })}
          >
            {t('remove')}
          </Button>
          <Button variant="quiet" onClick={() => setDoomed(false)}>
            {t('cancel')}
          </Button>
        </>
      ) : (
        <>
          <Button variant="quiet" onClick={onEdit}>
            {t('edit')}
          </Button>
          <Button variant="quiet" onClick={() => setDoomed(true)}>
            {t('remove')}
          </Button>
        </>
      )}
    </li>
  );
}

/** The roles of a project. */
export function ProjectRoles({ project }: { readonly project: Project }) {
  const t = useText(projectMessages);
  const [params, setParams] = useSearchParams();
  const search = params.get('search') ?? '';
  const { data, hasNextPage, fetchNextPage } = useRoles(project.id, useDeferredValue(search));
  const [edited, setEdited] = useState<Role | 'new'>();
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const onSearch = (value: string): void =>
    setParams({ tab: 'roles', ...(value === '' ? {} : { search: value }) }, { replace: true });
  return (
    <div className="stack">
      <div className="row list-tools">
        <input
          className="input"
          type="search"
          aria-label={t('searchRoles')}
          placeholder={t('searchRoles')}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
        <Button variant="primary" onClick={() => setEdited('new')}>
          {t('addRole')}
        </Button>
      </div>
      {edited !== undefined && (
        <RoleForm
          key={edited === 'new' ? '' : edited.key}
          project={project}
          {...(edited === 'new' ? {} : { role: edited })}
          onDone={() => setEdited(undefined)}
        />
      )}
      {data !== undefined && items.length === 0 && (
        <div className="list-empty">
          <h2>{t('rolesEmptyTitle')}</h2>
          <p className="muted">{t('rolesEmptyText')}</p>
        </div>
      )}
      <ul className="object-list">
        {items.map((role) => (
          <RoleRow key={role.key} project={project} role={role} onEdit={() => setEdited(role)} />
        ))}
      </ul>
      {hasNextPage && <Button onClick={() => fetchNextPage()}>{t('more')}</Button>}
    </div>
  );
}
