import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { useState } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { ObjectList } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { StatusDot } from '../kit/status.tsx';
import { useAction } from '../kit/use-action.ts';
import { useFilter } from '../kit/use-filter.ts';
import { organizationMessages } from './messages.ts';

type Organization = ResponseOf<Operations['getOrganization']>;

function CreateOrganization({ onDone }: { readonly onDone: () => void }) {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const [name, setName] = useState('');
  const create = useAction(() => api.call('createOrganization', { body: { name } }), ['organizations']);
  return (
    <form
      className="card stack-small"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <TextField label={t('name')} value={name} onChange={setName} isRequired />
      <div className="row">
        <Button type="submit" variant="primary" isBusy={create.isPending}>
          {t('create')}
        </Button>
        <Button variant="quiet" onClick={onDone}>
          {kit('cancel')}
        </Button>
      </div>
    </form>
  );
}

/** The organizations somebody may see. */
export function OrganizationsPage() {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const formats = useFormats();
  const [get, set] = useFilter();
  const search = get('search');
  return (
    <div className="stack-large">
      <PageHeader
        title={t('title')}
        intro={t('intro')}
        action={
          <Button variant="primary" onClick={() => set('create', 'yes')}>
            {t('create')}
          </Button>
        }
      />
      {get('create') === 'yes' && <CreateOrganization onDone={() => set('create', '')} />}
      <div className="row list-tools">
        <input
          className="input"
          type="search"
          aria-label={kit('search')}
          placeholder={kit('search')}
          value={search}
          onChange={(event) => set('search', event.target.value)}
        />
      </div>
      <ObjectList<Organization>
        label={t('title')}
        queryKey={['organizations', 'list', search]}
        load={async ({ signal, ...page }) =>
          (await api.call('listOrganizations', { query: { ...page, sort: 'name', search }, signal })).data
        }
        idOf={({ id }) => id}
        isNarrowed={search !== ''}
        empty={<p>{t('empty')}</p>}
        columns={[
          {
            label: t('name'),
            render: ({ id, name, isSystem }) => (
              <>
                <Link to={`/organizations/${id}`}>{name}</Link>
                {isSystem && <span className="second-line">{t('system')}</span>}
              </>
            ),
          },
          { label: t('domain'), render: ({ primaryDomain }) => <code>{primaryDomain}</code> },
          {
            label: t('users'),
            render: ({ userCount }) => <span className="numeric">{formats.number(userCount)}</span>,
          },
          {
            label: t('projects'),
            render: ({ projectCount }) => <span className="numeric">{formats.number(projectCount)}</span>,
          },
          { label: kit('state'), render: ({ state }) => <StatusDot state={state} /> },
        ]}
      />
    </div>
  );
}
