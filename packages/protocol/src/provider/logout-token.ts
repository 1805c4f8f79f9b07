import { type EpochMs, toSeconds } from '../brands.ts';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const lifeSeconds = 120;

/** Whom a logout token is for, and whose session has ended. */
export interface LogoutTokenFacts {
  readonly issuer: string;
  readonly clientId: string;
  /** The `sub` the application was told. */
  readonly subject: string;
  readonly sessionId: string;
  /** The same for every try to deliver one message, so that a receiver can tell a repetition. */
  readonly tokenId: string;
  readonly now: EpochMs;
}

/**
 * The claims of a logout token: good for two minutes, never with a nonce.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.4
 */
export function logoutTokenClaims(facts: LogoutTokenFacts): Readonly<Record<string, unknown>> {
  const issuedAt = toSeconds(facts.now);
  return {
    iss: facts.issuer,
    sub: facts.subject,
    aud: facts.clientId,
    iat: issuedAt,
    exp: issuedAt + lifeSeconds,
    jti: facts.tokenId,
    events: { [logoutEvent]: {} },
    sid: facts.sessionId,
  };
}

/**
 * What an application's answer to a logout token means. 400 says that it will not take this token, so sending it again
 * would change nothing; anything else but success may be over later.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.8
 */
export function judgeLogoutAnswer(status: number): 'delivered' | 'refused' | 'failed' {
  if (status === 200 || status === 204) return 'delivered';
  return status === 400 ? 'refused' : 'failed';
}
