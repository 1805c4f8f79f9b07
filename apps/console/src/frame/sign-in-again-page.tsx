import { useAuth } from '@latchkey/react';
import { useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { signInAgainMessages } from '../api/messages.ts';
import { signInAgainWindow } from '../api/sign-in-again.ts';
import { useText } from '../i18n/text.ts';

/** The window of another sign-in: it goes to the sign-in page, and closes itself when it comes back. */
export function SignInAgainPage() {
  const t = useText(signInAgainMessages);
  const { status, signIn } = useAuth();
  const [params] = useSearchParams();
  const hasBegun = useRef(false);
  const isDone = params.has('done');
  const maxAge = Number(params.get('maxAge') ?? 0);
  const loginName = params.get('loginName');
  useEffect(() => {
    if (status === 'loading' || hasBegun.current) return;
    hasBegun.current = true;
    if (isDone) {
      window.close();
      return;
    }
    void signIn({
      maxAge: Number.isSafeInteger(maxAge) && maxAge >= 0 ? maxAge : 0,
      returnTo: `/console${signInAgainWindow.path}?done`,
      ...(loginName === null ? {} : { loginHint: loginName }),
    });
  }, [status, isDone, maxAge, loginName, signIn]);
  return (
    <main className="welcome" aria-busy={!isDone}>
      <img src="/console/favicon.svg" alt="" width={40} height={40} />
      <p role="status" className="muted">
        {isDone ? t('done') : t('continuing')}
      </p>
    </main>
  );
}
