import { AuthError, CallbackError } from './auth-error.ts';

/** What was thrown, as one of our errors. A vault throws no others, so anything else is a bug or the browser's. */
export function toAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new CallbackError('invalid_response', `${reason}. Sign in again.`, { cause: thrown });
}
