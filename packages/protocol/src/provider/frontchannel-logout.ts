/**
 * The address a browser loads to end an application's session: the registered one with `iss` and `sid`, its own query kept.
 * @see OpenID Connect Front-Channel Logout 1.0 §2, §3
 */
export function frontchannelLogoutUrl(uri: string, issuer: string, sessionId: string): string {
  const base = uri.split('#', 1)[0] ?? uri;
  const separator = base.includes('?') ? (/[?&]$/.test(base) ? '' : '&') : '?';
  return `${base}${separator}${new URLSearchParams({ iss: issuer, sid: sessionId })}`;
}
