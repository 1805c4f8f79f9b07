import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useFormats } from '../i18n/format.ts';
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
const rsaSizes = ['2048', '3072', '4096'] as const;
const sizeOf = { '2048': 2048, '3072': 3072, '4096': 4096 } as const;
const nextWords = { next: 'signsFrom', active: 'followedAt', retiring: 'goneAt' } as const;
const stateWords = { next: 'next', active: 'signing', retiring: 'retiring', removed: 'removed' } as const;

/** The signing keys: what signs, what waits, what retires. */
export function KeysPage() {
  const t = useText(organizationMessages);
  const api = useApi();
  const formats = useFormats();
  const [algorithm, setAlgorithm] = useState<(typeof algorithms)[number]>('ES256');
  const {
    data = [],
    error,
    refetch,
  } = useQuery({
    queryKey: ['keys'],
    queryFn: async ({ signal }) => (await api.call('listWebKeys', { signal })).data.items,
  });
  const [bits, setBits] = useState<(typeof rsaSizes)[number]>('3072');
  const isRsa = /^[RP]S/.test(algorithm);
  const create = useAction(
    () => api.call('createWebKey', { body: { algorithm, ...(isRsa ? { rsaBits: sizeOf[bits] } : {}) } }),
    ['keys'],
  );
  const activate = useAction(
    ({ keyId, now }: { keyId: string; now: boolean }) =>
      api.call('activateWebKey', { path: { keyId }, body: { now } }),
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
                {key.rsaBits !== null && <span className="muted">{key.rsaBits}</span>}{' '}
                <span className="status" data-state={key.state === 'active' ? 'active' : 'inactive'}>
                  {t(stateWords[key.state])}
                </span>
              </span>
              <RelativeTime time={key.since} />
            </div>
            <code className="muted">{key.keyId}</code>
            {key.nextAt !== null && key.state !== 'removed' && (
              <p className="muted">{t(nextWords[key.state], { time: formats.dateTime(key.nextAt) })}</p>
            )}
            <div className="row">
              {key.state === 'next' && (
                <>
                  <Button size="small" onClick={() => activate.mutate({ keyId: key.keyId, now: false })}>
                    {t('activateKey')}
                  </Button>
                  <ConfirmDanger
                    action={t('activateNow')}
                    title={t('activateNowTitle')}
                    consequences={t('activateNowText')}
                    onConfirm={() => activate.mutate({ keyId: key.keyId, now: true })}
                  />
                </>
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
        {isRsa && (
          <SelectField
            label={t('rsaBits')}
            value={bits}
            options={rsaSizes.map((each) => [each, each] as const)}
            onChange={setBits}
          />
        )}
        <Button type="submit" isBusy={create.isPending}>
          {t('createKey')}
        </Button>
      </form>
    </div>
  );
}
