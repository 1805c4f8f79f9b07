import { useId, useState } from 'react';
import { useFormats } from '../i18n/format.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { errorText } from '../kit/problem-text.ts';
import { applicationMessages } from './messages.ts';
import type { Application } from './setting-field.ts';
import { useCredentials } from './use-applications.ts';

function save(name: string, content: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function UploadForm(props: { readonly isBusy: boolean; readonly onUpload: (pem: string) => void }) {
  const t = useText(applicationMessages);
  const id = useId();
  const [pem, setPem] = useState('');
  return (
    <details>
      <summary>{t('uploadKey')}</summary>
      <div className="stack-small">
        <label htmlFor={id}>{t('publicKey')}</label>
        <textarea
          id={id}
          className="input mono"
          rows={5}
          spellCheck={false}
          value={pem}
          onChange={(event) => setPem(event.target.value)}
        />
        <div>
          <Button isBusy={props.isBusy} onClick={() => props.onUpload(pem)}>
            {t('uploadKey')}
          </Button>
        </div>
      </div>
    </details>
  );
}

/** The keys of an application: a new pair with its file, a public key of one’s own, and taking one away. */
export function ApplicationKeys({ application }: { readonly application: Application }) {
  const t = useText(applicationMessages);
  const formats = useFormats();
  const { keys, addKey, removeKey } = useCredentials(application.id);
  const [doomed, setDoomed] = useState<string>();
  const keyFile = addKey.data?.keyFile;
  return (
    <div className="stack">
      <p className="muted">{t('keysText')}</p>
      <div className="row">
        <Button variant="primary" isBusy={addKey.isPending} onClick={() => addKey.mutate(undefined)}>
          {t('makeKey')}
        </Button>
      </div>
      <UploadForm isBusy={addKey.isPending} onUpload={(pem) => addKey.mutate(pem)} />
      {addKey.error !== null && (
        <p className="option-error" role="alert">
          {errorText(addKey.error)}
        </p>
      )}
      {keyFile !== undefined && keyFile !== null && (
        <div className="once" role="status">
          <h3>{t('newKeyTitle')}</h3>
          <p>{t('newKeyText')}</p>
          <Button variant="primary" onClick={() => save(`${keyFile.keyId}.json`, keyFile)}>
            {t('download')}
          </Button>
        </div>
      )}
      {keys.data?.length === 0 && <p className="muted">{t('keysNoneText')}</p>}
      <ul className="credential-list">
        {keys.data?.map(({ id, createdAt, expiresAt }) => (
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
                <span className="option-error">{t('removeKeyText')}</span>
                <Button variant="danger" onClick={() => removeKey.mutate(id)}>
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
