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
import { ManagerRoles } from './manager-roles.tsx';
import { organizationMessages } from './messages.ts';
import { type ManagerLevel, useManagerRoles, useManagers } from './use-managers.ts';

type Manager = ResponseOf<Operations['listInstanceManagers']>['items'][number];
function AddManager({ level, objectId }: { readonly level: ManagerLevel; readonly objectId: string }) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const managers = useManagers(level, objectId);
  const [text, setText] = useState('');
  const [chosenRole, setRole] = useState<ManagerRoleName | ''>('');
  const search = useDeferredValue(text.trim());
  const users = useQuery({
    queryKey: ['users', 'choice', search],
    enabled: search.length > 1,
    queryFn: async ({ signal }) =>
      (await api.call('listUsers', { query: { search, limit: 8 }, signal })).data.items,
  });
  const fitting = useManagerRoles(level);
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
export function ManagerList({
  level,
  objectId,
}: {
  readonly level: ManagerLevel;
  readonly objectId: string;
}) {
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
        load={async ({ signal, ...page }) => (await managers.list(page, signal)).data}
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
          {
            label: t('role'),
            render: ({ userId, displayName, roles }) => (
              <div className="row">
                <code>{roles.join(', ')}</code>
                <ManagerRoles
                  {...{ level, objectId, userId, roles }}
                  name={displayName}
                  key={roles.join(' ')}
                />
              </div>
            ),
          },
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
