import { StepUpRequired, useAuth } from '@latchkey/react';
import type { EditableArticle } from '@latchkey-examples/news-api/contract';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../api/api-context.tsx';
import { describeFailure } from '../api/describe-failure.ts';
import { ConfirmDialog } from '../frame/confirm-dialog.tsx';
import { useNotify } from '../frame/notices.tsx';
import { useSignIn } from '../frame/use-sign-in.ts';
import type { Reader } from '../reader/reader-context.tsx';
import { rememberDeletion, takeDeletion } from './pending-deletion.ts';
import { forgetDeleted } from './stale-articles.ts';

// The sign-in should still be recent when the deletion arrives.
const MARGIN_SECONDS = 60;

type Step =
  | { readonly kind: 'closed' | 'asking' | 'deleting' }
  | { readonly kind: 'sign-in'; readonly maxAge: number };

interface DeleteArticleProps {
  readonly article: EditableArticle;
  readonly reader: Reader;
  /** Called before the page is left on purpose. */
  readonly onLeave: () => void;
}

/** Deletes an article. When the API wants a recent sign-in, it asks for one and goes on afterwards. */
export function DeleteArticle({ article, reader, onLeave }: DeleteArticleProps) {
  const { slug, version, title } = article;
  const { user } = useAuth();
  const { api, cache } = useApi();
  const signIn = useSignIn();
  const navigate = useNavigate();
  const notify = useNotify();
  const [step, setStep] = useState<Step>({ kind: 'closed' });
  const authTime = typeof user?.claims.auth_time === 'number' ? user.claims.auth_time : undefined;

  const remove = async (ofVersion: number) => {
    setStep({ kind: 'deleting' });
    try {
      await api.remove(slug, ofVersion);
      forgetDeleted(cache, reader, slug);
      onLeave();
      notify({ kind: 'success', title: `“${title}” was deleted` });
      await navigate('/desk', { replace: true });
    } catch (error) {
      if (error instanceof StepUpRequired) return setStep({ kind: 'sign-in', maxAge: error.maxAge ?? 0 });
      setStep({ kind: 'closed' });
      const { title: problem, advice } = describeFailure(error);
      notify({ kind: 'problem', title: problem, advice });
    }
  };

  const resume = useRef(remove);
  useEffect(() => {
    resume.current = remove;
  });
  useEffect(() => {
    const pending = takeDeletion(window.sessionStorage, { slug, userId: reader.id, authTime });
    if (pending !== undefined) void resume.current(pending.version);
  }, [slug, reader.id, authTime]);

  const signInAgain = (maxAge: number) => {
    rememberDeletion(window.sessionStorage, { slug, version, userId: reader.id, authTime });
    onLeave();
    signIn({ maxAge: Math.max(0, maxAge - MARGIN_SECONDS), loginHint: user?.loginName });
  };

  const close = () => setStep({ kind: 'closed' });
  return (
    <>
      <button
        type="button"
        className="button button-danger"
        data-testid="delete"
        onClick={() => setStep({ kind: 'asking' })}
      >
        Delete
      </button>
      {step.kind === 'asking' || step.kind === 'deleting' ? (
        <ConfirmDialog
          title="Delete this article?"
          confirm={step.kind === 'deleting' ? 'Deleting…' : 'Delete article'}
          isDangerous
          isBusy={step.kind === 'deleting'}
          onConfirm={() => void remove(version)}
          onCancel={close}
        >
          <p>“{title}” is removed for everybody, also from saved articles. This cannot be undone.</p>
        </ConfirmDialog>
      ) : null}
      {step.kind === 'sign-in' ? (
        <ConfirmDialog
          title="Sign in again to delete"
          confirm="Sign in and delete"
          isDangerous
          onConfirm={() => signInAgain(step.maxAge)}
          onCancel={close}
        >
          <p>
            Deleting needs a sign-in of the last {Math.round(step.maxAge / 60)} minutes. After you sign in, “
            {title}” is deleted.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
