import { type AuthError, ConfigurationError, LoginRequired, NetworkError } from './auth-error.ts';
import type { ClientParts } from './client-parts.ts';
import { describeError } from './describe-error.ts';
import { isFresh, isUsable, type Session } from './session.ts';
import { isSameSite, signInSilently } from './silent-sign-in.ts';
import { withTabLock } from './tab-lock.ts';
import { refreshSession } from './tokens.ts';

const PEER_TIMEOUT_MS = 150;

/** Gives an access token that is not expired, refreshing where needed: once in this tab, once over all tabs. */
export type Renewer = { freshToken(): Promise<string> };

/** Creates the renewer. */
export function createRenewer(parts: ClientParts): Renewer {
  let running: Promise<Session> | undefined;
  return {
    async freshToken() {
      const session = parts.sessions.current();
      if (session === undefined) throw loginRequired(parts);
      if (isFresh(session, parts.nowMs())) return session.accessToken;
      running ??= renewUnderLock(parts).finally(() => {
        running = undefined;
      });
      try {
        return (await running).accessToken;
      } catch (error) {
        // Refreshing starts early, so a token that still works outlives a short loss of the network.
        const left = parts.sessions.current();
        if (error instanceof NetworkError && left !== undefined && isUsable(left, parts.nowMs()))
          return left.accessToken;
        throw error;
      }
    },
  };
}

/** The error for a page where nobody is signed in: why the session ended, where that is known. */
export function loginRequired(parts: Pick<ClientParts, 'state'>): AuthError {
  return (
    parts.state.get().error ?? new LoginRequired('login_required', 'Nobody is signed in. Call signIn().')
  );
}

function renewUnderLock(parts: ClientParts): Promise<Session> {
  const { settings } = parts;
  return withTabLock(parts.page, `latchkey:refresh:${settings.issuer}:${settings.clientId}`, async () => {
    const shared = await sessionFromTabs(parts);
    if (shared !== undefined) return shared;
    const session = parts.sessions.current();
    if (session === undefined) throw loginRequired(parts);
    try {
      return keep(parts, await renew(parts, session));
    } catch (thrown) {
      return await recover(parts, session, thrown);
    }
  });
}

// While this tab waited for the lock another one may have refreshed; its news can still be on the way.
async function sessionFromTabs(parts: ClientParts): Promise<Session | undefined> {
  const freshSession = () => {
    const session = parts.sessions.current();
    return session !== undefined && isFresh(session, parts.nowMs()) ? session : undefined;
  };
  if (freshSession() === undefined && parts.tabs.hasPeers()) {
    await parts.tabs.ask(() => freshSession() !== undefined, PEER_TIMEOUT_MS);
  }
  return freshSession();
}

async function renew(parts: ClientParts, session: Session): Promise<Session> {
  const refreshToken = parts.sessions.stored()?.refreshToken ?? session.refreshToken;
  if (refreshToken !== undefined) return refreshSession(parts, session, refreshToken);
  if (isUsable(session, parts.nowMs())) return session;
  if (isSameSite(parts.settings.issuer, parts.page.origin)) return signInSilently(parts);
  throw new LoginRequired(
    'login_required',
    'The session ended and there is no refresh token (scope offline_access). Call signIn().',
  );
}

function keep(parts: ClientParts, renewed: Session): Session {
  const current = parts.sessions.current();
  // Signed out meanwhile: the new tokens must not bring the user back.
  if (current === undefined || parts.sessions.isSignedOut(current)) throw loginRequired(parts);
  if (renewed === current) return renewed;
  parts.tabs.share(renewed);
  parts.signedIn(renewed);
  return renewed;
}

async function recover(parts: ClientParts, session: Session, thrown: unknown): Promise<Session> {
  const error = describeError(thrown, parts.settings, parts.redirectUri);
  parts.trace('error', { step: 'refresh', code: error.code, message: error.message });
  if (error instanceof NetworkError) throw error;
  // Another tab may have used the same refresh token without a lock: its result serves this tab as well.
  const isNewer = () => (parts.sessions.current()?.obtainedAtMs ?? 0) > session.obtainedAtMs;
  if (!isNewer() && parts.tabs.hasPeers()) await parts.tabs.ask(isNewer, PEER_TIMEOUT_MS);
  const newer = parts.sessions.current();
  if (newer !== undefined && newer.obtainedAtMs > session.obtainedAtMs) return newer;
  if (!endsSession(error)) throw error;
  const ended =
    error.code === 'invalid_grant'
      ? new LoginRequired('login_required', 'The session ended at the issuer. Call signIn().', {
          cause: error,
        })
      : error;
  if (newer !== undefined) {
    parts.sessions.drop();
    parts.state.set({ status: 'signed-out', reason: 'expired', error: ended });
  }
  throw ended;
}

// A wrong setting or a page of a hotel's network in place of the issuer says nothing about the session.
function endsSession(error: AuthError): boolean {
  return !(error instanceof ConfigurationError) && error.code !== 'invalid_response';
}
