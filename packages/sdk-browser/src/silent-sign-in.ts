import type { AccessTokenOptions } from './access-token-options.ts';
import { LoginRequired } from './auth-error.ts';
import { buildAuthorizeRequest } from './authorize-request.ts';
import { parseAnswer } from './callback.ts';
import type { ClientParts } from './client-parts.ts';
import type { Session } from './session.ts';
import { isLoopbackHost } from './settings.ts';

const FRAME_TIMEOUT_MS = 6_000;

/**
 * True when the issuer's cookies are sent in a frame of this page: same scheme and same site. Without the public
 * suffix list the last two labels stand for the site; guessing too wide costs one request that answers `login_required`.
 */
export function isSameSite(issuer: string, origin: string): boolean {
  const one = new URL(issuer);
  const other = new URL(origin);
  if (one.protocol !== other.protocol) return false;
  if (one.hostname === other.hostname) return true;
  const isAddress = /^[\d.]+$|^\[/;
  if (isAddress.test(one.hostname) || isAddress.test(other.hostname)) return false;
  if (isLoopbackHost(one.hostname) || isLoopbackHost(other.hostname)) return false;
  const siteOf = (hostname: string) => hostname.split('.').slice(-2).join('.');
  return siteOf(one.hostname) === siteOf(other.hostname);
}

/** What a silent sign-in is for: a session, or one access token beside it. */
export type SilentOptions = AccessTokenOptions & { readonly purpose?: 'session' | 'token' };

/** Asks the issuer in a hidden frame whether the user is still signed in there (`prompt=none`). Throws when not. */
export async function signInSilently(parts: ClientParts, options: SilentOptions = {}): Promise<Session> {
  const { page, trace } = parts;
  const { purpose = 'session', scope, ...wanted } = options;
  const { url, transaction } = await buildAuthorizeRequest(parts, {
    ...wanted,
    prompt: 'none',
    scope: purpose === 'session' ? scope : scopeOfToken(scope ?? parts.settings.scope),
  });
  const href = await page.runSilentFrame(url, transaction.state, FRAME_TIMEOUT_MS);
  const answer = href === undefined ? undefined : parseAnswer(href, parts.redirectUri);
  trace('silent', {
    outcome: answer?.parameters.get('error') ?? (answer === undefined ? 'no answer' : 'code'),
  });
  if (answer === undefined) {
    throw new LoginRequired('login_required', 'The issuer did not answer in a hidden frame. Call signIn().');
  }
  return parts.vault.redeem({ transaction, parameters: answer.parameters.toString(), purpose });
}

// A token beside the session is asked for again when it ends, so it needs no refresh token.
function scopeOfToken(scope: string): string {
  const names = scope.split(' ').filter((name) => name !== 'offline_access');
  return [...new Set(['openid', ...names])].join(' ');
}
