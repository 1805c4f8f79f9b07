import type { EpochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import { isNumericDate } from '../wire/jwt-claims.ts';
import type { Params } from '../wire/params.ts';

/** What a request object is checked against. */
export interface RequestObjectExpectation {
  readonly clientId: string;
  readonly issuer: string;
  readonly now: EpochMs;
  /** `message_signing` demands the claims of FAPI 2.0 Message Signing §5.3.1; `standard` takes those it finds. */
  readonly strictness: 'standard' | 'message_signing';
}

/** The parameters of a request object, or why it cannot be used. */
export type RequestObjectReading =
  | { readonly kind: 'params'; readonly params: Params }
  | { readonly kind: 'refused'; readonly detail: string };

const leewaySeconds = 30;
const maximumLifeSeconds = 3600;
const knownTypes = ['oauth-authz-req+jwt', 'jwt'];
const aboutTheJwt = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub'];

/** Media types are compared without regard to case, and `application/` may be left out (RFC 7515 §4.1.9). */
function isKnownType(typ: string): boolean {
  return knownTypes.includes(typ.toLowerCase().replace(/^application\//, ''));
}

function refuse(detail: string): RequestObjectReading {
  return { kind: 'refused', detail };
}

function audiencesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/**
 * What is wrong with the times of a signed request; `undefined` when nothing is.
 * @see RFC 7519 §4.1; FAPI 2.0 Message Signing §5.3.1
 */
export function requestObjectTimeProblem(
  jwt: CompactJwt,
  expected: Pick<RequestObjectExpectation, 'now' | 'strictness'>,
): string | undefined {
  const { exp, nbf, iat } = jwt.payload;
  const now = expected.now / 1000;
  const isStrict = expected.strictness === 'message_signing';
  if (exp === undefined ? isStrict : !isNumericDate(exp)) return 'exp is missing from the request object';
  if (isNumericDate(exp) && exp <= now - leewaySeconds)
    return 'the request object has expired; sign a new one';
  if (nbf === undefined ? isStrict : !isNumericDate(nbf)) return 'nbf is missing from the request object';
  if (isNumericDate(nbf) && nbf > now + leewaySeconds) return 'nbf of the request object is in the future';
  if (iat !== undefined && (!isNumericDate(iat) || iat > now + leewaySeconds))
    return 'iat of the request object is in the future or not a time';
  if (!isStrict) return undefined;
  if (isNumericDate(nbf) && nbf < now - maximumLifeSeconds)
    return 'nbf of the request object is more than 60 minutes ago; sign a new one';
  return isNumericDate(exp) && isNumericDate(nbf) && exp > nbf + maximumLifeSeconds
    ? 'the request object is valid for more than 60 minutes; shorten exp'
    : undefined;
}

/** A parameter as it would stand in a query: JSON for objects, words parted by spaces for lists. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (Array.isArray(value))
    return value.every((entry) => typeof entry === 'string') ? value.join(' ') : undefined;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined;
}

/**
 * Reads a request object whose signature has been verified. Its parameters stand for the whole request: what was sent
 * around it does not count.
 * @see RFC 9101 §5, §6.3; OpenID Connect Core §6.1; FAPI 2.0 Message Signing §5.3.1
 */
export function readRequestObject(jwt: CompactJwt, expected: RequestObjectExpectation): RequestObjectReading {
  const { typ } = jwt.header;
  const { iss, aud, client_id: clientId } = jwt.payload;
  const isStrict = expected.strictness === 'message_signing';
  // FAPI 2.0 Message Signing §5.3.1 asks clients to send it and servers to take requests without it.
  if (typ !== undefined && !isKnownType(typ))
    return refuse('typ of the request object must be oauth-authz-req+jwt');
  if (iss === undefined ? isStrict : iss !== expected.clientId)
    return refuse('iss of the request object must be the client_id');
  // FAPI 2.0 Message Signing §5.3.1 and its certification take a list with other servers in it, unlike an assertion's.
  if (aud === undefined ? isStrict : !audiencesOf(aud).includes(expected.issuer))
    return refuse('aud of the request object must be the issuer');
  if (clientId !== expected.clientId)
    return refuse('client_id of the request object must be the one of the request');
  const late = requestObjectTimeProblem(jwt, expected);
  if (late !== undefined) return refuse(late);
  return requestObjectParams(jwt);
}

/**
 * The parameters in a signed request: every claim that is not about the JWT itself.
 * @see RFC 9101 §4
 */
export function requestObjectParams(jwt: CompactJwt): RequestObjectReading {
  if ('request' in jwt.payload || 'request_uri' in jwt.payload)
    return refuse('a request object cannot hold another one');
  const params = new Map<string, string>();
  for (const [name, value] of Object.entries(jwt.payload)) {
    if (aboutTheJwt.includes(name) || value === null) continue;
    const text = textOf(value);
    if (text === undefined || text.includes('\0'))
      return refuse('a parameter of the request object is not a text');
    if (text !== '') params.set(name, text);
  }
  return { kind: 'params', params };
}
