import { AuthError, NetworkError } from './auth-error.ts';
import type { ClientParts } from './client-parts.ts';
import { describeError } from './describe-error.ts';
import type { Renewer } from './renew.ts';
import { isSameSite, signInSilently } from './silent-sign-in.ts';

const PEER_TIMEOUT_MS = 150;

/** Finds the session after a load: another tab, then storage, then the issuer in a hidden frame. Never throws. */
export async function restoreSession(parts: ClientParts, renewer: Renewer): Promise<void> {
  const { sessions, state, tabs, trace } = parts;
  // Most paths below need it; fetched while the other tabs think. A failure comes up again where it matters.
  parts.issuer.metadata().catch(() => {});
  await tabs.ask(() => sessions.current() !== undefined, PEER_TIMEOUT_MS);
  if (sessions.current() !== undefined) return;
  try {
    if (await restoreFromStorage(parts, renewer)) return;
    if (isSameSite(parts.settings.issuer, parts.page.origin)) {
      const session = await signInSilently(parts);
      tabs.share(session);
      parts.signedIn(session);
      return;
    }
  } catch (thrown) {
    const error = describeError(thrown, parts.settings, parts.redirectUri);
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
    await renewer.freshToken();
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
