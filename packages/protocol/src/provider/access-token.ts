import { type EpochMs, type EpochSeconds, epochMs, epochSeconds, toSeconds } from '../brands.ts';

/** Everything an access token says and depends on. Opaque tokens seal it whole, JWTs seal it inside `jti`. */
export interface AccessTokenFacts {
  readonly tokenId: string;
  readonly issuedAtMs: EpochMs;
  readonly expiresAt: EpochSeconds;
  readonly userId: string;
  readonly organizationId: string;
  readonly clientId: string;
  /** Absent for a machine user acting for itself. */
  readonly applicationId?: string;
  readonly projectId?: string;
  readonly sessionId?: string;
  readonly grantId?: string;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly authTime?: EpochSeconds;
  readonly amr: readonly string[];
  /** Id of the key that signed a JWT; absent for opaque tokens. */
  readonly keyId?: string;
}

type Packed = readonly [
  version: 1,
  tokenId: string,
  issuedAtMs: number,
  expiresAt: number,
  userId: string,
  organizationId: string,
  clientId: string,
  applicationId: string,
  projectId: string,
  sessionId: string,
  grantId: string,
  scope: string,
  audience: string,
  authTime: number,
  amr: string,
  keyId: string,
];

const packedLength = 16;

/**
 * Token facts as a short JSON text for sealing.
 * @see RFC 7662 §1.1: what an opaque token means is between issuer and itself
 */
export function packAccessToken(facts: AccessTokenFacts): string {
  const packed: Packed = [
    1,
    facts.tokenId,
    facts.issuedAtMs,
    facts.expiresAt,
    facts.userId,
    facts.organizationId,
    facts.clientId,
    facts.applicationId ?? '',
    facts.projectId ?? '',
    facts.sessionId ?? '',
    facts.grantId ?? '',
    facts.scopes.join(' '),
    facts.audience.join(' '),
    facts.authTime ?? 0,
    facts.amr.join(' '),
    facts.keyId ?? '',
  ];
  return JSON.stringify(packed);
}

function isPacked(value: unknown): value is Packed {
  return Array.isArray(value) && value.length === packedLength && value[0] === 1;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/**
 * Reads what `packAccessToken` wrote; `undefined` when the text has another shape (a token of another version).
 * @see RFC 7662 §2.2
 */
export function unpackAccessToken(text: string): AccessTokenFacts | undefined {
  const value = parseJson(text);
  if (!isPacked(value)) return undefined;
  const [
    ,
    tokenId,
    issuedAtMs,
    expiresAt,
    userId,
    organizationId,
    clientId,
    applicationId,
    projectId,
    sessionId,
    grantId,
    scope,
    audience,
    authTime,
    amr,
    keyId,
  ] = value;
  return {
    tokenId,
    issuedAtMs: epochMs(issuedAtMs),
    expiresAt: epochSeconds(expiresAt),
    userId,
    organizationId,
    clientId,
    ...(applicationId === '' ? {} : { applicationId }),
    ...(projectId === '' ? {} : { projectId }),
    ...(sessionId === '' ? {} : { sessionId }),
    ...(grantId === '' ? {} : { grantId }),
    scopes: words(scope),
    audience: words(audience),
    ...(authTime === 0 ? {} : { authTime: epochSeconds(authTime) }),
    amr: words(amr),
    ...(keyId === '' ? {} : { keyId }),
  };
}

/** What the signed claims of a JWT access token need besides its facts. */
export interface JwtAccessTokenContext {
  readonly issuer: string;
  /** The sealed facts. */
  readonly jti: string;
  readonly clockSkewSeconds: number;
}

/**
 * The claims of a JWT access token; roles and reserved claims are the caller's to add.
 * @see RFC 9068 §2.2; ZITADEL dialect, JWT access token
 */
export function jwtAccessTokenClaims(
  facts: AccessTokenFacts,
  context: JwtAccessTokenContext,
): Record<string, unknown> {
  const issuedAt = toSeconds(facts.issuedAtMs) - context.clockSkewSeconds;
  return {
    iss: context.issuer,
    sub: facts.userId,
    aud: facts.audience,
    exp: facts.expiresAt + context.clockSkewSeconds,
    iat: issuedAt,
    nbf: issuedAt,
    client_id: facts.clientId,
    scope: facts.scopes.join(' '),
    jti: context.jti,
  };
}
