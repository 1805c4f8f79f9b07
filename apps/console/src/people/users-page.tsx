import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { Link, useNavigate } from 'react-router';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { SelectField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { ObjectList } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { RelativeTime, StatusDot } from '../kit/status.tsx';
import { useFilter } from '../kit/use-filter.ts';
import { BulkUsers } from './bulk-users.tsx';
import { CreateUser } from './create-user.tsx';
import { peopleMessages } from './messages.ts';

type User = ResponseOf<Operations['listUsers']>['items'][number];

const kinds = ['human', 'machine'] as const;
const states = ['active', 'inactive', 'locked'] as const;

/** People and machines. The address holds search, filters and order. */
export function UsersPage() {
  const t = useText(peopleMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const navigate = useNavigate();
  const [get, set] = useFilter();
  const search = get('search');
  const kind = kinds.find((each) => each === get('kind'));
  const state = states.find((each) => each === get('state'));
  const within = useOrganizationFilter();
  const query = {
    ...within,
    ...(search === '' ? {} : { search }),
    ...(kind === undefined ? {} : { kind }),
    ...(state === undefined ? {} : { state }),
  };
  return (
    <div className="stack-large">
      <PageHeader
        title={t('users')}
        intro={t('usersIntro')}
        action={
          <Button variant="primary" onClick={() => set('create', 'yes')}>
            {t('create')}
          </Button>
        }
      />
      {get('create') === 'yes' && (
        <CreateUser onDone={(id) => (id === undefined ? set('create', '') : navigate(`/users/${id}`))} />
      )}
      <div className="row list-tools">
        <input
          className="input"
          type="search"
          aria-label={kit('search')}
          placeholder={kit('search')}
          value={search}
          onChange={(event) => set('search', event.target.value)}
        />
        <SelectField
          label={t('kind')}
          value={kind ?? ''}
          options={[['', kit('any')] as const, ...kinds.map((each) => [each, t(each)] as const)]}
          onChange={(value) => set('kind', value)}
        />
        <SelectField
          label={kit('state')}
          value={state ?? ''}
          options={[['', kit('any')] as const, ...states.map((each) => [each, kit(each)] as const)]}
          onChange={(value) => set('state', value)}
        />
      </div>
      <ObjectList<User>
        label={t('users')}
        queryKey={['users', 'list', query]}
        load={async ({ signal, ...page }) =>
          (await api.call('listUsers', { query: { ...query, ...page }, signal })).data
        }
        idOf={({ id }) => id}
        isNarrowed={search !== '' || kind !== undefined || state !== undefined}
        nameOf={({ displayName }) => displayName}
        bulk={(chosen, onDone) => <BulkUsers userIds={chosen.map(({ id }) => id)} onDone={onDone} />}
        empty={<p>{t('noUsers')}</p>}
        columns={[
          {
            label: t('name'),
            render: ({ id, displayName, loginName }) => (
              <>
                <Link to={`/users/${id}`}>{displayName}</Link>
                <span className="second-line">{loginName}</span>
              </>
            ),
          },
          { label: t('kind'), render: (user) => t(user.kind) },
          { label: t('organization'), render: ({ organizationName }) => organizationName },
          { label: kit('state'), render: (user) => <StatusDot state={user.state} /> },
          { label: kit('created'), render: ({ createdAt }) => <RelativeTime time={createdAt} /> },
        ]}
      />
    </div>
  );
}
