import { isRecord, numberOf, textOf } from './json.ts';
import type { UserClaims } from './user.ts';

/** What a page holds about one sign-in. Times are epoch milliseconds of this device's clock. */
export type Session = {
  readonly accessToken: string;
  /** The key the access token is bound to (RFC 9449); undefined for a bearer token. */
  readonly keyThumbprint: string | undefined;
  readonly obtainedAtMs: number;
  readonly expiresAtMs: number;
  /** Undefined where a vault holds it, and where there is none. */
  readonly refreshToken: string | undefined;
  readonly idToken: string;
  readonly idTokenClaims: UserClaims;
  /** Set when the ID token has no name. */
  readonly userinfoClaims: UserClaims | undefined;
  /** When the user came back from the issuer; refreshing keeps it. */
  readonly signedInAtMs: number;
};

const REFRESH_AHEAD_MS = 30_000;

/** True while the access token has more left than 30 s, or than a tenth of its life if that is shorter. */
export function isFresh(session: Pick<Session, 'expiresAtMs' | 'obtainedAtMs'>, nowMs: number): boolean {
  const lifeMs = session.expiresAtMs - session.obtainedAtMs;
  return session.expiresAtMs - Math.min(REFRESH_AHEAD_MS, lifeMs / 10) > nowMs;
}

/** True while the access token can be used at all. */
export function isUsable(session: Pick<Session, 'expiresAtMs'>, nowMs: number): boolean {
  return session.expiresAtMs > nowMs;
}

/** All claims known of the user: those of the ID token win over those of userinfo. */
export function claimsOf(session: Session): UserClaims {
  return { ...session.userinfoClaims, ...session.idTokenClaims };
}

/** Checks a session that came from another tab or from storage; undefined when anything is missing. */
export function parseSession(value: unknown): Session | undefined {
  if (!isRecord(value)) return undefined;
  const accessToken = typeof value.accessToken === 'string' ? value.accessToken : undefined;
  const idToken = textOf(value.idToken);
  const obtainedAtMs = numberOf(value.obtainedAtMs);
  const expiresAtMs = numberOf(value.expiresAtMs);
  const signedInAtMs = numberOf(value.signedInAtMs);
  const idTokenClaims = parseClaims(value.idTokenClaims);
  if (accessToken === undefined || idToken === undefined || idTokenClaims === undefined) return undefined;
  if (obtainedAtMs === undefined || expiresAtMs === undefined || signedInAtMs === undefined) return undefined;
  return {
    accessToken,
    keyThumbprint: textOf(value.keyThumbprint),
    obtainedAtMs,
    expiresAtMs,
    refreshToken: textOf(value.refreshToken),
    idToken,
    idTokenClaims,
    userinfoClaims: parseClaims(value.userinfoClaims),
    signedInAtMs,
  };
}

/** Claims with a subject, or undefined. */
export function parseClaims(value: unknown): UserClaims | undefined {
  if (!isRecord(value)) return undefined;
  const sub = textOf(value.sub);
  return sub === undefined ? undefined : { ...value, sub };
}
