import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { SelectField } from '../kit/field.tsx';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { RelativeTime } from '../kit/status.tsx';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';

const algorithms = ['ES256', 'RS256', 'EdDSA', 'ES384', 'ES512', 'PS256', 'RS384', 'RS512'] as const;
const stateWords = { next: 'next', active: 'signing', retiring: 'retiring', removed: 'removed' } as const;

/** The signing keys: what signs, what waits, what retires. */
export function KeysPage() {
  const t = useText(organizationMessages);
  const api = useApi();
  const [algorithm, setAlgorithm] = useState<(typeof algorithms)[number]>('ES256');
  const {
    data = [],
    error,
    refetch,
  } = useQuery({
    queryKey: ['keys'],
    queryFn: async ({ signal }) => (await api.call('listWebKeys', { signal })).data.items,
  });
  const create = useAction(() => api.call('createWebKey', { body: { algorithm } }), ['keys']);
  const activate = useAction(
    (keyId: string) => api.call('activateWebKey', { path: { keyId }, body: {} }),
    ['keys'],
  );
  const retire = useAction((keyId: string) => api.call('retireWebKey', { path: { keyId } }), ['keys']);
  const revoke = useAction((keyId: string) => api.call('revokeWebKey', { path: { keyId } }), ['keys']);
  if (error !== null) return <Failure error={error} retry={refetch} />;
  return (
    <div className="stack-large">
      <PageHeader title={t('keys')} intro={t('keysIntro')} />
      <div className="stack-small">
        {data.map((key) => (
          <div key={key.keyId} className="card stack-small">
            <div className="row-between">
              <span>
                <strong>{key.algorithm}</strong>{' '}
                <span className="status" data-state={key.state === 'active' ? 'active' : 'inactive'}>
                  {t(stateWords[key.state])}
                </span>
              </span>
              <RelativeTime time={key.since} />
            </div>
            <code className="muted">{key.keyId}</code>
            <div className="row">
              {key.state === 'next' && (
                <Button size="small" onClick={() => activate.mutate(key.keyId)}>
                  {t('activateKey')}
                </Button>
              )}
              {(key.state === 'next' || key.state === 'active') && (
                <Button size="small" onClick={() => retire.mutate(key.keyId)}>
                  {t('retireKey')}
                </Button>
              )}
              <ConfirmDanger
                action={t('revokeKey')}
                title={t('revokeTitle')}
                consequences={t('revokeText')}
                name={key.algorithm}
                onConfirm={() => revoke.mutate(key.keyId)}
              />
            </div>
          </div>
        ))}
      </div>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <SelectField
          label={t('algorithm')}
          value={algorithm}
          options={algorithms.map((each) => [each, each] as const)}
          onChange={setAlgorithm}
        />
        <Button type="submit" isBusy={create.isPending}>
          {t('createKey')}
        </Button>
      </form>
    </div>
  );
}
