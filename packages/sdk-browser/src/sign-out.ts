import { randomText } from './base64url.ts';
import type { ClientParts } from './client-parts.ts';
import { rememberReturn } from './finish-sign-out.ts';
import { parseReturnTo } from './return-to.ts';
import type { Session } from './session.ts';
import { toAuthError } from './to-auth-error.ts';
import { maskUrl } from './trace.ts';
import type { Preparation } from './vault-contract.ts';

/** What `signOut` takes. */
export type SignOutOptions = {
  /** A path of this origin to show afterwards. */
  readonly returnTo?: string | undefined;
};

const REVOKE_WAIT_MS = 500;

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
  const returnTo = parseReturnTo(options.returnTo, page.origin);
  let prepared: Preparation;
  try {
    prepared = await parts.vault.prepare();
    await revoke(parts, session);
  } catch (error) {
    throw toAuthError(error);
  } finally {
    // In one go with leaving: an app that goes elsewhere once it sees this must not get in between.
    state.set({ status: 'signed-out', reason: 'sign-out' });
  }
  const backAt =
    settings.postLogoutRedirectUri === undefined ? `${page.origin}/` : settings.postLogoutRedirectUri;
  if (prepared.endSessionEndpoint === undefined) {
    page.navigate(returnTo ?? backAt ?? '/');
    return;
  }
  const url = new URL(prepared.endSessionEndpoint);
  url.searchParams.set('client_id', settings.clientId);
  if (session !== undefined) url.searchParams.set('id_token_hint', session.idToken);
  if (backAt !== null) {
    url.searchParams.set('post_logout_redirect_uri', backAt);
    const logoutState = randomText();
    url.searchParams.set('state', logoutState);
    if (returnTo !== undefined) rememberReturn(parts, logoutState, returnTo);
  }
  parts.trace('sign-out', { url: maskUrl(url.href) });
  page.navigate(url.href);
}

// Ends the refresh token too (RFC 7009 §2.1): it may outlive the session at the issuer. Best effort, sent with
// `keepalive` so that leaving the page does not cancel it; the wait lets it leave the worker.
async function revoke(parts: ClientParts, session: Session | undefined): Promise<void> {
  if (session === undefined) return;
  const revoked = parts.vault
    .revoke({ session })
    .catch((error: unknown) => parts.trace('error', { step: 'revoke', message: String(error) }));
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, REVOKE_WAIT_MS))]);
}
