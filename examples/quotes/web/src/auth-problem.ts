import { AuthError, LoginRequired, NetworkError } from '@latchkey/react';
import type { Problem } from './problem.tsx';

/** Says in words for a visitor what hindered a sign-in, and what to do. */
export function describeAuthProblem(error: unknown, issuer: string): Problem {
  if (error instanceof NetworkError) {
    return {
      title: 'Latchkey does not answer',
      advice: `Nobody answers at ${issuer}. Check that Latchkey is running there, then try again.`,
    };
  }
  if (error instanceof LoginRequired) {
    return { title: 'Your session has ended', advice: 'Press “Sign in” to go on.' };
  }
  if (error instanceof AuthError && error.code === 'access_denied') {
    return {
      title: 'You were not signed in',
      advice:
        'The sign-in was cancelled, or your account may not use this application. Press “Sign in” to try again.',
    };
  }
  return {
    title: 'The sign-in did not work',
    advice: error instanceof Error ? error.message : 'Press “Sign in” to try again.',
  };
}
