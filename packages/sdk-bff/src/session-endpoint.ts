import { LoginRequired } from './bff-error.ts';
import type { BffDeps } from './deps.ts';
import { takeNotice } from './notice.ts';
import { jsonResponse } from './problem.ts';
import { endOf, type Session } from './session.ts';
import { type BffUser, buildUser } from './user.ts';
import type { Visit } from './visit.ts';

/** Who is signed in, and until when at the latest. */
export interface BffSession {
  readonly user: BffUser;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** What may be said about a session: no token, no key. */
export function describeSession(session: Session, projectId: string | undefined): BffSession {
  return {
    user: buildUser(session.claims, projectId),
    expiresAt: Math.floor(endOf(session) / 1000),
  };
}

/**
 * `GET session`: `{ user, expiresAt }`, or `{ user: null }` with `error` when a sign-in has just failed. Refreshes first where it
 * is time, so that a session which has ended at the issuer is found out; with the issuer away the session is shown as it was.
 */
export async function showSession(deps: BffDeps, visit: Visit): Promise<Response> {
  const { settings } = deps;
  const error = await takeNotice(deps, visit);
  const session = await currentSession(visit);
  const shown = session === undefined ? { user: null } : describeSession(session, settings.projectId);
  return jsonResponse(error === undefined ? shown : { ...shown, error });
}

async function currentSession(visit: Visit): Promise<Session | undefined> {
  const session = await visit.session();
  if (session === undefined) return undefined;
  try {
    return await visit.freshSession();
  } catch (error) {
    // Any other failure says nothing about the session; requests that need a token will meet it.
    return error instanceof LoginRequired ? undefined : session;
  }
}
