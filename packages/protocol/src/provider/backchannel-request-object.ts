import type { EpochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import { isNumericDate } from '../wire/jwt-claims.ts';
import type { Params } from '../wire/params.ts';
import { requestObjectParams, requestObjectTimeProblem } from './request-object.ts';

/** What a signed backchannel authentication request is checked against. */
export interface BackchannelObjectExpectation {
  readonly clientId: string;
  readonly issuer: string;
  readonly now: EpochMs;
}

/** The parameters of a signed request, with what makes it usable once; or why it cannot be used. */
export type BackchannelObjectReading =
  | { readonly kind: 'params'; readonly params: Params; readonly jti: string; readonly exp: number }
  | { readonly kind: 'refused'; readonly detail: string };

const besideRequest = ['request', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];
const maximumJti = 255;
const maximumAgeSeconds = 3600;

/**
 * The first parameter sent beside a signed request that would have to be in it; `undefined` when only client authentication is.
 * @see OpenID CIBA Core §7.1.1
 */
export function parameterBesideRequest(params: Params): string | undefined {
  return [...params.keys()].find((name) => !besideRequest.includes(name));
}

function claimsProblem(jwt: CompactJwt, expected: BackchannelObjectExpectation): string | undefined {
  const { iss, aud, iat, jti } = jwt.payload;
  if (iss !== expected.clientId) return 'iss of the signed request must be the client_id';
  if (!(Array.isArray(aud) ? aud : [aud]).includes(expected.issuer))
    return 'aud of the signed request must be the issuer';
  if (!isNumericDate(iat)) return 'iat is missing from the signed request';
  if (iat < expected.now / 1000 - maximumAgeSeconds)
    return 'iat of the signed request is more than 60 minutes ago; sign a new one';
  if (typeof jti !== 'string' || jti === '' || jti.length > maximumJti)
    return `jti of the signed request must be a text of 1 to ${maximumJti} characters`;
  return requestObjectTimeProblem(jwt, { now: expected.now, strictness: 'message_signing' });
}

/**
 * Reads a signed authentication request whose signature has been verified: `iss`, `aud`, `exp`, `iat`, `nbf` and `jti` must be
 * there, and it may be valid for an hour at most. Its claims are the parameters of the request.
 * @see OpenID CIBA Core §7.1.1; FAPI-CIBA §5.2.2
 */
export function readBackchannelObject(
  jwt: CompactJwt,
  expected: BackchannelObjectExpectation,
): BackchannelObjectReading {
  const detail = claimsProblem(jwt, expected);
  if (detail !== undefined) return { kind: 'refused', detail };
  const reading = requestObjectParams(jwt);
  if (reading.kind === 'refused') return reading;
  const { jti, exp } = jwt.payload;
  return { kind: 'params', params: reading.params, jti: String(jti), exp: Number(exp) };
}
