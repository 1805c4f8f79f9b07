import { ApiProblem } from '@latchkey/contract/client';
import { type AuthUser, StepUpRequired } from '@latchkey/react';
import { createContext, useContext } from 'react';
import { documentLanguage } from '../i18n/language.ts';
import { signInAgainMessages } from './messages.ts';

/** Asks the person to sign in again; resolves once they have, rejects with `ApiProblem` when they do not. */
export type SignInAgain = (maxAge: number | undefined) => Promise<void>;

/** The refusal of an action whose sign-in was too old, as the pages show every refusal. */
export function freshSignInProblem(reason: 'canceled' | 'otherUser' | 'stillOld'): ApiProblem {
  const words = signInAgainMessages[documentLanguage()];
  return new ApiProblem({
    ...{ type: 'about:blank', title: words.canceled, status: 401, code: 'fresh-sign-in-required' },
    ...{ detail: words[reason], next: words.next, instance: '' },
  });
}

/** The dialog of the page; without one around it, actions are refused. */
export const SignInAgainContext = createContext<SignInAgain>(() =>
  Promise.reject(freshSignInProblem('canceled')),
);

/** The dialog that asks for another sign-in. */
export function useSignInAgain(): SignInAgain {
  return useContext(SignInAgainContext);
}

/**
 * Carries an action out and, where the API requires a recent sign-in (RFC 9470), once more after it. Only once: an API that
 * still refuses is not asked a third time; `stillOld` is what is thrown then.
 */
export async function withRecentSignIn<T>(
  action: () => Promise<T>,
  signInAgain: SignInAgain,
  stillOld: () => Error,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof StepUpRequired)) throw error;
    await signInAgain(error.maxAge);
  }
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof StepUpRequired)) throw error;
    throw stillOld();
  }
}

/** When a person signed in, by their ID token; 0 when it does not say. */
export function signedInAt(user: AuthUser | undefined): number {
  const time = user?.claims.auth_time;
  return typeof time === 'number' ? time : 0;
}

/** What a wait for another sign-in has come to. */
export function judgeSignIn(
  before: { readonly userId: string; readonly signedInAt: number },
  user: AuthUser | undefined,
): 'waiting' | 'signed-in' | 'other-user' {
  if (user === undefined) return 'waiting';
  if (user.id !== before.userId) return 'other-user';
  return signedInAt(user) > before.signedInAt ? 'signed-in' : 'waiting';
}

/** The page of the console that leads a new window to the sign-in page; the name keeps it at one window. */
export const signInAgainWindow = { path: '/sign-in-again', name: 'latchkey-sign-in-again' } as const;
