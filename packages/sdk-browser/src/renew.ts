import { type AuthError, ConfigurationError, LoginRequired, NetworkError } from './auth-error.ts';
import type { ClientParts } from './client-parts.ts';
import { isFresh, isUsable, type Session } from './session.ts';
import { isSameSite, signInSilently } from './silent-sign-in.ts';
import { withTabLock } from './tab-lock.ts';
import { toAuthError } from './to-auth-error.ts';
import { VaultError } from './vault-contract.ts';

const PEER_TIMEOUT_MS = 150;
const PEER_RENEWAL_TIMEOUT_MS = 3_000;

/** Gives a session whose access token is not expired, refreshing where needed: once in this tab, once over all tabs. */
export type Renewer = { freshSession(): Promise<Session> };

/** Creates the renewer. */
export function createRenewer(parts: ClientParts): Renewer {
  let running: Promise<Session> | undefined;
  return {
    async freshSession() {
      const session = parts.sessions.current();
      if (session === undefined) throw loginRequired(parts);
      if (isFresh(session, parts.nowMs())) return session;
      running ??= renewUnderLock(parts).finally(() => {
        running = undefined;
      });
      try {
        return await running;
      } catch (error) {
        // Refreshing starts early, so a token that still works outlives a short loss of the network.
        const left = parts.sessions.current();
        if (error instanceof NetworkError && left !== undefined && isUsable(left, parts.nowMs())) return left;
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

/** Runs a task that may use the refresh token, which only one tab may do at a time. */
export function withRefreshLock<T>({ page, settings }: ClientParts, task: () => Promise<T>): Promise<T> {
  return withTabLock(page, `latchkey:refresh:${settings.issuer}:${settings.clientId}`, task);
}

function renewUnderLock(parts: ClientParts): Promise<Session> {
  return withRefreshLock(parts, async () => {
    const shared = await sessionFromTabs(parts);
    if (shared !== undefined) return shared;
    const session = parts.sessions.current();
    if (session === undefined) throw loginRequired(parts);
    try {
      return keep(parts, await renew(parts, session));
    } catch (thrown) {
      return await recoverSession(parts, session, thrown);
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
  try {
    return await parts.vault.refresh({ session: { ...session, refreshToken } });
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
  }
  // The worker of another tab may hold the refresh token: it renews for both.
  const newer = () => newerSession(parts, session);
  if (parts.tabs.hasPeers()) {
    await parts.tabs.askToRenew(() => newer() !== undefined, PEER_RENEWAL_TIMEOUT_MS);
  }
  const renewed = newer();
  if (renewed !== undefined) return renewed;
  if (isUsable(session, parts.nowMs())) return session;
  if (isSameSite(parts.settings.issuer, parts.page.origin)) return signInSilently(parts);
  throw new LoginRequired(
    'login_required',
    'The session ended and there is no refresh token (scope offline_access). Call signIn().',
  );
}

/** Renews for another tab, which holds the lock meanwhile. Nothing happens where this tab has no refresh token either. */
export async function renewForPeer(parts: ClientParts): Promise<void> {
  const session = parts.sessions.current();
  if (session === undefined) return;
  try {
    keep(parts, await parts.vault.refresh({ session }));
  } catch (thrown) {
    parts.trace('error', { step: 'refresh', message: toAuthError(thrown).message });
  }
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

function newerSession(parts: ClientParts, session: Session): Session | undefined {
  const current = parts.sessions.current();
  return current !== undefined && current.obtainedAtMs > session.obtainedAtMs ? current : undefined;
}

/** After a failed refresh: the session another tab got meanwhile, or the error, which may end the session. */
export async function recoverSession(
  parts: ClientParts,
  session: Session,
  thrown: unknown,
): Promise<Session> {
  const error = toAuthError(thrown);
  parts.trace('error', { step: 'refresh', code: error.code, message: error.message });
  if (error instanceof NetworkError) throw error;
  // Another tab may have used the same refresh token without a lock: its result serves this tab as well.
  const isNewer = () => newerSession(parts, session) !== undefined;
  if (!isNewer() && parts.tabs.hasPeers()) await parts.tabs.ask(isNewer, PEER_TIMEOUT_MS);
  const newer = newerSession(parts, session);
  if (newer !== undefined) return newer;
  if (!endsSession(error)) throw error;
  const ended =
    error.code === 'invalid_grant'
      ? new LoginRequired('login_required', 'The session ended at the issuer. Call signIn().', {
          cause: error,
        })
      : error;
  if (parts.sessions.current() !== undefined) {
    parts.dropSession();
    parts.state.set({ status: 'signed-out', reason: 'expired', error: ended });
  }
  throw ended;
}

// A wrong setting or a page of a hotel's network in place of the issuer says nothing about the session.
function endsSession(error: AuthError): boolean {
  return !(error instanceof ConfigurationError) && error.code !== 'invalid_response';
}
