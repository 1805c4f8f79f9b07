import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { Link } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { ObjectList } from '../kit/object-list.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { useAction } from '../kit/use-action.ts';
import { peopleMessages } from './messages.ts';

type Consent = ResponseOf<Operations['listConsents']>['items'][number];

/** What a person has let applications have. */
export function UserConsents({ userId }: { readonly userId: string }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const remove = useAction(
    (applicationId: string) => api.call('removeConsent', { path: { userId, applicationId } }),
    ['consents', 'sessions'],
  );
  return (
    <ObjectList<Consent>
      label={t('consents')}
      queryKey={['consents', userId]}
      load={async ({ signal, ...query }) =>
        (await api.call('listConsents', { path: { userId }, query, signal })).data
      }
      idOf={({ applicationId }) => applicationId}
      empty={<p>{t('noConsents')}</p>}
      columns={[
        {
          label: t('application'),
          render: (each) => <Link to={`/applications/${each.applicationId}`}>{each.applicationName}</Link>,
        },
        { label: t('scopes'), render: ({ scopes }) => <code>{scopes.join(' ')}</code> },
        { label: t('since'), render: ({ createdAt }) => <RelativeTime time={createdAt} /> },
        {
          label: t('takeBack'),
          render: ({ applicationId }) => (
            <ConfirmDanger
              action={t('takeBack')}
              title={t('takeBackTitle')}
              consequences={t('takeBackText')}
              onConfirm={() => remove.mutate(applicationId)}
            />
          ),
        },
      ]}
    />
  );
}
