import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';
import { kitMessages } from './messages.ts';
import { Failure } from './object-list.tsx';
import { useAction } from './use-action.ts';

/** A value of metadata as the API holds it. */
export interface MetadataEntry {
  readonly key: string;
  /** Base64. */
  readonly value: string;
}

interface MetadataListProps {
  /** The first word names what is read again after a change. */
  readonly queryKey: readonly [string, ...string[]];
  readonly load: (signal: AbortSignal) => Promise<readonly MetadataEntry[]>;
  readonly set: (key: string, value: string) => Promise<unknown>;
  readonly remove: (key: string) => Promise<unknown>;
}

/** Text of a value; `undefined` when its bytes are no UTF-8. */
export function textOfValue(value: string): string | undefined {
  const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A text as the API takes it: base64 of its UTF-8 bytes. */
export function valueOfText(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

/** Keys and values somebody keeps beside a user or an organization. */
export function MetadataList({ queryKey, load, set, remove }: MetadataListProps) {
  const t = useText(kitMessages);
  const [key, setKey] = useState('');
  const [text, setText] = useState('');
  const {
    data = [],
    error,
    refetch,
  } = useQuery({ queryKey, queryFn: ({ signal }) => load(signal), structuralSharing: true });
  const refreshes = [queryKey[0]];
  const save = useAction(() => set(key.trim(), valueOfText(text)), refreshes);
  const drop = useAction((entry: MetadataEntry) => remove(entry.key), refreshes, {
    undo: (entry) => set(entry.key, entry.value),
  });
  if (error !== null) return <Failure error={error} retry={refetch} />;
  return (
    <section className="stack-small">
      <h2>{t('metadata')}</h2>
      <p className="muted">{t('metadataText')}</p>
      {data.map((entry) => (
        <div key={entry.key} className="card row-between">
          <span>
            <code>{entry.key}</code>
            <span className="second-line">{textOfValue(entry.value) ?? entry.value}</span>
          </span>
          <Button size="small" onClick={() => drop.mutate(entry)}>
            {t('remove')}
          </Button>
        </div>
      ))}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined, {
            onSuccess: () => {
              setKey('');
              setText('');
            },
          });
        }}
      >
        <TextField label={t('key')} value={key} onChange={setKey} isRequired />
        <TextField label={t('value')} value={text} onChange={setText} isRequired />
        <Button type="submit" isBusy={save.isPending}>
          {t('save')}
        </Button>
      </form>
    </section>
  );
}
