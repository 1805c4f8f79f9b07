import { type AuthError, type InvalidToken, invalidToken } from './auth-error.ts';
import type { Discover } from './discovery.ts';
import { type JsonObject, stringOf, stringsOf } from './json.ts';
import { hasValidSignature, isAllowedAlgorithm, type ParsedJws } from './jws.ts';
import type { KeySet } from './key-set.ts';

/** Claims of a token that passed every check. */
export interface CheckedClaims {
  readonly kind: 'claims';
  readonly claims: JsonObject;
  readonly subject: string;
  /** Seconds since the epoch; absent only where an introspection response has none. */
  readonly expiresAt: number | undefined;
}

/** What claims are held against. */
export interface ClaimExpectations {
  /** One of these must be in `aud`; empty when the issuer has checked the audience. */
  readonly audiences: readonly string[];
  readonly nowSeconds: number;
  readonly clockToleranceSeconds: number;
}

const ACCESS_TOKEN_TYPES = new Set(['at+jwt', 'application/at+jwt', 'jwt']);
/** The last second of the year 9999. */
const LATEST_DATE = 253_402_300_799;
/** Latchkey issues JWTs for a day at most; other issuers of the dialect may be set to more. */
const MAX_LIFETIME_SECONDS = 31 * 86_400;
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/**
 * Checks a JWT access token: type, algorithm, key, signature, then claims.
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068 §4
 */
export async function checkJwtAccessToken(
  jws: ParsedJws,
  issuer: { discover: Discover; keySet: KeySet },
  expected: ClaimExpectations,
): Promise<CheckedClaims | AuthError> {
  const algorithm = stringOf(jws.header.alg) ?? '';
  const headerRefusal = checkHeader(jws.header, algorithm);
  if (headerRefusal) return headerRefusal;
  const metadata = await issuer.discover();
  if (metadata.kind !== 'metadata') return metadata;
  const lookup = await issuer.keySet.find(algorithm, stringOf(jws.header.kid));
  if (lookup.kind === 'unknown-key') {
    return invalidToken('unknown-key', 'The access token is signed with a key the issuer does not publish.');
  }
  if (lookup.kind !== 'key') return lookup;
  if (!hasValidSignature(jws, algorithm, lookup.key)) {
    return invalidToken('signature', 'The signature of the access token is wrong.');
  }
  const typeRefusal = checkIsAccessToken(jws);
  if (typeRefusal) return typeRefusal;
  if (jws.payload.iss !== metadata.issuer) {
    return invalidToken(
      'wrong-issuer',
      `The access token is from another issuer. Get one from ${metadata.issuer}.`,
    );
  }
  return checkLifetime(jws.payload, expected) ?? checkClaims(jws.payload, expected);
}

/** The checks that JWT and introspection response share: audience, times, subject. A binding is checked by request. */
export function checkClaims(claims: JsonObject, expected: ClaimExpectations): CheckedClaims | InvalidToken {
  const timeRefusal = checkTimes(claims, expected);
  if (timeRefusal) return timeRefusal;
  if (expected.audiences.length > 0) {
    const audience = typeof claims.aud === 'string' ? [claims.aud] : stringsOf(claims.aud);
    if (!audience.some((item) => expected.audiences.includes(item))) {
      return invalidToken(
        'wrong-audience',
        `The access token is not for this API. Ask for the audience ${expected.audiences.join(' or ')}.`,
      );
    }
  }
  const subject = stringOf(claims.sub);
  if (subject === undefined) return invalidToken('no-subject', 'The access token names no subject.');
  return {
    kind: 'claims',
    claims,
    subject,
    expiresAt: typeof claims.exp === 'number' ? claims.exp : undefined,
  };
}

function checkHeader(header: JsonObject, algorithm: string): InvalidToken | undefined {
  if (!isAllowedAlgorithm(algorithm)) {
    return invalidToken('algorithm', 'The access token is not signed with an accepted algorithm.');
  }
  // RFC 7515 §4.1.11: critical extensions that are not understood make the token invalid; none is understood.
  if (header.crit !== undefined || header.b64 !== undefined) {
    return invalidToken('malformed', 'The access token uses signature extensions this API does not know.');
  }
  const type = stringOf(header.typ)?.toLowerCase();
  if (type === undefined || !ACCESS_TOKEN_TYPES.has(type)) {
    return invalidToken(
      'wrong-type',
      'This is not an access token. Send the access token of the token response.',
    );
  }
  return undefined;
}

/**
 * `at+jwt` says by itself that this is an access token. `JWT` is what ID tokens, signed user info and others of the same key
 * say as well: such a token must have what RFC 9068 §2.2 asks of access tokens, `jti` and `client_id`, of which none of
 * those has both.
 */
function checkIsAccessToken({ header, payload }: ParsedJws): InvalidToken | undefined {
  const isIdToken =
    ID_TOKEN_CLAIMS.some((name) => payload[name] !== undefined) ||
    // The platform's ID tokens name an authorized party and carry no id of their own; access tokens always have one.
    (payload.azp !== undefined && payload.jti === undefined);
  if (isIdToken) {
    return invalidToken(
      'wrong-type',
      'This is an ID token. Send the access token of the same token response instead.',
    );
  }
  // OpenID Connect Back-Channel Logout 1.0 §2.4, RFC 8417 §2.2
  if (payload.events !== undefined) {
    return invalidToken('wrong-type', 'This is a security event or logout token, not an access token.');
  }
  const isUntyped = stringOf(header.typ)?.toLowerCase() === 'jwt';
  if (isUntyped && (!stringOf(payload.jti) || !stringOf(payload.client_id))) {
    return invalidToken(
      'wrong-type',
      'This JWT is not an access token: it has no jti or no client_id. Send the access token of the token response.',
    );
  }
  return undefined;
}

/** RFC 7519 §2: seconds since 1970, fractions allowed; a time after the year 9999 is a mistake or an attack. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LATEST_DATE;
}

/** A JWT is good until it expires, whatever happens to its user; so it must expire, and within a month. */
function checkLifetime(claims: JsonObject, expected: ClaimExpectations): InvalidToken | undefined {
  const { exp, iat } = claims;
  if (exp === undefined) return invalidToken('malformed', 'The access token does not say when it expires.');
  const begin = isNumericDate(iat) ? Math.min(iat, expected.nowSeconds) : expected.nowSeconds;
  if (!isNumericDate(exp) || exp <= begin + MAX_LIFETIME_SECONDS) return undefined;
  return invalidToken('malformed', 'The access token is valid for more than 31 days.');
}

function checkTimes(claims: JsonObject, expected: ClaimExpectations): InvalidToken | undefined {
  const { nowSeconds, clockToleranceSeconds } = expected;
  for (const name of ['exp', 'nbf', 'iat']) {
    if (claims[name] !== undefined && !isNumericDate(claims[name])) {
      return invalidToken('malformed', `The access token's ${name} is not a time in seconds since 1970.`);
    }
  }
  if (typeof claims.exp === 'number' && nowSeconds >= claims.exp + clockToleranceSeconds) {
    return invalidToken('expired', 'The access token has expired. Refresh it or sign in again.');
  }
  for (const begin of [claims.nbf, claims.iat]) {
    if (typeof begin === 'number' && nowSeconds < begin - clockToleranceSeconds) {
      return invalidToken(
        'not-yet-valid',
        'The access token is not valid yet. Check the clocks, then try again.',
      );
    }
  }
  return undefined;
}
