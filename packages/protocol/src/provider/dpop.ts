import type { EpochMs } from '../brands.ts';
import { type CompactJwt, parseCompactJwt } from '../wire/compact-jwt.ts';
import { isNumericDate } from '../wire/jwt-claims.ts';
import type { Confirmation } from './access-token.ts';
import type { ApplicationFacts } from './facts.ts';

/** Algorithms of DPoP proofs that ordinary applications may use. */
export const dpopAlgorithms: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
];

/** Those that the FAPI 2.0 Security Profile leaves (§5.4.1); Ed25519 is what RFC 9864 calls EdDSA with that curve. */
export const fapiAlgorithms: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

/**
 * The algorithms a client may sign proofs with.
 * @see RFC 9449 §4.3 rule 5, FAPI 2.0 Security Profile §5.4.1
 */
export function dpopAlgorithmsOf(
  application: Pick<ApplicationFacts, 'securityProfile'> | undefined,
): readonly string[] {
  return application === undefined || application.securityProfile === 'standard'
    ? dpopAlgorithms
    : fapiAlgorithms;
}

/** Why a proof is refused. The sentence is for the client's developer. */
export interface DpopRefusal {
  readonly kind: 'dpop-refusal';
  readonly detail: string;
}

/** A proof of the right shape; neither its signature nor its claims have been checked. */
export interface DpopProof {
  readonly kind: 'dpop-proof';
  readonly jwt: CompactJwt;
  /** The members of the public key that its thumbprint is made of (RFC 7638 §3.2), and no others. */
  readonly jwk: Readonly<Record<string, string>>;
  readonly jti: string;
  /** The value of the server that the proof repeats, where it repeats one. */
  readonly nonce: string | undefined;
}

const maximumProofLength = 8192;
const maximumJtiLength = 256;
const maximumNonceLength = 256;
const leewaySeconds = 60;

const keyMembers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
// 4096 bits, and an exponent of 32: what verifies in well under a millisecond.
const maximumMemberLength: ReadonlyMap<string, number> = new Map([
  ['n', 684],
  ['e', 6],
  ['x', 88],
  ['y', 88],
  ['crv', 16],
  ['kty', 4],
]);

function refuse(detail: string): DpopRefusal {
  return { kind: 'dpop-refusal', detail };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The header once more, for the member that other JWTs must not be judged by: a key that comes with the message. */
function embeddedKey(jwt: CompactJwt): unknown {
  const encoded = jwt.signingInput.slice(0, jwt.signingInput.indexOf('.'));
  const header: unknown = JSON.parse(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')));
  return isObject(header) ? header.jwk : undefined;
}

function parseKey(jwk: unknown): Readonly<Record<string, string>> | DpopRefusal {
  if (!isObject(jwk)) return refuse('the DPoP proof lacks the public key in its jwk header');
  if (privateMembers.some((name) => name in jwk))
    return refuse('jwk of the DPoP proof holds private or secret key material; send the public key alone');
  const members = keyMembers.get(jwk.kty);
  if (members === undefined) return refuse('kty of the DPoP key must be EC, OKP or RSA');
  const key: Record<string, string> = {};
  for (const name of members) {
    const value = jwk[name];
    const isFine =
      typeof value === 'string' &&
      value.length <= (maximumMemberLength.get(name) ?? 0) &&
      /^[A-Za-z0-9_-]+$/.test(value);
    if (!isFine) return refuse(`${name} of the DPoP key is missing, malformed or too long`);
    key[name] = value;
  }
  return key;
}

/**
 * Reads the DPoP header of a request: one proof, of the right type, by an algorithm that is allowed, with a public key and
 * an id. The caller verifies the signature with the key, then `checkDpopClaims`.
 * @see RFC 9449 §4.2, §4.3 rules 1 to 6
 */
export function parseDpopProof(header: string, algorithms: readonly string[]): DpopProof | DpopRefusal {
  if (header.includes(',')) return refuse('the request has several DPoP headers; send one proof');
  const jwt = header.length > maximumProofLength ? undefined : parseCompactJwt(header);
  if (jwt === undefined)
    return refuse(`the DPoP header must be one signed JWT of at most ${maximumProofLength} characters`);
  // RFC 7515 §4.1.9: media types compare without case, and without the prefix.
  const type = jwt.header.typ?.toLowerCase();
  if (type !== 'dpop+jwt' && type !== 'application/dpop+jwt')
    return refuse('typ of the DPoP proof must be dpop+jwt');
  if (!algorithms.includes(jwt.header.alg))
    return refuse(`alg of the DPoP proof must be one of ${algorithms.join(' ')}`);
  const jwk = parseKey(embeddedKey(jwt));
  if (isRefusal(jwk)) return jwk;
  const { jti, nonce } = jwt.payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > maximumJtiLength)
    return refuse(`jti of the DPoP proof must be a text of 1 to ${maximumJtiLength} characters`);
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce.length > maximumNonceLength))
    return refuse('nonce of the DPoP proof is not a value of this server');
  return { kind: 'dpop-proof', jwt, jwk, jti, nonce };
}

function isRefusal(value: Readonly<Record<string, string>> | DpopRefusal): value is DpopRefusal {
  return value.kind === 'dpop-refusal';
}

/** The request a proof must have been made for. */
export interface DpopExpectation {
  readonly method: string;
  /** The absolute address of the endpoint. */
  readonly url: string;
  readonly now: EpochMs;
  /** SHA-256 of the access token, base64url, where the proof comes with one. */
  readonly accessTokenHash?: string;
}

/** Scheme, host and port in one spelling, and the path as it is; neither query nor fragment. */
function comparable(address: string): string | undefined {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.username === '' && url.password === '' ? url.origin + url.pathname : undefined;
}

/**
 * Checks what a proof says about its request. `undefined` means that it fits. Claims nobody defined are left alone.
 * @see RFC 9449 §4.3 rules 7 to 12
 */
export function checkDpopClaims(proof: DpopProof, expected: DpopExpectation): DpopRefusal | undefined {
  const { htm, htu, iat, ath } = proof.jwt.payload;
  if (htm !== expected.method) return refuse(`htm of the DPoP proof must be ${expected.method}`);
  const named = typeof htu === 'string' ? comparable(htu) : undefined;
  if (named === undefined || named !== comparable(expected.url))
    return refuse(`htu of the DPoP proof must be ${expected.url}`);
  if (!isNumericDate(iat)) return refuse('iat of the DPoP proof is missing');
  if (Math.abs(iat - expected.now / 1000) > leewaySeconds)
    return refuse('iat of the DPoP proof is more than a minute away from now; check the clock');
  if (expected.accessTokenHash !== undefined && ath !== expected.accessTokenHash)
    return refuse('ath of the DPoP proof must be the SHA-256 hash of the access token');
  return undefined;
}

/** Why a key does not fit; the sentence is for the client's developer. */
export interface BindingRefusal {
  readonly kind: 'binding-refusal';
  readonly detail: string;
}

function refuseBinding(detail: string): BindingRefusal {
  return { kind: 'binding-refusal', detail };
}

/**
 * Whether the key of a pushed request's proof is the one its `dpop_jkt` names; both may be absent. `undefined` means yes.
 * @see RFC 9449 §10.1
 */
export function checkPushedBinding(
  dpopJkt: string | undefined,
  proofJkt: string | undefined,
): BindingRefusal | undefined {
  if (dpopJkt === undefined || proofJkt === undefined || dpopJkt === proofJkt) return undefined;
  return refuseBinding('dpop_jkt differs from the thumbprint of the key in the DPoP header');
}

/**
 * Whether the key shown at the token endpoint is the one a code is bound to. `undefined` means yes, or that it is bound to
 * none.
 * @see RFC 9449 §10
 */
export function checkCodeBinding(
  dpopJkt: string | undefined,
  confirmation: Confirmation | undefined,
): BindingRefusal | undefined {
  if (dpopJkt === undefined) return undefined;
  if (confirmation?.kind === 'dpop' && confirmation.jkt === dpopJkt) return undefined;
  return refuseBinding('the code is bound to another DPoP key; use the key of the authorization request');
}

const certificatePrefix = 'x5t#S256:';

/**
 * The key of a refresh-token family as text, to be kept with it and handed to `checkRefreshBinding`: a DPoP thumbprint, or
 * a certificate's with a prefix; `null` for none.
 * @see RFC 9449 §5, RFC 8705 §4
 */
export function refreshBinding(confirmation: Confirmation | undefined): string | null {
  switch (confirmation?.kind) {
    case undefined:
      return null;
    case 'dpop':
      return confirmation.jkt;
    case 'certificate':
      return certificatePrefix + confirmation.thumbprint;
  }
}

/**
 * Whether a refresh shows the key its family is bound to. `undefined` means yes. The family of a public client is bound to
 * the key itself. That of a confidential client is bound to the client, which may change keys, but must go on proving one,
 * so that a stolen client secret does not turn bound tokens into bearer tokens.
 * @see RFC 9449 §5, RFC 8705 §4, §7.1
 */
export function checkRefreshBinding(
  bound: string | null | undefined,
  confirmation: Confirmation | undefined,
  client: 'public' | 'confidential',
): BindingRefusal | undefined {
  if (bound === null || bound === undefined) return undefined;
  const isDpop = !bound.startsWith(certificatePrefix);
  if (client === 'confidential' && confirmation?.kind === (isDpop ? 'dpop' : 'certificate')) return undefined;
  if (client === 'public' && refreshBinding(confirmation) === bound) return undefined;
  return refuseBinding(
    isDpop
      ? 'the refresh token is bound to a DPoP key; send a proof by the key of the first token request'
      : 'the refresh token is bound to a client certificate; connect with it',
  );
}

/** How an access token was presented, and the key shown with it. */
export interface Presentation {
  /** The scheme of the Authorization header; a token in a form counts as Bearer. */
  readonly scheme: 'bearer' | 'dpop';
  /** The thumbprint of the key whose proof has been checked. */
  readonly proofJkt?: string;
  /** The thumbprint of the connection's certificate. */
  readonly certificateThumbprint?: string;
}

/**
 * Whether whoever presents a token holds the key it is bound to. `undefined` means yes. A DPoP-bound token is none for the
 * Bearer scheme, nor an unbound one for the DPoP scheme.
 * @see RFC 9449 §7.1, §7.2, RFC 8705 §3
 */
export function checkTokenPossession(
  confirmation: Confirmation | undefined,
  { scheme, proofJkt, certificateThumbprint }: Presentation,
): BindingRefusal | undefined {
  if (confirmation?.kind !== 'dpop' && scheme === 'dpop')
    return refuseBinding('the access token is not bound to a DPoP key; send it as Authorization: Bearer');
  switch (confirmation?.kind) {
    case undefined:
      return undefined;
    case 'dpop':
      if (scheme !== 'dpop')
        return refuseBinding(
          'the access token is bound to a DPoP key; send it as Authorization: DPoP with a proof',
        );
      return proofJkt === confirmation.jkt
        ? undefined
        : refuseBinding('the access token is bound to another key than the one of the DPoP proof');
    case 'certificate':
      return certificateThumbprint === confirmation.thumbprint
        ? undefined
        : refuseBinding('the access token is bound to a client certificate; connect with it');
  }
}
