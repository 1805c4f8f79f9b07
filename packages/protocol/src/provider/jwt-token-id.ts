import { epochMs, epochSeconds } from '../brands.ts';
import { type AccessTokenFacts, type Confirmation, unpackAccessToken } from './access-token.ts';
import { readActorClaim } from './token-exchange.ts';

/** Members few tokens have; the last element, left out when there are none. */
interface Extras {
  readonly actTime?: number;
  readonly claims?: readonly string[];
  readonly deps?: readonly string[];
  readonly iss?: string;
  readonly all?: 1;
}

type Packed = readonly [
  version: 2,
  tokenId: string,
  /** The part of the time of issue that `iat` leaves out. */
  milliseconds: number,
  clockSkewSeconds: number,
  /** Empty where `sub` is the user's id. */
  userId: string,
  organizationId: string,
  applicationId: string,
  projectId: string,
  sessionId: string,
  grantId: string,
  authTime: number,
  amr: string,
  extras?: Extras,
];

const packedLength = 12;

/**
 * What a JWT access token depends on besides its claims, as a short text for sealing into `jti`: ids, and no facts that
 * the signed claims tell already.
 * @see RFC 9068 §2.2; decision 0030
 */
export function packTokenId(facts: AccessTokenFacts, clockSkewSeconds: number): string {
  const { subject, actorAuthTime, userinfoClaims, dependsOn, issuer, isForWholeProject } = facts;
  const packed: Packed = [
    2,
    facts.tokenId,
    facts.issuedAtMs % 1000,
    clockSkewSeconds,
    subject === undefined ? '' : facts.userId,
    facts.organizationId,
    facts.applicationId ?? '',
    facts.projectId ?? '',
    facts.sessionId ?? '',
    facts.grantId ?? '',
    facts.authTime ?? 0,
    facts.amr.join(' '),
  ];
  const extras: Extras = {
    ...(actorAuthTime === undefined ? {} : { actTime: actorAuthTime }),
    ...(userinfoClaims === undefined ? {} : { claims: userinfoClaims }),
    ...(dependsOn === undefined ? {} : { deps: dependsOn }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(isForWholeProject === undefined ? {} : { all: 1 }),
  };
  return JSON.stringify(Object.keys(extras).length === 0 ? packed : [...packed, extras]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPacked(value: unknown): value is Packed {
  if (!Array.isArray(value) || value[0] !== 2) return false;
  const extras: unknown = value[packedLength];
  return value.length === packedLength || (value.length === packedLength + 1 && typeof extras === 'object');
}

type Signed = Pick<AccessTokenFacts, 'clientId' | 'scopes' | 'audience' | 'confirmation' | 'actor'> & {
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
};

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

function readConfirmationClaim(claim: unknown): Confirmation | undefined {
  if (typeof claim !== 'object' || claim === null) return undefined;
  if ('jkt' in claim && typeof claim.jkt === 'string') return { kind: 'dpop', jkt: claim.jkt };
  if ('x5t#S256' in claim && typeof claim['x5t#S256'] === 'string')
    return { kind: 'certificate', thumbprint: claim['x5t#S256'] };
  return undefined;
}

function readSigned(claims: Readonly<Record<string, unknown>>): Signed | undefined {
  const { sub, iat, exp, client_id: clientId, scope, aud, cnf, act } = claims;
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof scope !== 'string') return undefined;
  if (typeof iat !== 'number' || typeof exp !== 'number' || !Array.isArray(aud)) return undefined;
  const audience = aud.filter((entry) => typeof entry === 'string');
  const confirmation = readConfirmationClaim(cnf);
  const actor = readActorClaim(act);
  // What cannot be read must not make a bound token a bearer token, nor hide who acts.
  if ((cnf !== undefined && confirmation === undefined) || (act !== undefined && actor === undefined))
    return undefined;
  return {
    ...{ sub, iat, exp, clientId, audience },
    scopes: words(scope),
    ...(confirmation === undefined ? {} : { confirmation }),
    ...(actor === undefined ? {} : { actor }),
  };
}

function fromExtras({ actTime, claims, deps, iss, all }: Extras): Partial<AccessTokenFacts> {
  return {
    ...(actTime === undefined ? {} : { actorAuthTime: epochSeconds(actTime) }),
    ...(claims === undefined ? {} : { userinfoClaims: claims }),
    ...(deps === undefined ? {} : { dependsOn: deps }),
    ...(iss === undefined ? {} : { issuer: iss }),
    ...(all === undefined ? {} : { isForWholeProject: true }),
  };
}

/**
 * The facts of a JWT access token of ours: its signed claims, `kid`, and what `jti` held. Tokens issued before `jti` held
 * ids alone are read as well. `undefined` when the text or the claims have another shape.
 * @see RFC 9068 §2.2
 */
export function unpackTokenId(
  text: string,
  claims: Readonly<Record<string, unknown>>,
  keyId: string | undefined,
): AccessTokenFacts | undefined {
  const value = parseJson(text);
  if (!isPacked(value)) return unpackAccessToken(text);
  const signed = readSigned(claims);
  if (signed === undefined) return undefined;
  const [, tokenId, ms, skew, userId, organizationId, applicationId, projectId, sessionId, grantId] = value;
  const [authTime, amr, extras] = [value[10], value[11], value[packedLength]];
  const { sub, iat, exp, ...told } = signed;
  return {
    ...told,
    tokenId,
    issuedAtMs: epochMs((iat + skew) * 1000 + ms),
    expiresAt: epochSeconds(exp - skew),
    userId: userId === '' ? sub : userId,
    organizationId,
    amr: words(amr),
    ...(userId === '' ? {} : { subject: sub }),
    ...(applicationId === '' ? {} : { applicationId }),
    ...(projectId === '' ? {} : { projectId }),
    ...(sessionId === '' ? {} : { sessionId }),
    ...(grantId === '' ? {} : { grantId }),
    ...(authTime === 0 ? {} : { authTime: epochSeconds(authTime) }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(extras === undefined ? {} : fromExtras(extras)),
  };
}
