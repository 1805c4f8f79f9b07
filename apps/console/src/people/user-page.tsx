import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { CopyValue } from '../kit/copy.tsx';
import { MetadataList } from '../kit/metadata-list.tsx';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { StatusDot } from '../kit/status.tsx';
import { MachineCredentials } from './machine-credentials.tsx';
import { peopleMessages } from './messages.ts';
import { SessionList } from './session-list.tsx';
import { UserConsents } from './user-consents.tsx';
import { UserMemberships } from './user-memberships.tsx';
import { UserProfile } from './user-profile.tsx';
import { UserRoles } from './user-roles.tsx';
import { UserSecurity } from './user-security.tsx';

const tabs = [
  'profile',
  'roles',
  'sessions',
  'credentials',
  'security',
  'metadata',
  'consents',
  'memberships',
] as const;

/** A person or machine: profile, roles, sessions, credentials, security. The address holds the tab. */
export function UserPage() {
  const t = useText(peopleMessages);
  const api = useApi();
  const { userId = '' } = useParams();
  const [params] = useSearchParams();
  const tab = tabs.find((each) => each === params.get('tab')) ?? 'profile';
  const { data, error, refetch } = useQuery({
    queryKey: ['users', userId],
    queryFn: ({ signal }) => api.call('getUser', { path: { userId }, signal }),
  });
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <div className="skeleton" />;
  const user = data.data;
  const hidden = user.kind === 'human' ? ['credentials'] : ['sessions', 'consents'];
  const shown = tabs.filter((each) => !hidden.includes(each));
  const path = { userId: user.id };
  return (
    <div className="stack-large">
      <PageHeader title={user.displayName} intro={user.loginName} action={<StatusDot state={user.state} />} />
      <div className="row">
        <CopyValue label="ID" value={user.id} />
        <Link to={`/events?object=${user.id}`}>{t('history')}</Link>
        {user.kind === 'human' && <Link to={`/sign-ins?user=${user.id}`}>{t('signIns')}</Link>}
      </div>
      <nav className="tabs" aria-label={user.displayName}>
        {shown.map((each) => (
          <Link key={each} to={`?tab=${each}`} replace aria-current={each === tab ? 'page' : undefined}>
            {t(each)}
          </Link>
        ))}
      </nav>
      {tab === 'profile' && <UserProfile key={data.etag} user={user} etag={data.etag} />}
      {tab === 'roles' && <UserRoles userId={user.id} />}
      {tab === 'sessions' && <SessionList userId={user.id} />}
      {tab === 'credentials' && <MachineCredentials user={user} />}
      {tab === 'security' && <UserSecurity user={user} />}
      {tab === 'metadata' && (
        <MetadataList
          queryKey={['users', user.id, 'metadata']}
          load={async (signal) =>
            (await api.call('listUserMetadata', { path, query: { limit: 200 }, signal })).data.items
          }
          set={(key, value) => api.call('setUserMetadata', { path: { ...path, key }, body: { value } })}
          remove={(key) => api.call('removeUserMetadata', { path: { ...path, key } })}
        />
      )}
      {tab === 'consents' && <UserConsents userId={user.id} />}
      {tab === 'memberships' && <UserMemberships userId={user.id} />}
    </div>
  );
}
