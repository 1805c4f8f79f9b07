import * as oauth from 'oauth4webapi';
import type { ClientParts } from './client-parts.ts';
import { describeError } from './describe-error.ts';
import { parseReturnTo } from './return-to.ts';
import type { Session } from './session.ts';
import { maskUrl } from './trace.ts';

/** What `signOut` takes. */
export type SignOutOptions = {
  /** A path of this origin to show afterwards. */
  readonly returnTo?: string | undefined;
};

const PREFIX = 'latchkey:sign-out:';

/**
 * Signs out in all tabs at once, then at the issuer (OpenID Connect RP-Initiated Logout §2), which brings the browser
 * back to the post-logout redirect URI. Throws `NetworkError` when the issuer cannot be reached: then its own
 * session goes on, and signing in again may need no password.
 */
export async function signOutEverywhere(parts: ClientParts, options: SignOutOptions): Promise<void> {
  const { page, sessions, settings, state, tabs } = parts;
  const session = sessions.current();
  sessions.markSignedOut();
  tabs.announceSignOut();
  state.set({ status: 'signed-out', reason: 'sign-out' });
  const returnTo = parseReturnTo(options.returnTo, page.origin);
  let metadata: oauth.AuthorizationServer;
  try {
    metadata = await parts.issuer.metadata();
  } catch (error) {
    throw describeError(error, settings, parts.redirectUri);
  }
  revoke(parts, metadata, session);
  const backAt =
    settings.postLogoutRedirectUri === undefined ? `${page.origin}/` : settings.postLogoutRedirectUri;
  if (metadata.end_session_endpoint === undefined) {
    page.navigate(returnTo ?? backAt ?? '/');
    return;
  }
  const url = new URL(metadata.end_session_endpoint);
  url.searchParams.set('client_id', settings.clientId);
  if (session !== undefined) url.searchParams.set('id_token_hint', session.idToken);
  if (backAt !== null) {
    url.searchParams.set('post_logout_redirect_uri', backAt);
    const logoutState = oauth.generateRandomState();
    url.searchParams.set('state', logoutState);
    if (returnTo !== undefined) page.sessionStorage?.setItem(PREFIX + logoutState, returnTo);
  }
  parts.trace('sign-out', { url: maskUrl(url.href) });
  page.navigate(url.href);
}

// Ends the refresh token too (RFC 7009 §2.1): it may outlive the session at the issuer. Best effort, sent with
// `keepalive` so that leaving the page does not cancel it.
function revoke(parts: ClientParts, metadata: oauth.AuthorizationServer, session: Session | undefined): void {
  if (session?.refreshToken === undefined || metadata.revocation_endpoint === undefined) return;
  const { issuer } = parts;
  oauth
    .revocationRequest(
      metadata,
      issuer.client,
      issuer.clientAuth,
      session.refreshToken,
      issuer.farewellOptions,
    )
    .catch((error: unknown) => parts.trace('error', { step: 'revoke', message: String(error) }));
}

/** Back from the issuer's sign-out: removes its `state` from the address and shows the wanted path. */
export function finishSignOut(parts: ClientParts): void {
  const { page } = parts;
  const url = new URL(page.href());
  const state = url.searchParams.get('state');
  if (state === null) return;
  const returnTo = parseReturnTo(page.sessionStorage?.getItem(PREFIX + state) ?? undefined, page.origin);
  if (returnTo === undefined) return;
  page.sessionStorage?.removeItem(PREFIX + state);
  parts.onReturn(returnTo);
}
