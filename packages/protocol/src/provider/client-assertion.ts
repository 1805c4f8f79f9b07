import type { EpochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';

/** What an assertion is checked against. */
export interface AssertionExpectation {
  readonly clientId: string;
  /** Texts any of which `aud` may be: the issuer, and for older clients the endpoint's own address. */
  readonly audiences: readonly string[];
  readonly now: EpochMs;
}

/** Why an assertion is refused; the caller only hears `invalid_client`, with the sentence. */
export type AssertionRefusal = { readonly kind: 'assertion'; readonly detail: string };

const leewaySeconds = 30;
const maximumLifetimeSeconds = 3600;

function refuse(detail: string): AssertionRefusal {
  return { kind: 'assertion', detail };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isFor(audience: unknown, audiences: readonly string[]): boolean {
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return named.some((entry) => typeof entry === 'string' && audiences.includes(entry));
}

/**
 * The id of the key a client assertion names and the client it claims to be, before anything is verified.
 * @see RFC 7523 §3
 */
export function assertedClientId(jwt: CompactJwt): string | undefined {
  const { iss, sub } = jwt.payload;
  return typeof iss === 'string' && iss === sub ? iss : undefined;
}

/**
 * Checks the claims of a client assertion whose signature has been verified. `undefined` means they hold.
 * Validity of up to an hour is accepted, since key-file clients of the dialect ask for that.
 * @see RFC 7523 §3; OpenID Connect Core §9 private_key_jwt
 */
export function checkClientAssertion(
  jwt: CompactJwt,
  expected: AssertionExpectation,
): AssertionRefusal | undefined {
  const { iss, sub, aud, exp, iat, nbf, jti } = jwt.payload;
  const now = expected.now / 1000;
  if (iss !== expected.clientId || sub !== expected.clientId)
    return refuse('iss and sub of the assertion must both be the client_id');
  if (!isFor(aud, expected.audiences)) return refuse('aud of the assertion must be the issuer');
  if (!isTime(exp)) return refuse('exp is missing from the assertion');
  if (exp <= now - leewaySeconds)
    return refuse('the assertion has expired; sign a new one and check the clock');
  if (exp > now + maximumLifetimeSeconds + leewaySeconds)
    return refuse('the assertion is valid for more than an hour; shorten exp');
  if (iat !== undefined && !isTime(iat)) return refuse('iat of the assertion is not a time');
  if (isTime(iat) && (iat > now + leewaySeconds || iat < now - maximumLifetimeSeconds - leewaySeconds)) {
    return refuse('iat of the assertion is in the future or more than an hour ago; check the clock');
  }
  if (nbf !== undefined && (!isTime(nbf) || nbf > now + leewaySeconds))
    return refuse('nbf of the assertion is in the future');
  if (jti !== undefined && (typeof jti !== 'string' || jti.length > 512))
    return refuse('jti of the assertion is not a short text');
  return undefined;
}
