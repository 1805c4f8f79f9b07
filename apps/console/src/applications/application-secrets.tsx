import { useId, useState } from 'react';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { CopyValue } from '../kit/copy.tsx';
import { errorText } from '../kit/problem-text.ts';
import { applicationMessages } from './messages.ts';
import type { Application } from './setting-field.ts';
import { useCredentials } from './use-applications.ts';

const overlaps = [0, 3600, 86_400, 604_800, 2_592_000] as const;

function RotateForm(props: {
  readonly isBusy: boolean;
  readonly onRotate: (overlapSeconds: number) => void;
}) {
  const t = useText(applicationMessages);
  const id = useId();
  const [overlap, setOverlap] = useState<number>(86_400);
  return (
    <div className="inline-form">
      <label htmlFor={id}>{t('overlap')}</label>
      <select
        id={id}
        className="select"
        value={overlap}
        onChange={(event) => setOverlap(Number(event.target.value))}
      >
        {overlaps.map((seconds) => (
          <option key={seconds} value={seconds}>
            {t(`overlap${seconds}`)}
          </option>
        ))}
      </select>
      <Button variant="primary" isBusy={props.isBusy} onClick={() => props.onRotate(overlap)}>
        {t('rotate')}
      </Button>
    </div>
  );
}

/** The secrets of an application: when each ends, a new one, and taking one away. */
export function ApplicationSecrets({ application }: { readonly application: Application }) {
  const t = useText(applicationMessages);
  const formats = useFormats();
  const { secrets, rotate, removeSecret } = useCredentials(application.id);
  const [doomed, setDoomed] = useState<string>();
  if (!application.authMethod.startsWith('client_secret_'))
    return <p className="muted">{t('secretsUnused', { method: application.authMethod })}</p>;
  return (
    <div className="stack">
      <p className="muted">{t('rotateText')}</p>
      <RotateForm isBusy={rotate.isPending} onRotate={(seconds) => rotate.mutate(seconds)} />
      {rotate.error !== null && (
        <p className="option-error" role="alert">
          {errorText(rotate.error)}
        </p>
      )}
      {rotate.data !== undefined && (
        <div className="once" role="status">
          <h3>{t('newSecretTitle')}</h3>
          <CopyValue label={t('clientSecret')} value={rotate.data.clientSecret} />
          <p>{t('secretOnce')}</p>
          <Button variant="quiet" onClick={() => rotate.reset()}>
            {t('done')}
          </Button>
        </div>
      )}
      {secrets.data?.length === 0 && <p className="option-error">{t('secretsNone')}</p>}
      <ul className="credential-list">
        {secrets.data?.map(({ id, createdAt, expiresAt }) => (
          <li key={id}>
            <code>{id}</code>
            <span className="muted">
              {t('created')} {formats.dateTime(createdAt)}
            </span>
            <span>
              {t('ends')} {expiresAt === null ? t('never') : formats.dateTime(expiresAt)}
            </span>
            {doomed === id ? (
              <>
                <span className="option-error">{t('removeSecretText')}</span>
                <Button variant="danger" onClick={() => removeSecret.mutate(id)}>
                  {t('remove')}
                </Button>
                <Button variant="quiet" onClick={() => setDoomed(undefined)}>
                  {t('cancel')}
                </Button>
              </>
            ) : (
              <Button variant="quiet" onClick={() => setDoomed(id)}>
                {t('remove')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
