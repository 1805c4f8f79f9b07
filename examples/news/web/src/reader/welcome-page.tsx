import { useAuth } from '@latchkey/react';
import { type FormEvent, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { RowPlaces } from '../articles/article-list.tsx';
import { useTopics } from '../articles/use-catalog.ts';
import { ProblemNote } from '../frame/problem-note.tsx';
import type { Reader } from './reader-context.tsx';
import { ReaderPage } from './reader-page.tsx';
import { usePreferences } from './use-preferences.ts';

/** The first choice of topics, after the first sign-in. */
export function WelcomePage() {
  const { user } = useAuth();
  const name = user?.givenName ?? user?.name;
  return (
    <ReaderPage
      title={name === undefined ? 'Welcome' : `Welcome, ${name}`}
      intro="What would you like to read about? You can change this at any time."
    >
      {(reader) => <Choice reader={reader} />}
    </ReaderPage>
  );
}

function Choice({ reader }: { readonly reader: Reader }) {
  const topics = useTopics();
  const { preferences, error, reload, change } = usePreferences(reader);
  const [chosen, setChosen] = useState<readonly string[]>();
  const [failure, setFailure] = useState<unknown>();
  const navigate = useNavigate();
  const from = useOrigin();
  const keys = chosen ?? preferences?.topics ?? [];
  const toggle = (key: string) =>
    setChosen(keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key]);
  const store = async (topicKeys: readonly string[], path: string) => {
    setFailure(undefined);
    try {
      await change((before) => ({ ...before, topics: [...topicKeys] }));
      await navigate(path, { replace: true });
    } catch (thrown) {
      setFailure(thrown);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void store(keys, '/for-you');
  };
  const problem = failure ?? error ?? topics.error;
  if (preferences === undefined || topics.data === undefined) {
    const retry = () => {
      if (preferences === undefined) reload();
      if (topics.data === undefined) topics.reload();
    };
    return problem === undefined ? <RowPlaces count={3} /> : <ProblemNote error={problem} onRetry={retry} />;
  }
  return (
    <form onSubmit={submit} className="welcome">
      <fieldset className="topic-choice">
        <legend className="visually-hidden">Topics</legend>
        {topics.data.items.map((topic) => (
          <label key={topic.key}>
            <input type="checkbox" checked={keys.includes(topic.key)} onChange={() => toggle(topic.key)} />
            <span>
              <strong>{topic.name}</strong>
              {topic.description}
            </span>
          </label>
        ))}
      </fieldset>
      {failure === undefined ? null : (
        <ProblemNote error={failure} onRetry={() => void store(keys, '/for-you')} />
      )}
      <div className="form-buttons">
        <button type="submit" className="button button-primary" data-testid="choose-topics">
          {keys.length === 0 ? 'Continue without topics' : 'Show my feed'}
        </button>
        <button
          type="button"
          className="button-link"
          data-testid="skip-topics"
          onClick={() => void store([], from)}
        >
          Not now
        </button>
      </div>
    </form>
  );
}

// Where the reader wanted to go before the choice.
function useOrigin(): string {
  const state: unknown = useLocation().state;
  const from: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, 'from') : undefined;
  return typeof from === 'string' && from.startsWith('/') ? from : '/';
}
