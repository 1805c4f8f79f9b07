import type { ManagerRoleName, Operations, ResponseOf } from '@latchkey/contract/client';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { SelectField, TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { ObjectList } from '../kit/object-list.tsx';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';

type Manager = ResponseOf<Operations['listInstanceManagers']>['items'][number];
type Level = 'instance' | 'organization' | 'project';

/** What can be done to the managers of an object. */
function useManagers(level: Level, objectId: string) {
  const api = useApi();
  return {
    list: async (query: { cursor?: string }, signal: AbortSignal) => {
      if (level === 'instance') return (await api.call('listInstanceManagers', { query, signal })).data;
      if (level === 'organization')
        return (
          await api.call('listOrganizationManagers', { path: { organizationId: objectId }, query, signal })
        ).data;
      return (await api.call('listProjectManagers', { path: { projectId: objectId }, query, signal })).data;
    },
    set: (userId: string, roles: ManagerRoleName[]) => {
      const body = { roles };
      if (level === 'instance') return api.call('setInstanceManager', { path: { userId }, body });
      if (level === 'organization')
        return api.call('setOrganizationManager', { path: { organizationId: objectId, userId }, body });
      return api.call('setProjectManager', { path: { projectId: objectId, userId }, body });
    },
    held: async (userId: string): Promise<readonly ManagerRoleName[]> => {
      const { items } = (await api.call('listMemberships', { path: { userId } })).data;
      return items
        .filter((each) => each.objectKind === level && (level === 'instance' || each.objectId === objectId))
        .flatMap(({ roles }) => roles);
    },
    remove: (userId: string) => {
      if (level === 'instance') return api.call('removeInstanceManager', { path: { userId } });
      if (level === 'organization')
        return api.call('removeOrganizationManager', { path: { organizationId: objectId, userId } });
      return api.call('removeProjectManager', { path: { projectId: objectId, userId } });
    },
  };
}

function AddManager({ level, objectId }: { readonly level: Level; readonly objectId: string }) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const managers = useManagers(level, objectId);
  const [text, setText] = useState('');
  const [chosenRole, setRole] = useState<ManagerRoleName | ''>('');
  const search = useDeferredValue(text.trim());
  const roles = useQuery({
    queryKey: ['manager-roles'],
    queryFn: async ({ signal }) => (await api.call('listManagerRoles', { signal })).data.items,
  });
  const users = useQuery({
    queryKey: ['users', 'choice', search],
    enabled: search.length > 1,
    queryFn: async ({ signal }) =>
      (await api.call('listUsers', { query: { search, limit: 8 }, signal })).data.items,
  });
  const fitting = (roles.data ?? []).filter((each) => each.level === level);
  const role = chosenRole === '' ? fitting[0]?.role : chosenRole;
  const add = useAction(
    async (userId: string) => {
      if (role === undefined) return;
      // What somebody holds here already stays.
      const held = await managers.held(userId);
      await managers.set(userId, [...new Set([...held, role])]);
    },
    ['managers'],
  );
  return (
    <div className="card stack-small">
      <SelectField
        label={t('role')}
        value={role ?? ''}
        options={fitting.map((each) => [each.role, `${each.role}: ${each.description}`] as const)}
        onChange={(value) => setRole(value === '' ? '' : value)}
      />
      <TextField label={t('person')} type="search" value={text} onChange={setText} />
      {(users.data ?? []).map((user) => (
        <div key={user.id} className="row-between">
          <span>
            {user.displayName} <span className="muted">{user.loginName}</span>
          </span>
          <Button size="small" isBusy={add.isPending} onClick={() => add.mutate(user.id)}>
            {kit('add')}
          </Button>
        </div>
      ))}
    </div>
  );
}

/** Who manages the instance, an organization or a project. */
export function ManagerList({ level, objectId }: { readonly level: Level; readonly objectId: string }) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const managers = useManagers(level, objectId);
  const [isAdding, setAdding] = useState(false);
  const remove = useAction((userId: string) => managers.remove(userId), ['managers']);
  return (
    <section className="stack-small">
      <div className="row-between">
        <h2>{t('managers')}</h2>
        <Button size="small" onClick={() => setAdding(!isAdding)}>
          {t('addManager')}
        </Button>
      </div>
      {isAdding && <AddManager level={level} objectId={objectId} />}
      <ObjectList<Manager>
        label={t('managers')}
        queryKey={['managers', level, objectId]}
        load={({ signal, ...page }) => managers.list(page, signal)}
        idOf={({ userId }) => userId}
        empty={<p>{t('noManagers')}</p>}
        columns={[
          {
            label: t('person'),
            render: ({ userId, displayName, loginName }) => (
              <>
                <Link to={`/users/${userId}`}>{displayName}</Link>
                <span className="second-line">{loginName}</span>
              </>
            ),
          },
          { label: t('role'), render: ({ roles }) => <code>{roles.join(', ')}</code> },
          {
            label: kit('remove'),
            render: ({ userId }) => (
              <ConfirmDanger
                action={kit('remove')}
                title={t('removeManagerTitle')}
                consequences={t('removeManagerText')}
                onConfirm={() => remove.mutate(userId)}
              />
            ),
          },
        ]}
      />
    </section>
  );
}
