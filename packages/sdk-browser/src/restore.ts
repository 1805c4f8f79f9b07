import { AuthError, NetworkError } from './auth-error.ts';
import type { ClientParts } from './client-parts.ts';
import type { Renewer } from './renew.ts';
import { isSameSite, signInSilently } from './silent-sign-in.ts';
import { toAuthError } from './to-auth-error.ts';

/** Finds the session after a load where no other tab has one: in storage, then at the issuer in a hidden frame. Never throws. */
export async function restoreSession(parts: ClientParts, renewer: Renewer): Promise<void> {
  const { sessions, state, tabs, trace } = parts;
  try {
    if (await restoreFromStorage(parts, renewer)) return;
    if (isSameSite(parts.settings.issuer, parts.page.origin)) {
      const session = await signInSilently(parts);
      tabs.share(session);
      parts.signedIn(session);
      return;
    }
  } catch (thrown) {
    const error = toAuthError(thrown);
    trace('error', { step: 'restore', code: error.code, message: error.message });
  }
  // A tab that signed in meanwhile has already been heard.
  if (sessions.current() !== undefined) return;
  if (state.get().status !== 'signed-out') state.set({ status: 'signed-out', reason: 'none' });
}

// What was stored has no access token, so the first thing is to refresh. Without a network the user stays signed in, and
// getAccessToken() tries again.
async function restoreFromStorage(parts: ClientParts, renewer: Renewer): Promise<boolean> {
  const stored = parts.sessions.stored();
  if (stored?.refreshToken === undefined || parts.sessions.isSignedOut(stored)) return false;
  parts.sessions.save(stored);
  try {
    await renewer.freshSession();
    return true;
  } catch (error) {
    if (error instanceof NetworkError) {
      parts.signedIn(stored);
      return true;
    }
    // The renewer has set the state when the session is over; any other trouble is for a developer or a retry.
    if (!(error instanceof AuthError)) throw error;
    if (parts.sessions.current() !== undefined) parts.state.set({ status: 'error', error });
    return true;
  }
}
