import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Failure } from '../kit/object-list.tsx';
import { peopleMessages } from './messages.ts';

const addresses = {
  instance: () => '/managers',
  organization: (id: string) => `/organizations/${id}`,
  project: (id: string) => `/projects/${id}?tab=managers`,
  'project-grant': () => '/projects',
} as const;
const words = {
  instance: 'theInstance',
  organization: 'anOrganization',
  project: 'aProject',
  'project-grant': 'aProjectGrant',
} as const;

/** What a user manages, and as what. */
export function UserMemberships({ userId }: { readonly userId: string }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const {
    data = [],
    error,
    refetch,
  } = useQuery({
    queryKey: ['managers', 'of', userId],
    queryFn: async ({ signal }) =>
      (await api.call('listMemberships', { path: { userId }, signal })).data.items,
  });
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (data.length === 0) return <p className="muted">{t('managesNothing')}</p>;
  return (
    <dl className="facts">
      {data.map(({ objectKind, objectId, roles }) => (
        <div key={`${objectKind} ${objectId}`} className="contents">
          <dt>
            <Link to={addresses[objectKind](objectId)}>{t(words[objectKind])}</Link>
            {objectKind !== 'instance' && <code className="second-line">{objectId}</code>}
          </dt>
          <dd>
            <code>{roles.join(', ')}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}
