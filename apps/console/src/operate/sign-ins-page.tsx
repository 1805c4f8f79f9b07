import type { Operations, ResponseOf } from '@latchkey/contract/client';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { SelectField } from '../kit/field.tsx';
import { ObjectList } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { useFilter } from '../kit/use-filter.ts';
import { operateMessages } from './messages.ts';

type SignIn = ResponseOf<Operations['listSignIns']>['items'][number];

const refusals = [
  ['authorization.refused', 'refusedAuthorizations'],
  ['token.refused', 'refusedTokens'],
  ['client.refused', 'refusedClients'],
] as const;
const outcomes = ['succeeded', 'failed'] as const;

/** Sign-ins and failed attempts, newest first. */
export function SignInsPage() {
  const t = useText(operateMessages);
  const api = useApi();
  const [get, set] = useFilter();
  const outcome = outcomes.find((each) => each === get('outcome'));
  const userId = get('user');
  const query = { ...(outcome === undefined ? {} : { outcome }), ...(userId === '' ? {} : { userId }) };
  return (
    <div className="stack-large">
      <PageHeader title={t('signIns')} intro={t('signInsIntro')} />
      <p className="muted">
        {t('refusedBefore')}{' '}
        {refusals.map(([type, name], index) => (
          <Fragment key={type}>
            {index > 0 && ', '}
            <Link to={`/events?type=${type}`}>{t(name)}</Link>
          </Fragment>
        ))}
      </p>
      <div className="row list-tools">
        <SelectField
          label={t('outcome')}
          value={outcome ?? ''}
          options={[['', t('all')] as const, ...outcomes.map((each) => [each, t(each)] as const)]}
          onChange={(value) => set('outcome', value)}
        />
      </div>
      <ObjectList<SignIn>
        label={t('signIns')}
        queryKey={['sign-ins', query]}
        load={async ({ signal, ...page }) =>
          (await api.call('listSignIns', { query: { ...query, ...page, limit: 50 }, signal })).data
        }
        idOf={(signIn) => `${signIn.id} ${signIn.at}`}
        isNarrowed={outcome !== undefined || userId !== ''}
        empty={<p>{t('noSignIns')}</p>}
        refetchIntervalMs={5000}
        columns={[
          {
            label: t('user'),
            render: (signIn) => (
              <>
                <Link to={`/sign-ins/${signIn.id}`}>{signIn.displayName}</Link>
                <span className="second-line">{signIn.loginName}</span>
              </>
            ),
          },
          {
            label: t('outcome'),
            render: (signIn) => (
              <span className="status" data-state={signIn.outcome}>
                {t(signIn.outcome)}
              </span>
            ),
          },
          { label: t('application'), render: (signIn) => signIn.applicationName ?? '–' },
          { label: t('from'), render: (signIn) => <code>{signIn.ip ?? '–'}</code> },
          { label: t('when'), render: (signIn) => <RelativeTime time={signIn.at} /> },
        ]}
      />
    </div>
  );
}
