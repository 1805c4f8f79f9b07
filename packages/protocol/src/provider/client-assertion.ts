import type { EpochMs } from '../brands.ts';
import type { CompactJwt } from '../wire/compact-jwt.ts';
import { type AudienceForm, isAudienceOurs, isNumericDate } from '../wire/jwt-claims.ts';
import { fapiAlgorithms } from './dpop.ts';
import type { ApplicationFacts } from './facts.ts';

/** What an assertion is checked against. */
export interface AssertionExpectation {
  readonly clientId: string;
  /** The names `aud` may hold, and no others: the issuer, and for older clients the endpoint's own address. */
  readonly audiences: readonly string[];
  /** `single`: `aud` must be one text, not a list (FAPI 2.0 Security Profile §5.3.2.1). */
  readonly audienceForm?: AudienceForm;
  /** Whether `jti` may be missing; only clients of the dialect leave it out. */
  readonly jti?: 'required' | 'optional';
  readonly now: EpochMs;
}

/** What signed an assertion: a key file of the dialect, a key of the client's JWK Set, or its secret. */
export type AssertionKeyOrigin = 'key-file' | 'jwk' | 'secret';

/** Why an assertion is refused; the caller only hears `invalid_client`, with the sentence. */
export type AssertionRefusal = { readonly kind: 'assertion'; readonly detail: string };

const leewaySeconds = 30;
const maximumLifetimeSeconds = 3600;

function refuse(detail: string): AssertionRefusal {
  return { kind: 'assertion', detail };
}

const publicKeyAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
const secretAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
const fapiMethods: readonly string[] = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];

type AssertionRules = Pick<
  ApplicationFacts,
  'authMethod' | 'securityProfile' | 'tokenEndpointAuthSigningAlg'
>;

/**
 * Whether an application may authenticate by the method it is registered with: FAPI 2.0 leaves keys and certificates only.
 * @see FAPI 2.0 Security Profile §5.3.2.1; RFC 6749 §2.3
 */
export function mayUseAuthMethod(
  application: Pick<AssertionRules, 'authMethod' | 'securityProfile'>,
): boolean {
  return application.securityProfile === 'standard' || fapiMethods.includes(application.authMethod);
}

/**
 * Algorithms by which an application may sign its assertions, none where it may not sign any with such a key. The one it
 * registered excludes the others; without one the dialect's key files sign by RS256.
 * @see OpenID Connect Core §9; FAPI 2.0 Security Profile §5.4.1
 */
export function assertionAlgorithms(
  application: AssertionRules,
  origin: AssertionKeyOrigin,
): readonly string[] {
  const { authMethod, securityProfile, tokenEndpointAuthSigningAlg: registered } = application;
  if (authMethod !== (origin === 'secret' ? 'client_secret_jwt' : 'private_key_jwt')) return [];
  if (!mayUseAuthMethod(application)) return [];
  const possible: readonly string[] =
    securityProfile !== 'standard'
      ? fapiAlgorithms
      : origin === 'secret'
        ? secretAlgorithms
        : publicKeyAlgorithms;
  if (registered !== null) return possible.filter((algorithm) => algorithm === registered);
  return origin === 'key-file' && securityProfile === 'standard' ? ['RS256'] : possible;
}

/**
 * What the assertions of an application are checked against, at the endpoint it called. FAPI 2.0 wants the issuer alone;
 * else the token endpoint and the called one will do as well, which older clients name.
 * @see RFC 7523 §3; OpenID Connect Core §9; FAPI 2.0 Security Profile §5.3.2.1
 */
export function assertionExpectation(
  application: AssertionRules & Pick<ApplicationFacts, 'clientId'>,
  origin: AssertionKeyOrigin,
  at: {
    readonly issuer: string;
    readonly tokenEndpoint: string;
    readonly calledEndpoint: string;
    readonly now: EpochMs;
  },
): AssertionExpectation {
  const { issuer, tokenEndpoint, calledEndpoint, now } = at;
  const { clientId, securityProfile } = application;
  const jti = origin === 'key-file' && securityProfile === 'standard' ? 'optional' : 'required';
  if (securityProfile !== 'standard')
    return { clientId, audiences: [issuer], audienceForm: 'single', jti, now };
  return { clientId, audiences: [issuer, `${issuer}/`, tokenEndpoint, calledEndpoint], jti, now };
}

/**
 * Whether a JWT says by `typ` that it is made for something else than authenticating a client, such as a DPoP proof or a
 * request object of the same key.
 * @see RFC 8725 §3.11; RFC 7523bis §4
 */
export function isOtherJwtType(typ: string | undefined): boolean {
  const name = typ?.toLowerCase().replace(/^application\//, '');
  return name !== undefined && name !== 'jwt' && name !== 'client-authentication+jwt';
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
  if (!isAudienceOurs(aud, expected.audiences, expected.audienceForm ?? 'any'))
    return refuse('aud of the assertion must be the issuer, and name no other server');
  if (!isNumericDate(exp)) return refuse('exp of the assertion is missing, or is not a time in seconds');
  if (exp <= now - leewaySeconds)
    return refuse('the assertion has expired; sign a new one and check the clock');
  if (exp > now + maximumLifetimeSeconds + leewaySeconds)
    return refuse('the assertion is valid for more than an hour; shorten exp');
  if (iat !== undefined && !isNumericDate(iat)) return refuse('iat of the assertion is not a time');
  if (
    iat !== undefined &&
    (iat > now + leewaySeconds || iat < now - maximumLifetimeSeconds - leewaySeconds)
  ) {
    return refuse('iat of the assertion is in the future or more than an hour ago; check the clock');
  }
  if (nbf !== undefined && (!isNumericDate(nbf) || nbf > now + leewaySeconds))
    return refuse('nbf of the assertion is in the future');
  if (jti === undefined && expected.jti === 'required')
    return refuse('jti is missing from the assertion; give every assertion an id of its own');
  if (jti !== undefined && (typeof jti !== 'string' || jti.length > 512))
    return refuse('jti of the assertion is not a short text');
  return undefined;
}
