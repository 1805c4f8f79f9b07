import { type AccessTokenOptions, keyOfOptions } from './access-token-options.ts';
import { AuthError, ConsentRequired } from './auth-error.ts';
import type { ClientParts } from './client-parts.ts';
import type { Grant } from './grant-store.ts';
import { loginRequired, recoverSession, withRefreshLock } from './renew.ts';
import type { Session } from './session.ts';
import { isSameSite, signInSilently } from './silent-sign-in.ts';
import { VaultError } from './vault-contract.ts';

const PEER_TIMEOUT_MS = 150;
const runningIn = new WeakMap<ClientParts, Map<string, Promise<Grant>>>();

/**
 * An access token for a resource, a narrower scope or another organization: kept per wish, asked for once at a time over
 * all tabs. Throws `ConsentRequired` where the issuer wants to ask the user, or refuses the wish.
 */
export async function freshTargetToken(parts: ClientParts, options: AccessTokenOptions): Promise<Grant> {
  const key = keyOfOptions(options) ?? '';
  const session = parts.sessions.current();
  if (session === undefined) throw loginRequired(parts);
  const known = parts.grants.find(key, session, parts.nowMs());
  if (known !== undefined) return known;
  const running = runningIn.get(parts) ?? new Map<string, Promise<Grant>>();
  runningIn.set(parts, running);
  const mine =
    running.get(key) ?? obtainUnderLock(parts, key, options).finally(() => void running.delete(key));
  running.set(key, mine);
  return mine;
}

function obtainUnderLock(parts: ClientParts, key: string, options: AccessTokenOptions): Promise<Grant> {
  return withRefreshLock(parts, async () => {
    const session = parts.sessions.current();
    if (session === undefined) throw loginRequired(parts);
    const find = () => parts.grants.find(key, session, parts.nowMs());
    // While this tab waited for the lock another one may have got the token; its news can still be on the way.
    if (parts.tabs.hasPeers()) await parts.tabs.askGrant(key, () => find() !== undefined, PEER_TIMEOUT_MS);
    const known = find();
    if (known !== undefined) return known;
    const obtained = await obtain(parts, session, options);
    const { accessToken, keyThumbprint, obtainedAtMs, expiresAtMs, refreshToken } = obtained;
    const grant = { accessToken, keyThumbprint, obtainedAtMs, expiresAtMs };
    const entry = { key, signedInAtMs: session.signedInAtMs, grant, refreshToken };
    // Signed out meanwhile: nobody may use it.
    const current = parts.sessions.current();
    if (current === undefined || parts.sessions.isSignedOut(current)) throw loginRequired(parts);
    parts.keepGrant(entry);
    parts.tabs.shareGrant(entry);
    return grant;
  });
}

async function obtain(parts: ClientParts, session: Session, options: AccessTokenOptions): Promise<Session> {
  try {
    if (options.organization === undefined) {
      try {
        const refreshToken = parts.sessions.stored()?.refreshToken ?? session.refreshToken;
        const { resource, scope } = options;
        return await parts.vault.refresh({ session: { ...session, refreshToken }, resource, scope });
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
      }
    }
    if (isSameSite(parts.settings.issuer, parts.page.origin)) {
      return await signInSilently(parts, { ...options, purpose: 'token' });
    }
  } catch (error) {
    if (error instanceof AuthError && error.code === 'invalid_grant') {
      // Throws unless another tab has got a newer session meanwhile, whose refresh token is a good one.
      return obtain(parts, await recoverSession(parts, session, error), options);
    }
    throw isRefusal(error) ? consentRequired(options, error) : error;
  }
  throw consentRequired(options, undefined);
}

const REFUSALS = new Set([
  'invalid_scope',
  'invalid_target',
  'access_denied',
  'login_required',
  'consent_required',
  'interaction_required',
]);

function isRefusal(error: unknown): error is AuthError {
  return error instanceof AuthError && REFUSALS.has(error.code);
}

function consentRequired(options: AccessTokenOptions, cause: AuthError | undefined): ConsentRequired {
  const remedy =
    options.organization === undefined
      ? 'Call signIn() with the same resource and scope'
      : `Call switchOrganization("${options.organization}")`;
  const reason = cause === undefined ? '' : ` (${cause.code})`;
  return new ConsentRequired(
    cause?.code ?? 'interaction_required',
    `The issuer gives no such token without the user${reason}. ${remedy}.`,
    { cause },
  );
}
