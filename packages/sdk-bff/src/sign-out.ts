import * as oauth from 'oauth4webapi';
import { refuseForeign } from './csrf.ts';
import type { BffDeps } from './deps.ts';
import { describeCause, describeError } from './issuer.ts';
import { jsonResponse } from './problem.ts';
import type { Session } from './session.ts';
import type { Visit } from './visit.ts';

/**
 * `POST sign-out`: ends the session here, revokes the refresh token and answers `{ redirectTo }`: the issuer's sign-out, which brings
 * the browser back (OpenID Connect RP-Initiated Logout §2). With the issuer away the session here ends all the same, and
 * the answer is 503.
 */
export async function signOut(deps: BffDeps, request: Request, visit: Visit): Promise<Response> {
  const { settings, keeper, issuer } = deps;
  const foreign = refuseForeign(request, settings.origin);
  if (foreign !== undefined) return foreign;
  const session = await visit.session();
  visit.setCookie(...keeper.removeCookies(visit.cookies));
  if (session !== undefined) await keeper.lock(session, () => keeper.end(session));
  try {
    const metadata = await issuer.metadata();
    if (session?.refreshToken !== undefined) await revoke(deps, metadata, session.refreshToken);
    return jsonResponse({ redirectTo: signOutAddress(deps, metadata, session) });
  } catch (error) {
    throw describeError(error, settings);
  }
}

function signOutAddress(
  { settings }: BffDeps,
  metadata: oauth.AuthorizationServer,
  session: Session | undefined,
): string {
  const backAt = settings.postLogoutRedirectUri;
  if (metadata.end_session_endpoint === undefined) return backAt ?? '/';
  const url = new URL(metadata.end_session_endpoint);
  url.searchParams.set('client_id', settings.clientId);
  if (session?.idToken !== undefined) url.searchParams.set('id_token_hint', session.idToken);
  else if (typeof session?.claims.preferred_username === 'string')
    url.searchParams.set('logout_hint', session.claims.preferred_username);
  if (backAt !== null) url.searchParams.set('post_logout_redirect_uri', backAt);
  return url.href;
}

// RFC 7009 §2.1. The refresh token may outlive the session at the issuer; a failure is for the log, the user is signed out.
async function revoke(
  deps: BffDeps,
  metadata: oauth.AuthorizationServer,
  refreshToken: string,
): Promise<void> {
  const { issuer, log } = deps;
  if (metadata.revocation_endpoint === undefined) return;
  try {
    const clientAuth = await issuer.clientAuth();
    const response = await oauth.revocationRequest(
      ...([metadata, issuer.client, clientAuth, refreshToken] as const),
      { ...issuer.requestOptions, signal: AbortSignal.timeout(5000) },
    );
    await oauth.processRevocationResponse(response);
  } catch (error) {
    log(`A refresh token could not be revoked: ${describeCause(error)}`);
  }
}
