import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { Field, SelectField } from '../kit/field.tsx';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { operateMessages } from './messages.ts';

/** Says what introspection would answer to an API about a token, and why. */
export function ExplainPage() {
  const t = useText(operateMessages);
  const api = useApi();
  const [token, setToken] = useState('');
  const [chosen, setChosen] = useState('');
  const apis = useQuery({
    queryKey: ['applications', 'apis'],
    queryFn: async ({ signal }) =>
      (await api.call('listApplications', { query: { type: 'api', limit: 200 }, signal })).data.items,
  });
  const clientId = chosen === '' ? (apis.data?.[0]?.clientId ?? '') : chosen;
  const explain = useMutation({
    mutationFn: async () => (await api.call('explainToken', { body: { token, clientId } })).data,
  });
  const verdict = explain.data;
  return (
    <div className="stack-large">
      <PageHeader title={t('explain')} intro={t('explainIntro')} />
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          explain.mutate();
        }}
      >
        <SelectField
          label={t('clientId')}
          value={clientId}
          options={(apis.data ?? []).map(
            (each) => [each.clientId, `${each.name} (${each.projectName})`] as const,
          )}
          onChange={setChosen}
        />
        <Field label={t('token')} help={t('tokenHelp')}>
          {(control) => (
            <textarea
              {...control}
              className="textarea"
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        <div>
          <Button type="submit" variant="primary" isBusy={explain.isPending} disabled={token.trim() === ''}>
            {t('explainAction')}
          </Button>
        </div>
      </form>
      {explain.error !== null && <Failure error={explain.error} />}
      {verdict !== undefined && (
        <section className="stack" aria-live="polite">
          <h2>
            <span className="status" data-state={verdict.verdict === 'active' ? 'active' : 'locked'}>
              {t(verdict.verdict === 'active' ? 'isActive' : 'isInactive')}
            </span>
          </h2>
          <p>{verdict.summary}</p>
          <ol className="story">
            {verdict.checks.map((each) => (
              <li key={each.check} data-outcome={each.outcome}>
                <h3>{each.detail}</h3>
                {each.fix !== null && each.outcome === 'failed' && <p className="muted">{each.fix}</p>}
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
