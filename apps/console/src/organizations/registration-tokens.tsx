import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { SecretOnce } from '../kit/copy.tsx';
import { errorAt, SelectField, TextField } from '../kit/field.tsx';
import { useAction } from '../kit/use-action.ts';
import { organizationMessages } from './messages.ts';

const lifetimes = ['3600', '86400', '2592000'] as const;

/** Makes initial access tokens, with which clients register themselves (RFC 7591). */
export function RegistrationTokens() {
  const t = useText(organizationMessages);
  const formats = useFormats();
  const api = useApi();
  const [uses, setUses] = useState('1');
  const [lifetime, setLifetime] = useState<(typeof lifetimes)[number]>('86400');
  const [token, setToken] = useState<string>();
  const { data = [] } = useQuery({
    queryKey: ['registration-tokens'],
    queryFn: async ({ signal }) =>
      (await api.call('listRegistrationTokens', { query: { limit: 200 }, signal })).data.items,
  });
  const remove = useAction(
    (id: string) => api.call('removeRegistrationToken', { path: { registrationTokenId: id } }),
    ['registration-tokens'],
  );
  const create = useAction(async () => {
    const body = { uses: Number(uses), lifetimeSeconds: Number(lifetime) };
    setToken((await api.call('createRegistrationToken', { body })).data.token);
  }, ['registration-tokens']);
  return (
    <section className="stack-small">
      <h2>{t('registrationTokens')}</h2>
      <p className="muted">{t('registrationText')}</p>
      {token !== undefined && (
        <SecretOnce label={t('registrationToken')} value={token} fileName="initial-access-token.txt" />
      )}
      {data.map(({ id, usesLeft, expiresAt }) => (
        <div key={id} className="card row-between">
          <span>
            <code>{id}</code>
            <span className="second-line">
              {t('usesLeft', { count: usesLeft, time: formats.dateTime(expiresAt) })}
            </span>
          </span>
          <Button size="small" onClick={() => remove.mutate(id)}>
            {t('takeBack')}
          </Button>
        </div>
      ))}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField
          label={t('uses')}
          value={uses}
          onChange={setUses}
          error={errorAt(create.error, '/uses')}
          isRequired
        />
        <SelectField
          label={t('lifetime')}
          value={lifetime}
          options={lifetimes.map((each) => [each, formats.duration(Number(each))] as const)}
          onChange={setLifetime}
        />
        <Button type="submit" isBusy={create.isPending}>
          {t('makeToken')}
        </Button>
      </form>
    </section>
  );
}
