import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { Link } from 'react-router';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { kitMessages } from '../kit/messages.ts';
import { ObjectList } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { StatusDot } from '../kit/status.tsx';
import { useFilter } from '../kit/use-filter.ts';
import { peopleMessages } from './messages.ts';

type Authorization = ResponseOf<Operations['listAuthorizations']>['items'][number];

/** Who holds which roles in which project. */
export function AuthorizationsPage() {
  const t = useText(peopleMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const [get] = useFilter();
  const projectId = get('project');
  const within = useOrganizationFilter();
  const query = { ...within, ...(projectId === '' ? {} : { projectId }) };
  return (
    <div className="stack-large">
      <PageHeader title={t('authorizations')} intro={t('authorizationsIntro')} />
      <ObjectList<Authorization>
        label={t('authorizations')}
        queryKey={['authorizations', 'list', query]}
        load={async ({ signal, ...page }) =>
          (await api.call('listAuthorizations', { query: { ...query, ...page }, signal })).data
        }
        idOf={({ id }) => id}
        isNarrowed={projectId !== ''}
        empty={<p>{t('noAuthorizations')}</p>}
        columns={[
          {
            label: t('name'),
            render: (each) => (
              <>
                <Link to={`/users/${each.userId}?tab=roles`}>{each.userDisplayName}</Link>
                <span className="second-line">{each.userLoginName}</span>
              </>
            ),
          },
          {
            label: t('project'),
            render: (each) => <Link to={`/projects/${each.projectId}`}>{each.projectName}</Link>,
          },
          { label: t('role'), render: (each) => <code>{each.roleKeys.join(', ')}</code> },
          { label: kit('state'), render: (each) => <StatusDot state={each.state} /> },
        ]}
      />
    </div>
  );
}
