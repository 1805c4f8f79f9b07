import type { Preferences, Source, Topic } from '@latchkey-examples/news-api/contract';
import { useState } from 'react';
import { describeFailure } from '../api/describe-failure.ts';
import { RowPlaces } from '../articles/article-list.tsx';
import { useSources, useTopics } from '../articles/use-catalog.ts';
import { useNotify } from '../frame/notices.tsx';
import { ProblemNote } from '../frame/problem-note.tsx';
import { HistorySwitch } from './history-switch.tsx';
import { type Attitude, attitudeTo, type CatalogKind, withAttitude } from './preference-changes.ts';
import type { Reader } from './reader-context.tsx';
import { ReaderPage } from './reader-page.tsx';
import { usePreferences } from './use-preferences.ts';

/** What a reader follows and mutes, and whether reading is recorded. */
export function PreferencesPage() {
  return (
    <ReaderPage title="Preferences" intro="Changes are stored as you make them and shape your feed at once.">
      {(reader) => <Form reader={reader} />}
    </ReaderPage>
  );
}

function Form({ reader }: { readonly reader: Reader }) {
  const { preferences, error, reload, change } = usePreferences(reader);
  const [status, setStatus] = useState('');
  const topics = useTopics().data?.items;
  const sources = useSources().data?.items;
  const notify = useNotify();
  const save = async (next: (before: Preferences) => Preferences) => {
    setStatus('Saving…');
    try {
      await change(next);
      setStatus('Saved');
    } catch (thrown) {
      setStatus('');
      const { title, advice } = describeFailure(thrown);
      notify({ kind: 'problem', title, advice });
    }
  };
  if (preferences === undefined)
    return error === undefined ? <RowPlaces count={3} /> : <ProblemNote error={error} onRetry={reload} />;
  const group = (kind: CatalogKind, title: string, entries: readonly (Topic | Source)[] | undefined) => (
    <section className="preference-group" aria-labelledby={`${kind}-title`}>
      <h2 className="section-title" id={`${kind}-title`}>
        {title}
      </h2>
      {entries?.map((entry) => (
        <AttitudeRow
          key={entry.key}
          kind={kind}
          entry={entry}
          value={attitudeTo(preferences, kind, entry.key)}
          onChange={(attitude) => void save((before) => withAttitude(before, kind, entry.key, attitude))}
        />
      ))}
    </section>
  );
  return (
    <>
      <p className="save-status" role="status" data-testid="preferences-status">
        {status}
      </p>
      {group('topic', 'Topics', topics)}
      {group('source', 'Sources', sources)}
      <HistorySwitch
        isOn={preferences.isHistoryOn}
        onChange={(isHistoryOn) => void save((before) => ({ ...before, isHistoryOn }))}
        reader={reader}
      />
    </>
  );
}

const choices: readonly { readonly value: Attitude; readonly label: string }[] = [
  { value: 'follow', label: 'Follow' },
  { value: 'neutral', label: 'Neutral' },
  { value: 'mute', label: 'Mute' },
];

interface AttitudeRowProps {
  readonly kind: CatalogKind;
  readonly entry: Topic | Source;
  readonly value: Attitude;
  readonly onChange: (attitude: Attitude) => void;
}

function AttitudeRow({ kind, entry, value, onChange }: AttitudeRowProps) {
  const name = `${kind}-${entry.key}`;
  return (
    <fieldset className="attitude">
      <legend>{entry.name}</legend>
      <p>{entry.description}</p>
      <div className="segments">
        {choices.map((choice) => (
          <label key={choice.value} data-attitude={choice.value}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={value === choice.value}
              onChange={() => onChange(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
