import { useAuth } from '@latchkey/react';
import { AlertDialog } from 'radix-ui';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { signInAgainMessages } from './messages.ts';
import {
  freshSignInProblem,
  judgeSignIn,
  type SignInAgain,
  SignInAgainContext,
  signedInAt,
  signInAgainWindow,
} from './sign-in-again.ts';

interface Demand {
  readonly maxAge: number | undefined;
  readonly userId: string;
  readonly signedInAt: number;
}

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function newWaiting(): Waiting {
  let settle: Pick<Waiting, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

function openWindow({ maxAge }: Demand, loginName: string | undefined): Window | null {
  // A minute of room, so that the answer is still recent enough when it arrives.
  const query = new URLSearchParams({
    maxAge: String(Math.max(0, (maxAge ?? 0) - 60)),
    ...(loginName === undefined ? {} : { loginName }),
  });
  const address = `/console${signInAgainWindow.path}?${query.toString()}`;
  return window.open(address, signInAgainWindow.name, 'popup,width=480,height=720');
}

/**
 * Lets actions below it ask for another sign-in (RFC 9470). It happens in a window of its own, so what is edited here stays;
 * the session comes back by the channel between tabs. Several actions that wait share one dialog.
 */
export function SignInAgainDialog({ children }: { readonly children: ReactNode }) {
  const t = useText(signInAgainMessages);
  const { user } = useAuth();
  const [demand, setDemand] = useState<Demand>();
  const [opened, setOpened] = useState<'not-yet' | 'opened' | 'blocked'>('not-yet');
  const waiting = useRef<Waiting | undefined>(undefined);
  const latestUser = useRef(user);
  latestUser.current = user;
  const ask = useCallback<SignInAgain>((maxAge) => {
    if (waiting.current === undefined) {
      waiting.current = newWaiting();
      const person = latestUser.current;
      setOpened('not-yet');
      setDemand({ maxAge, userId: person?.id ?? '', signedInAt: signedInAt(person) });
    }
    return waiting.current.promise;
  }, []);
  const settle = useCallback((end: (waiting: Waiting) => void): void => {
    const ending = waiting.current;
    waiting.current = undefined;
    setDemand(undefined);
    if (ending !== undefined) end(ending);
  }, []);
  useEffect(() => {
    if (demand === undefined) return;
    const outcome = judgeSignIn(demand, user);
    if (outcome === 'signed-in') settle(({ resolve }) => resolve());
    if (outcome === 'other-user') settle(({ reject }) => reject(freshSignInProblem('otherUser')));
  }, [demand, user, settle]);
  const cancel = (): void => settle(({ reject }) => reject(freshSignInProblem('canceled')));
  const begin = (): void => {
    if (demand === undefined) return;
    setOpened(openWindow(demand, user?.loginName) === null ? 'blocked' : 'opened');
  };
  return (
    <SignInAgainContext value={ask}>
      {children}
      <AlertDialog.Root open={demand !== undefined} onOpenChange={(isOpen) => !isOpen && cancel()}>
        <AlertDialog.Portal>
          <AlertDialog.Overlay className="overlay" />
          <AlertDialog.Content className="dialog stack">
            <AlertDialog.Title asChild>
              <h2>{t('title')}</h2>
            </AlertDialog.Title>
            <AlertDialog.Description className="muted">{t('text')}</AlertDialog.Description>
            {opened === 'opened' && <p role="status">{t('waiting')}</p>}
            {opened === 'blocked' && (
              <p role="alert" className="field-error">
                {t('blocked')}
              </p>
            )}
            <div className="row dialog-actions">
              <AlertDialog.Cancel asChild>
                <button type="button" className="button">
                  {t('cancel')}
                </button>
              </AlertDialog.Cancel>
              <Button variant="primary" onClick={begin}>
                {t('signIn')}
              </Button>
            </div>
          </AlertDialog.Content>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </SignInAgainContext>
  );
}
