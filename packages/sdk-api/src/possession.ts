import { createHash, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { type InvalidToken, invalidDpopProof, invalidToken, unboundUse } from './auth-error.ts';
import { createExpiringCache } from './expiring-cache.ts';
import { isJsonObject, type JsonObject, stringOf } from './json.ts';
import { hasValidSignature, type ParsedJws, parseJws } from './jws.ts';

/** The request a token came with. Getters will do: they are read only where the token or the request calls for it. */
export interface VerifyRequest {
  readonly method: string;
  /** Absolute URL as the client wrote it. */
  readonly url: string;
  /** By lower-case name; `authorization` and `dpop` are looked at. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** base64url SHA-256 of the client certificate of the connection in DER (`x5t#S256`), where there is one. */
  readonly certificateThumbprint?: string | undefined;
}

/** Checks that whoever sent a request may use a token that is good: `undefined` when so. */
export type CheckPossession = (
  claims: JsonObject,
  token: string,
  request: VerifyRequest | undefined,
) => InvalidToken | undefined;

/** Algorithms of proofs; asymmetric without exception. */
export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const;

const MAX_PROOF_LENGTH = 8192;
const LEEWAY_SECONDS = 60;
const MAX_REMEMBERED_PROOFS = 50_000;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
// RFC 7638 §3.2, in the order of the thumbprint; 4096 bits at most, since the sender chooses what we compute.
const KEY_MEMBERS: ReadonlyMap<unknown, readonly (readonly [string, number])[]> = new Map([
  [
    'EC',
    [
      ['crv', 16],
      ['kty', 4],
      ['x', 88],
      ['y', 88],
    ] as const,
  ],
  [
    'OKP',
    [
      ['crv', 16],
      ['kty', 4],
      ['x', 88],
    ] as const,
  ],
  [
    'RSA',
    [
      ['e', 6],
      ['kty', 4],
      ['n', 684],
    ] as const,
  ],
]);

interface CheckedProof {
  readonly kind: 'proof';
  readonly jkt: string;
  readonly jti: string;
}

/**
 * Creates the check of proofs of possession: DPoP proofs with a memory of those used, and client certificates.
 * @see https://www.rfc-editor.org/rfc/rfc9449#section-7 RFC 9449 §7
 * @see https://www.rfc-editor.org/rfc/rfc8705#section-3 RFC 8705 §3
 */
export function createPossessionCheck(now: () => number): CheckPossession {
  const used = createExpiringCache<true>({ maxEntries: MAX_REMEMBERED_PROOFS, now });

  const checkDpop = (jkt: string, token: string, request: VerifyRequest): InvalidToken | undefined => {
    if (schemeOf(request) !== 'dpop') {
      return unboundUse(
        'The access token is bound to a DPoP key. Send it as Authorization: DPoP with a proof.',
      );
    }
    const proof = checkProof(request, token, now() / 1000);
    if (proof.kind !== 'proof') return proof;
    if (proof.jkt !== jkt) {
      return unboundUse('The access token is bound to another key than the one of the DPoP proof.');
    }
    const name = hash('sha256', `${jkt} ${proof.jti}`, 'base64');
    if (used.find(name))
      return invalidDpopProof('The DPoP proof was used before. Sign one for every request.');
    used.keep(name, true, now() + 3 * LEEWAY_SECONDS * 1000);
    return undefined;
  };

  return (claims, token, request) => {
    const binding = bindingOf(claims);
    if (binding.kind === 'none') {
      return request !== undefined && schemeOf(request) === 'dpop'
        ? unboundUse('The access token is not bound to a key. Send it as Authorization: Bearer.')
        : undefined;
    }
    if (binding.kind === 'unknown' || request === undefined) {
      return invalidToken(
        'sender-constrained',
        'The access token is bound to a key in a way this API does not check. Get a bearer token.',
      );
    }
    if (binding.kind === 'dpop') return checkDpop(binding.jkt, token, request);
    if (schemeOf(request) === 'dpop' || request.certificateThumbprint !== binding.thumbprint) {
      return invalidToken(
        'sender-constrained',
        'The access token is bound to a client certificate. Connect with it, and send the token as Bearer.',
      );
    }
    return undefined;
  };
}

/** The thumbprint of the certificate the other end of a TLS connection has shown; `undefined` for anything else. */
export function peerCertificateThumbprint(socket: unknown): string | undefined {
  if (typeof socket !== 'object' || socket === null || !('getPeerX509Certificate' in socket))
    return undefined;
  const { getPeerX509Certificate } = socket;
  if (typeof getPeerX509Certificate !== 'function') return undefined;
  const certificate: unknown = getPeerX509Certificate.call(socket);
  if (typeof certificate !== 'object' || certificate === null || !('raw' in certificate)) return undefined;
  return Buffer.isBuffer(certificate.raw)
    ? createHash('sha256').update(certificate.raw).digest('base64url')
    : undefined;
}

type Binding =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'dpop'; readonly jkt: string }
  | { readonly kind: 'certificate'; readonly thumbprint: string };

function bindingOf(claims: JsonObject): Binding {
  const isDpopType = typeof claims.token_type === 'string' && claims.token_type.toLowerCase() === 'dpop';
  if (claims.cnf === undefined) return { kind: isDpopType ? 'unknown' : 'none' };
  // RFC 7800 §3.1: several ways to confirm, or one we do not know, are not ours to choose from.
  const members = isJsonObject(claims.cnf) ? Object.entries(claims.cnf) : [];
  const [[name, value] = []] = members;
  if (members.length !== 1 || typeof value !== 'string' || value === '') return { kind: 'unknown' };
  if (name === 'jkt') return { kind: 'dpop', jkt: value };
  return name === 'x5t#S256' && !isDpopType
    ? { kind: 'certificate', thumbprint: value }
    : { kind: 'unknown' };
}

function headerOf(request: VerifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  // Several lines of one header become one that no proof and no token looks like.
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}

/** The scheme by which a request sent its token. */
export function schemeOf(request: VerifyRequest): 'dpop' | 'other' {
  return /^\s*dpop\s/i.test(headerOf(request, 'authorization') ?? '') ? 'dpop' : 'other';
}

/** RFC 9449 §4.3, without the memory of proofs. */
function checkProof(request: VerifyRequest, token: string, nowSeconds: number): CheckedProof | InvalidToken {
  const header = headerOf(request, 'dpop');
  if (header === undefined) return invalidDpopProof('The request lacks a DPoP proof in the DPoP header.');
  if (header.includes(',')) return invalidDpopProof('The request has several DPoP headers. Send one.');
  const jws = header.length > MAX_PROOF_LENGTH ? undefined : parseJws(header);
  if (jws === undefined) return invalidDpopProof('The DPoP header must be one signed JWT.');
  const key = checkHeader(jws);
  if (key.kind !== 'key') return key;
  const { jti } = jws.payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) {
    return invalidDpopProof('jti of the DPoP proof must be a text of 1 to 256 characters.');
  }
  const refusal = checkProofClaims(jws.payload, request, token, nowSeconds);
  return refusal ?? { kind: 'proof', jkt: key.jkt, jti };
}

function checkHeader(jws: ParsedJws): { kind: 'key'; jkt: string } | InvalidToken {
  const { typ, alg, jwk } = jws.header;
  if (jws.header.crit !== undefined || jws.header.b64 !== undefined) {
    return invalidDpopProof('The DPoP proof uses signature extensions this API does not know.');
  }
  if (!/^(application\/)?dpop\+jwt$/i.test(stringOf(typ) ?? '')) {
    return invalidDpopProof('typ of the DPoP proof must be dpop+jwt.');
  }
  const algorithm = PROOF_ALGORITHMS.find((candidate) => candidate === alg);
  if (algorithm === undefined) {
    return invalidDpopProof(`alg of the DPoP proof must be one of ${PROOF_ALGORITHMS.join(' ')}.`);
  }
  const members = isJsonObject(jwk) ? readKey(jwk) : undefined;
  const key = members && importKey(members);
  if (members === undefined || key === undefined) {
    return invalidDpopProof('jwk of the DPoP proof must be a public key, and the public key alone.');
  }
  if (!hasValidSignature(jws, algorithm, key)) {
    return invalidDpopProof('The signature of the DPoP proof is wrong, or the key does not fit alg.');
  }
  return { kind: 'key', jkt: createHash('sha256').update(JSON.stringify(members)).digest('base64url') };
}

/** The members of the thumbprint, in its order; nothing when one is missing or any private one is there. */
function readKey(jwk: JsonObject): Record<string, string> | undefined {
  if (PRIVATE_MEMBERS.some((name) => name in jwk)) return undefined;
  const wanted = KEY_MEMBERS.get(jwk.kty);
  if (wanted === undefined) return undefined;
  const key: Record<string, string> = {};
  for (const [name, maximumLength] of wanted) {
    const value = jwk[name];
    if (typeof value !== 'string' || value.length > maximumLength) return undefined;
    key[name] = value;
  }
  return key;
}

function importKey(jwk: Record<string, string>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function checkProofClaims(
  claims: JsonObject,
  request: VerifyRequest,
  token: string,
  nowSeconds: number,
): InvalidToken | undefined {
  if (claims.htm !== request.method) {
    return invalidDpopProof(`htm of the DPoP proof must be ${request.method}.`);
  }
  const named = typeof claims.htu === 'string' ? comparable(claims.htu) : undefined;
  if (named === undefined || named !== comparable(request.url)) {
    return invalidDpopProof('htu of the DPoP proof must be the URL of the request.');
  }
  const { iat, ath } = claims;
  if (typeof iat !== 'number' || !(Math.abs(iat - nowSeconds) <= LEEWAY_SECONDS)) {
    return invalidDpopProof('iat of the DPoP proof must be the time of the request. Check the clock.');
  }
  if (ath !== createHash('sha256').update(token).digest('base64url')) {
    return invalidDpopProof('ath of the DPoP proof must be the SHA-256 hash of the access token.');
  }
  return undefined;
}

// RFC 9449 §4.3: query and fragment do not count; scheme, host and port compare in one spelling.
function comparable(address: string): string | undefined {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.username === '' && url.password === '' ? url.origin + url.pathname : undefined;
}
