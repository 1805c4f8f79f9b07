import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { SecretOnce } from '../kit/copy.tsx';
import { SelectField } from '../kit/field.tsx';
import { kitMessages } from '../kit/messages.ts';
import { useAction } from '../kit/use-action.ts';
import { peopleMessages } from './messages.ts';
import type { User } from './user.ts';

interface Entry {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

function Entries(props: {
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly onRemove: (id: string) => void;
  readonly children: ReactNode;
}) {
  const { title, entries, onRemove, children } = props;
  const t = useText(peopleMessages);
  const kit = useText(kitMessages);
  const formats = useFormats();
  return (
    <section className="stack-small">
      <h2>{title}</h2>
      {entries.length === 0 && <p className="muted">{t('nothing')}</p>}
      {entries.map(({ id, createdAt, expiresAt }) => (
        <div key={id} className="card row-between">
          <span>
            <code>{id}</code>{' '}
            <span className="muted">
              {formats.date(createdAt)}
              {expiresAt === null ? '' : ` · ${t('expires')} ${formats.date(expiresAt)}`}
            </span>
          </span>
          <Button size="small" variant="quiet" onClick={() => onRemove(id)}>
            {kit('remove')}
          </Button>
        </div>
      ))}
      {children}
    </section>
  );
}

const overlaps = ['0', '3600', '86400'] as const;
const overlapWords = { '0': 'now', '3600': 'hour', '86400': 'day' } as const;

/** Secrets, keys and personal access tokens of a machine. */
export function MachineCredentials({ user }: { readonly user: User }) {
  const t = useText(peopleMessages);
  const api = useApi();
  const path = { userId: user.id };
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]>('0');
  const [shown, setShown] = useState<{
    readonly label: string;
    readonly value: string;
    readonly file: string;
  }>();
  const { data } = useQuery({
    queryKey: ['credentials', user.id],
    queryFn: async ({ signal }) => ({
      secrets: (await api.call('listUserSecrets', { path, signal })).data.items,
      keys: (await api.call('listUserKeys', { path, signal })).data.items,
      tokens: (await api.call('listPersonalAccessTokens', { path, signal })).data.items,
    }),
  });
  const names = ['credentials'];
  const rotate = useAction(async () => {
    const made = await api.call('createUserSecret', { path, body: { overlapSeconds: Number(overlap) } });
    setShown({ label: t('secret'), value: made.data.clientSecret, file: 'client-secret.txt' });
  }, names);
  const makeKey = useAction(async () => {
    const { keyFile } = (await api.call('createUserKey', { path, body: {} })).data;
    setShown({ label: t('keyFile'), value: JSON.stringify(keyFile, null, 2), file: 'key.json' });
  }, names);
  const makeToken = useAction(async () => {
    const made = await api.call('createPersonalAccessToken', { path, body: {} });
    setShown({ label: t('token'), value: made.data.token, file: 'token.txt' });
  }, names);
  const removeSecret = useAction(
    (secretId: string) => api.call('removeUserSecret', { path: { ...path, secretId } }),
    names,
  );
  const removeKey = useAction(
    (keyId: string) => api.call('removeUserKey', { path: { ...path, keyId } }),
    names,
  );
  const removeToken = useAction(
    (tokenId: string) => api.call('removePersonalAccessToken', { path: { ...path, tokenId } }),
    names,
  );
  return (
    <div className="stack-large">
      {shown !== undefined && <SecretOnce label={shown.label} value={shown.value} fileName={shown.file} />}
      <Entries title={t('secret')} entries={data?.secrets ?? []} onRemove={removeSecret.mutate}>
        <div className="row">
          <SelectField
            label={t('overlap')}
            value={overlap}
            options={overlaps.map((each) => [each, t(overlapWords[each])] as const)}
            onChange={setOverlap}
          />
          <Button isBusy={rotate.isPending} onClick={() => rotate.mutate()}>
            {t('rotate')}
          </Button>
        </div>
      </Entries>
      <Entries title={t('keys')} entries={data?.keys ?? []} onRemove={removeKey.mutate}>
        <div>
          <Button isBusy={makeKey.isPending} onClick={() => makeKey.mutate()}>
            {t('makeKey')}
          </Button>
        </div>
      </Entries>
      <Entries title={t('tokens')} entries={data?.tokens ?? []} onRemove={removeToken.mutate}>
        <div>
          <Button isBusy={makeToken.isPending} onClick={() => makeToken.mutate()}>
            {t('makeToken')}
          </Button>
        </div>
      </Entries>
    </div>
  );
}
