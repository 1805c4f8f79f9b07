import type { AccessTokenOptions } from './access-token-options.ts';
import { AuthError, ConfigurationError } from './auth-error.ts';
import type { SignInOptions } from './authorize-request.ts';
import type { ClientParts } from './client-parts.ts';
import type { Grant } from './grant-store.ts';
import { leaveForIssuer } from './leave-for-issuer.ts';
import type { Popup } from './page.ts';
import { type PopupSignInOptions, signInThrough } from './popup.ts';
import { createRenewer, loginRequired, renewForPeer } from './renew.ts';
import { restoreSession } from './restore.ts';
import type { Session } from './session.ts';
import { type SignOutOptions, signOutEverywhere } from './sign-out.ts';
import { isSameSite, signInSilently } from './silent-sign-in.ts';
import { freshTargetToken } from './target-tokens.ts';

/** What is done with a session once there is or may be one. A part of its own, loaded beside the app. */
export type SessionWork = {
  restore(): Promise<void>;
  freshSession(): Promise<Session>;
  freshTargetToken(options: AccessTokenOptions): Promise<Grant>;
  renewForPeer(): Promise<void>;
  signIn(options: SignInOptions): Promise<void>;
  switchOrganization(organization: string): Promise<void>;
  signInThrough(popup: Popup | undefined, options: PopupSignInOptions): Promise<void>;
  signOut(options: SignOutOptions): Promise<void>;
};

/** Creates it for one client. */
export function createSessionWork(parts: ClientParts): SessionWork {
  const renewer = createRenewer(parts);
  return {
    restore: () => restoreSession(parts, renewer),
    freshSession: renewer.freshSession,
    freshTargetToken: (options) => freshTargetToken(parts, options),
    renewForPeer: () => renewForPeer(parts),
    signIn: (options) => leaveForIssuer(parts, options),
    switchOrganization: (organization) => switchTo(parts, organization),
    signInThrough: (popup, options) => signInThrough(parts, popup, options),
    signOut: (options) => signOutEverywhere(parts, options),
  };
}

async function switchTo(parts: ClientParts, organization: string): Promise<void> {
  if (parts.sessions.current() === undefined) throw loginRequired(parts);
  if (!isSameSite(parts.settings.issuer, parts.page.origin)) return leaveForIssuer(parts, { organization });
  try {
    const session = await signInSilently(parts, { organization });
    parts.grants.clear();
    parts.tabs.share(session);
    parts.signedIn(session);
  } catch (error) {
    // The issuer has to ask the user; anything else is no better after a redirect.
    if (!(error instanceof AuthError) || error instanceof ConfigurationError) throw error;
    await leaveForIssuer(parts, { organization });
  }
}
