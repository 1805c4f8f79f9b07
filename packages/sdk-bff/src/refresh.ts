import { IssuerUnavailable, LoginRequired } from './bff-error.ts';
import { describeError } from './issuer.ts';
import { isFresh, type Session } from './session.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { refreshTokens, type TokenDeps } from './tokens.ts';

/** Gives sessions whose access token is good. */
export interface Refresher {
  /**
   * The session itself while its token is fresh, else the refreshed one: simultaneous requests of a session share one refresh.
   * Throws `LoginRequired` when the session is over and `IssuerUnavailable` when that is unknown.
   */
  freshen(session: Session): Promise<Session>;
}

/** Requests that left the browser before the new cookie arrived still carry the old one for so long. */
const LATE_REQUEST_MS = 60_000;
const MAX_KEPT = 5000;

/** Creates the refresher of this process. */
export function createRefresher(deps: TokenDeps & { readonly keeper: SessionKeeper }): Refresher {
  const { keeper, now } = deps;
  const running = new Map<string, Promise<Session>>();
  const recent = new Map<string, { readonly session: Session; readonly untilMs: number }>();
  const remember = (session: Session) => {
    recent.delete(session.id);
    recent.set(session.id, { session, untilMs: now() + LATE_REQUEST_MS });
    for (const [id, { untilMs }] of recent) {
      if (untilMs > now() && recent.size <= MAX_KEPT) break;
      recent.delete(id);
    }
    return session;
  };
  const refreshOnce = (session: Session): Promise<Session> => {
    const { id } = session;
    const started =
      running.get(id) ??
      keeper
        .lock(session, () => refreshKept(deps, session))
        .then(remember)
        .finally(() => running.delete(id));
    running.set(id, started);
    return started;
  };
  return {
    async freshen(session) {
      const nowMs = now();
      if (isFresh(session, nowMs)) return session;
      const known = recent.get(session.id)?.session;
      const latest = known !== undefined && known.obtainedAtMs > session.obtainedAtMs ? known : session;
      return isFresh(latest, nowMs) ? latest : refreshOnce(latest);
    },
  };
}

async function refreshKept(
  deps: TokenDeps & { readonly keeper: SessionKeeper },
  session: Session,
): Promise<Session> {
  const { keeper, settings, now, log } = deps;
  // Another process may have refreshed it while this one waited for the lock.
  const kept = await keeper.reload(session);
  if (kept === undefined) throw ended();
  if (isFresh(kept, now())) return kept;
  const isUsable = kept.expiresAtMs > now();
  if (kept.refreshToken === undefined) {
    if (isUsable) return kept;
    throw ended();
  }
  let refreshed: Session;
  try {
    refreshed = await refreshTokens(deps, kept, kept.refreshToken);
  } catch (thrown) {
    const error = describeError(thrown, settings);
    if (error.code === 'invalid_grant' || error.code === 'user_changed') {
      await keeper.end(kept);
      throw new LoginRequired('login_required', 'The session has ended at the issuer. Sign in again.', {
        cause: error,
      });
    }
    if (!(error instanceof IssuerUnavailable)) log(`A session could not be refreshed: ${error.message}`);
    if (isUsable) return kept;
    throw error;
  }
  if ((await keeper.update(refreshed)) === 'ended') throw ended();
  return refreshed;
}

function ended(): LoginRequired {
  return new LoginRequired('login_required', 'The session has ended. Sign in again.');
}
