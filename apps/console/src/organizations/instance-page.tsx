import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { ConfirmDanger } from '../kit/confirm-danger.tsx';
import { CopyValue } from '../kit/copy.tsx';
import { TextField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { Failure } from '../kit/object-list.tsx';
import { PageHeader } from '../kit/page-header.tsx';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';
import { RegistrationTokens } from './registration-tokens.tsx';

function Addresses() {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const [origin, setOrigin] = useState('');
  const { data = [] } = useQuery({
    queryKey: ['instance', 'domains'],
    queryFn: async ({ signal }) => (await api.call('listInstanceDomains', { signal })).data.items,
  });
  const add = useAction(() => api.call('addInstanceDomain', { body: { origin } }), ['instance']);
  const remove = useAction(
    (host: string) => api.call('removeInstanceDomain', { path: { host } }),
    ['instance'],
  );
  return (
    <section className="stack-small">
      <h2>{t('addresses')}</h2>
      {data.map((each) => (
        <div key={each.host} className="card row-between">
          <span>
            <code>{each.origin}</code> {each.isPrimary && <span className="muted">{t('primary')}</span>}
          </span>
          {!each.isPrimary && (
            <ConfirmDanger
              action={kit('remove')}
              title={t('removeAddressTitle')}
              consequences={t('removeAddressText')}
              onConfirm={() => remove.mutate(each.host)}
            />
          )}
        </div>
      ))}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined, { onSuccess: () => setOrigin('') });
        }}
      >
        <TextField label={t('addAddress')} help={t('addressHelp')} value={origin} onChange={setOrigin} />
        <Button type="submit" isBusy={add.isPending}>
          {kit('add')}
        </Button>
      </form>
    </section>
  );
}

/** The instance: its name and addresses. */
export function InstancePage() {
  const t = useText(organizationMessages);
  const kit = useText(kitMessages);
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ['instance'],
    queryFn: ({ signal }) => api.call('getInstance', { signal }),
  });
  const [typed, setTyped] = useState<string | undefined>();
  const rename = useAction(
    (name: string) =>
      api.call('updateInstance', {
        body: { name },
        ...(data?.etag === undefined ? {} : { ifMatch: data.etag }),
      }),
    ['instance'],
  );
  if (error !== null) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <div className="skeleton" />;
  const name = typed ?? data.data.name;
  return (
    <div className="stack-large">
      <PageHeader title={t('instance')} intro={t('instanceIntro')} />
      <div className="stack-small">
        <CopyValue label={t('issuer')} value={data.data.issuer} />
        <CopyValue label="ID" value={data.data.id} />
      </div>
      <form
        className="stack-small"
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate(name, { onSuccess: () => setTyped(undefined) });
        }}
      >
        <TextField label={t('name')} value={name} onChange={setTyped} />
        <div>
          <Button
            type="submit"
            isBusy={rename.isPending}
            disabled={typed === undefined || typed === data.data.name}
          >
            {kit('save')}
          </Button>
        </div>
      </form>
      <Addresses />
      <RegistrationTokens />
    </div>
  );
}
