import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { SelectField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { useAction } from '../kit/use-action.ts';
import { peopleMessages } from './messages.ts';

function AddRoles({ userId }: { readonly userId: string }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const [projectId, setProjectId] = useState('');
  const [roleKeys, setRoleKeys] = useState<readonly string[]>([]);
  const projects = useQuery({
    queryKey: ['projects', 'choice'],
    queryFn: async ({ signal }) =>
      (await api.call('listProjects', { query: { sort: 'name', limit: 200 }, signal })).data.items.filter(
        (each) => !each.isSystem,
      ),
  });
  const chosen = projectId === '' ? (projects.data?.[0]?.id ?? '') : projectId;
  const roles = useQuery({
    queryKey: ['projects', chosen, 'roles', 'choice'],
    enabled: chosen !== '',
    queryFn: async ({ signal }) =>
      (await api.call('listRoles', { path: { projectId: chosen }, query: { limit: 200 }, signal })).data
        .items,
  });
  const add = useAction(
    () => api.call('createAuthorization', { body: { userId, projectId: chosen, roleKeys: [...roleKeys] } }),
    ['authorizations'],
  );
  const toggle = (key: string): void =>
    setRoleKeys(roleKeys.includes(key) ? roleKeys.filter((each) => each !== key) : [...roleKeys, key]);
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <SelectField
        label={t('project')}
        value={chosen}
        options={(projects.data ?? []).map((each) => [each.id, each.name] as const)}
        onChange={setProjectId}
      />
      <fieldset className="stack-small">
        <legend>{t('role')}</legend>
        {(roles.data ?? []).map(({ key, displayName }) => (
          <label key={key} className="row">
            <input type="checkbox" checked={roleKeys.includes(key)} onChange={() => toggle(key)} />{' '}
            {displayName}
          </label>
        ))}
      </fieldset>
      <div>
        <Button type="submit" isBusy={add.isPending} disabled={chosen === ''}>
          {t('addRoles')}
        </Button>
      </div>
    </form>
  );
}

/** The roles a user holds, by project. */
export function UserRoles({ userId }: { readonly userId: string }) {
  const t = useText(peopleMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const { data = [] } = useQuery({
    queryKey: ['authorizations', 'of', userId],
    queryFn: async ({ signal }) =>
      (await api.call('listAuthorizations', { query: { userId, limit: 200 }, signal })).data.items,
  });
  const remove = useAction(
    (authorizationId: string) => api.call('removeAuthorization', { path: { authorizationId } }),
    ['authorizations'],
  );
  return (
    <div className="stack">
      {data.length === 0 && <p className="muted">{t('noAuthorizations')}</p>}
      {data.map((each) => (
        <div key={each.id} className="card row-between">
          <span>
            <Link to={`/projects/${each.projectId}`}>{each.projectName}</Link>{' '}
            <code>{each.roleKeys.join(', ')}</code>
          </span>
          <Button size="small" variant="quiet" onClick={() => remove.mutate(each.id)}>
            {kit('remove')}
          </Button>
        </div>
      ))}
      <AddRoles userId={userId} />
    </div>
  );
}
