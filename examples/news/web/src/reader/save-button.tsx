import { type MouseEvent, useEffect, useSyncExternalStore } from 'react';
import { describeFailure } from '../api/describe-failure.ts';
import { Icon } from '../frame/icon.tsx';
import { useNotify } from '../frame/notices.tsx';
import { useSignIn } from '../frame/use-sign-in.ts';
import { type Reader, useReader } from './reader-context.tsx';

interface Saveable {
  readonly slug: string;
  readonly title: string;
}

/** Saves an article or removes it from the saved ones; asks people who are signed out to sign in. */
export function SaveButton({ article }: { readonly article: Saveable }) {
  const reader = useReader();
  const signIn = useSignIn();
  if (reader !== undefined) return <OwnSaveButton article={article} reader={reader} />;
  return <Button title={article.title} isSaved={false} onClick={() => signIn()} />;
}

/** The button on a card, for signed-in readers only. */
export function CardSaveButton({ article }: { readonly article: Saveable }) {
  const reader = useReader();
  return reader === undefined ? null : <OwnSaveButton article={article} reader={reader} />;
}

function OwnSaveButton({ article, reader }: { readonly article: Saveable; readonly reader: Reader }) {
  const { saved } = reader;
  const notify = useNotify();
  const isSaved = useSyncExternalStore(saved.subscribe, () => saved.isSaved(article.slug));
  useEffect(() => {
    if (isSaved === undefined) saved.ask(article.slug);
  }, [article.slug, isSaved, saved]);
  const toggle = () => {
    saved.toggle(article.slug).catch((error: unknown) => {
      const { title, advice } = describeFailure(error);
      notify({ kind: 'problem', title, advice, action: { label: 'Try again', run: toggle } });
    });
  };
  return <Button title={article.title} isSaved={isSaved ?? false} onClick={toggle} />;
}

interface ButtonProps {
  readonly title: string;
  readonly isSaved: boolean;
  readonly onClick: () => void;
}

/** The button alone. */
export function Button({ title, isSaved, onClick }: ButtonProps) {
  const click = (event: MouseEvent) => {
    // The second click of a double click would undo the first.
    if (event.detail <= 1) onClick();
  };
  return (
    <button
      type="button"
      className="save-button"
      aria-pressed={isSaved}
      aria-label={`Save “${title}”`}
      data-testid="save"
      onClick={click}
    >
      <Icon name="bookmark" isFilled={isSaved} />
      <span>{isSaved ? 'Saved' : 'Save'}</span>
    </button>
  );
}
