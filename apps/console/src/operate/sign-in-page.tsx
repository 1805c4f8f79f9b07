import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { useApi } from '../api/use-api.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { operateMessages } from './messages.ts';

/** The story of a sign-in, step by step. */
export function SignInPage() {
  const t = useText(operateMessages);
  const api = useApi();
  const formats = useFormats();
  const { signInId = '' } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['sign-ins', signInId],
    queryFn: async ({ signal }) => (await api.call('getSignIn', { path: { signInId }, signal })).data,
    refetchInterval: 5000,
  });
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <div className="skeleton" />;
  return (
    <div className="stack-large">
      <PageHeader
        title={data.signIn.displayName}
        intro={`${data.signIn.loginName} · ${formats.dateTime(data.signIn.at)} · ${t(data.signIn.outcome)}`}
      />
      <ol className="story" aria-label={t('story')}>
        {data.steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no id and never change places
          <li key={index} data-outcome={step.outcome}>
            <h3>
              {step.title} <span className="visually-hidden">({t(step.outcome)})</span>
            </h3>
            <p className="muted">
              <time dateTime={step.at}>{formats.dateTime(step.at)}</time>
              {step.detail === null ? '' : ` · ${step.detail}`}
            </p>
            {step.claims !== undefined && (
              <details>
                <summary>{t('claims')}</summary>
                <dl className="facts">
                  {step.claims.map(({ name, reason }) => (
                    <div key={name} className="contents">
                      <dt>
                        <code>{name}</code>
                      </dt>
                      <dd>{reason}</dd>
                    </div>
                  ))}
                </dl>
              </details>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
