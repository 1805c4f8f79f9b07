import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { Link } from 'react-router';
import { useOrganizationFilter } from '../api/chosen-organization.ts';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ObjectList } from '../kit/object-list.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { useAction } from '../kit/use-action.ts';
import { peopleMessages } from './messages.ts';

type Session = ResponseOf<Operations['listSessions']>['items'][number];

/** Live sessions, of one user or of all somebody may see. */
export function SessionList({ userId }: { readonly userId?: string }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const end = useAction((sessionId: string) => api.call('endSession', { path: { sessionId } }), ['sessions']);
  const endAll = useAction(
    (id: string) => api.call('endUserSessions', { path: { userId: id } }),
    ['sessions'],
  );
  const within = useOrganizationFilter();
  const query = userId === undefined ? within : { userId };
  return (
    <div className="stack">
      <ObjectList<Session>
        label={t('sessions')}
        queryKey={['sessions', query]}
        load={async ({ signal, ...page }) =>
          (await api.call('listSessions', { query: { ...query, ...page }, signal })).data
        }
        idOf={({ id }) => id}
        empty={<p>{t('noSessions')}</p>}
        columns={[
          {
            label: t('name'),
            render: (session) => (
              <>
                <Link to={`/users/${session.userId}`}>{session.userDisplayName}</Link>
                <span className="second-line">{session.userLoginName}</span>
              </>
            ),
          },
          {
            label: t('device'),
            render: (session) => (
              <>
                {session.device}
                <span className="second-line">{session.ip}</span>
              </>
            ),
          },
          { label: t('lastSeen'), render: (session) => <RelativeTime time={session.lastSeenAt} /> },
          {
            label: t('end'),
            render: (session) => (
              <Button size="small" onClick={() => end.mutate(session.id)}>
                {t('end')}
              </Button>
            ),
          },
        ]}
      />
      {userId !== undefined && (
        <div>
          <Button
            variant="danger"
            size="small"
            isBusy={endAll.isPending}
            onClick={() => endAll.mutate(userId)}
          >
            {t('endAll')}
          </Button>
        </div>
      )}
    </div>
  );
}
