import { AuthError, LoginRequired, NetworkError } from '@latchkey/react';
import { ApiFailure } from './request.ts';

/** A failure in words for a reader, and what helps. */
export interface Problem {
  readonly title: string;
  readonly advice: string;
  readonly remedy: 'retry' | 'sign-in' | 'none';
}

/** Says what went wrong with a request or a sign-in, and what to do. */
export function describeFailure(error: unknown): Problem {
  if (error instanceof ApiFailure) return describeApiFailure(error);
  if (error instanceof NetworkError) {
    return {
      title: 'Sign-in is not available right now',
      advice: 'The sign-in service does not answer. You can go on reading; try again in a moment.',
      remedy: 'retry',
    };
  }
  if (error instanceof LoginRequired) {
    return { title: 'Your session has ended', advice: 'Sign in again to continue.', remedy: 'sign-in' };
  }
  if (error instanceof AuthError && error.code === 'access_denied') {
    return {
      title: 'You were not signed in',
      advice: 'The sign-in was canceled, or your account has no access to this application.',
      remedy: 'sign-in',
    };
  }
  if (error instanceof AuthError) {
    return { title: 'The sign-in failed', advice: error.message, remedy: 'sign-in' };
  }
  return { title: 'Something went wrong', advice: 'Reload the page and try again.', remedy: 'retry' };
}

function describeApiFailure(failure: ApiFailure): Problem {
  switch (failure.status) {
    case 0:
      return {
        title: 'The newsroom does not answer',
        advice: 'Check your connection, then try again.',
        remedy: 'retry',
      };
    case 401:
      return {
        title: 'Your sign-in is no longer accepted',
        advice: 'It has expired or was revoked. Sign in again to continue.',
        remedy: 'sign-in',
      };
    case 403:
      return {
        title: 'This is for editors',
        advice: 'Your account has no editor role in this project. An administrator can assign it.',
        remedy: 'none',
      };
    case 404:
      return { title: 'Not found', advice: failure.message, remedy: 'none' };
    case 503:
      return {
        title: 'Your sign-in cannot be checked right now',
        advice: 'The sign-in service does not answer. You are still signed in; try again in a moment.',
        remedy: 'retry',
      };
    default:
      return failure.status >= 500
        ? { title: 'The newsroom has a problem', advice: 'Try again in a moment.', remedy: 'retry' }
        : { title: 'The request was refused', advice: failure.message, remedy: 'none' };
  }
}
