import { type EpochMs, type EpochSeconds, epochMs, epochSeconds, toSeconds } from '../brands.ts';
import { nameApplications } from './audience.ts';

/** The key a token is bound to: a DPoP key by its thumbprint (RFC 9449 §6.1), or a certificate (RFC 8705 §3.1). */
export type Confirmation =
  | { readonly kind: 'dpop'; readonly jkt: string }
  | { readonly kind: 'certificate'; readonly thumbprint: string };

/** Who acts for the subject (RFC 8693 §4.1); `act` is who acted before. */
export interface Actor {
  readonly iss: string;
  readonly sub: string;
  readonly act?: Actor;
}

/**
 * Everything an access token says and depends on. Opaque tokens seal it whole; of a JWT the claims say most of it, and its
 * `jti` seals the rest.
 */
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
  /** The domain that issued it, where that is not the first of its instance. */
  readonly issuer?: string;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  /** Every application of its project is meant, besides those the audience names. */
  readonly isForWholeProject?: true;
  readonly authTime?: EpochSeconds;
  readonly amr: readonly string[];
  /** Id of the key that signed a JWT; absent for opaque tokens. */
  readonly keyId?: string;
  /** Without it the token is a bearer token. */
  readonly confirmation?: Confirmation;
  readonly actor?: Actor;
  /** When the actor signed in; absent for machines, and when it is unknown. */
  readonly actorAuthTime?: EpochSeconds;
  /** Claims asked for one by one at userinfo (OpenID Connect Core §5.5). */
  readonly userinfoClaims?: readonly string[];
  /** The `sub` that is told in place of the user's id (pairwise, OpenID Connect Core §8.1). */
  readonly subject?: string;
  /** Ids of what it came of besides all the above: of an exchanged token the tokens shown, and the actor's session. */
  readonly dependsOn?: readonly string[];
  /** A personal access token: live while its row exists. */
  readonly personal?: true;
}

/** Members few tokens have; the last element of a packed token, left out when there are none. */
interface Extras {
  readonly jkt?: string;
  readonly x5t?: string;
  readonly act?: Actor;
  readonly actTime?: number;
  readonly claims?: readonly string[];
  readonly sub?: string;
  readonly pat?: 1;
  readonly deps?: readonly string[];
  readonly iss?: string;
  readonly all?: 1;
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
  extras?: Extras,
];

const packedLength = 16;

function extrasOf(facts: AccessTokenFacts): Extras | undefined {
  const { confirmation, actor, actorAuthTime, userinfoClaims, subject, personal, dependsOn, issuer } = facts;
  const extras: Extras = {
    ...(confirmation?.kind === 'dpop' ? { jkt: confirmation.jkt } : {}),
    ...(confirmation?.kind === 'certificate' ? { x5t: confirmation.thumbprint } : {}),
    ...(actor === undefined ? {} : { act: actor }),
    ...(actorAuthTime === undefined ? {} : { actTime: actorAuthTime }),
    ...(userinfoClaims === undefined ? {} : { claims: userinfoClaims }),
    ...(subject === undefined ? {} : { sub: subject }),
    ...(personal === undefined ? {} : { pat: 1 }),
    ...(dependsOn === undefined ? {} : { deps: dependsOn }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(facts.isForWholeProject === undefined ? {} : { all: 1 }),
  };
  return Object.keys(extras).length === 0 ? undefined : extras;
}

function fromExtras(extras: Extras): Partial<AccessTokenFacts> {
  const { jkt, x5t, act, actTime, claims, sub, pat, deps, iss, all } = extras;
  return {
    ...(jkt === undefined ? {} : { confirmation: { kind: 'dpop', jkt } }),
    ...(x5t === undefined ? {} : { confirmation: { kind: 'certificate', thumbprint: x5t } }),
    ...(act === undefined ? {} : { actor: act }),
    ...(actTime === undefined ? {} : { actorAuthTime: epochSeconds(actTime) }),
    ...(claims === undefined ? {} : { userinfoClaims: claims }),
    ...(sub === undefined ? {} : { subject: sub }),
    ...(pat === undefined ? {} : { personal: true }),
    ...(deps === undefined ? {} : { dependsOn: deps }),
    ...(iss === undefined ? {} : { issuer: iss }),
    ...(all === undefined ? {} : { isForWholeProject: true }),
  };
}

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
  const extras = extrasOf(facts);
  return JSON.stringify(extras === undefined ? packed : [...packed, extras]);
}

function isPacked(value: unknown): value is Packed {
  if (!Array.isArray(value) || value[0] !== 1) return false;
  const extras: unknown = value[packedLength];
  return value.length === packedLength || (value.length === packedLength + 1 && typeof extras === 'object');
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
    extras,
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
    ...(extras === undefined ? {} : fromExtras(extras)),
  };
}

/** What the signed claims of a JWT access token need besides its facts. */
export interface JwtAccessTokenContext {
  readonly issuer: string;
  /** What it depends on, sealed. */
  readonly jti: string;
  /** Client IDs of the applications of its project. */
  readonly projectClientIds?: readonly string[];
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
    sub: facts.subject ?? facts.userId,
    aud: nameApplications(facts, context.projectClientIds ?? [], 'some'),
    exp: facts.expiresAt + context.clockSkewSeconds,
    iat: issuedAt,
    nbf: issuedAt,
    client_id: facts.clientId,
    scope: facts.scopes.join(' '),
    jti: context.jti,
    ...(facts.confirmation === undefined ? {} : { cnf: confirmationClaim(facts.confirmation) }),
    ...(facts.actor === undefined ? {} : { act: facts.actor }),
  };
}

/**
 * The `cnf` claim of a bound token.
 * @see RFC 9449 §6.1, RFC 8705 §3.1
 */
export function confirmationClaim(confirmation: Confirmation): Readonly<Record<string, string>> {
  switch (confirmation.kind) {
    case 'dpop':
      return { jkt: confirmation.jkt };
    case 'certificate':
      return { 'x5t#S256': confirmation.thumbprint };
  }
}
