import { isRecord, type JsonObject, numberOf, textOf } from './json.ts';
import { type UserClaims, userClaimsOf } from './user.ts';

/** What is kept of a sign-in. Times are epoch milliseconds of this machine's clock. */
export interface Session {
  /** Random and new at each sign-in. With a store it is the cookie's value. */
  readonly id: string;
  readonly claims: UserClaims;
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly obtainedAtMs: number;
  /** When the access token expires. */
  readonly expiresAtMs: number;
  readonly refreshToken: string | undefined;
  /** Ends the session at the issuer without a question; the first thing to go when a sealed session is too large. */
  readonly idToken: string | undefined;
  /** The session at the issuer (OpenID Connect Back-Channel Logout §2.1). */
  readonly sid: string | undefined;
  readonly signedInAtMs: number;
  /** When the session ends in any case. */
  readonly endsAtMs: number;
  /** The private key the tokens are bound to (RFC 9449). */
  readonly proofJwk: JsonObject | undefined;
}

const REFRESH_AHEAD_MS = 30_000;

/** True while the access token has more left than 30 s, or than a tenth of its life if that is shorter. */
export function isFresh(session: Session, nowMs: number): boolean {
  const lifeMs = session.expiresAtMs - session.obtainedAtMs;
  return session.expiresAtMs - Math.min(REFRESH_AHEAD_MS, lifeMs / 10) > nowMs;
}

/** When the session ends as far as is known: without a refresh token, with its access token. Epoch milliseconds. */
export function endOf(session: Session): number {
  return session.refreshToken === undefined
    ? Math.min(session.endsAtMs, session.expiresAtMs)
    : session.endsAtMs;
}

/** Reads what was sealed; undefined when anything is missing. */
export function parseSession(value: JsonObject | undefined): Session | undefined {
  if (value === undefined) return undefined;
  const [id, accessToken] = [textOf(value.id), textOf(value.accessToken)];
  const claims = isRecord(value.claims) ? userClaimsOf(value.claims) : undefined;
  const [obtainedAtMs, expiresAtMs] = [numberOf(value.obtainedAtMs), numberOf(value.expiresAtMs)];
  const [signedInAtMs, endsAtMs] = [numberOf(value.signedInAtMs), numberOf(value.endsAtMs)];
  if (id === undefined || accessToken === undefined || claims === undefined) return undefined;
  if (obtainedAtMs === undefined || expiresAtMs === undefined) return undefined;
  if (signedInAtMs === undefined || endsAtMs === undefined) return undefined;
  return {
    ...{ id, claims, accessToken, obtainedAtMs, expiresAtMs, signedInAtMs, endsAtMs },
    tokenType: value.tokenType === 'DPoP' ? 'DPoP' : 'Bearer',
    refreshToken: textOf(value.refreshToken),
    idToken: textOf(value.idToken),
    sid: textOf(value.sid),
    proofJwk: isRecord(value.proofJwk) ? value.proofJwk : undefined,
  };
}
