import { constants, createHmac, hash, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import type { CompactJwt } from '@latchkey/protocol';

interface Scheme {
  /** What node:crypto calls the hash; none where the algorithm brings its own. */
  readonly digest: string | null;
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  /** The curve as node:crypto names it. */
  readonly curve?: string;
  readonly isPss?: true;
}

/** JWS algorithms with public keys (RFC 7518 §3.1, RFC 8037 §3.1). */
const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['RS256', { digest: 'sha256', keyType: 'rsa' }],
  ['RS384', { digest: 'sha384', keyType: 'rsa' }],
  ['RS512', { digest: 'sha512', keyType: 'rsa' }],
  ['PS256', { digest: 'sha256', keyType: 'rsa', isPss: true }],
  ['PS384', { digest: 'sha384', keyType: 'rsa', isPss: true }],
  ['PS512', { digest: 'sha512', keyType: 'rsa', isPss: true }],
  ['ES256', { digest: 'sha256', keyType: 'ec', curve: 'prime256v1' }],
  ['ES384', { digest: 'sha384', keyType: 'ec', curve: 'secp384r1' }],
  ['ES512', { digest: 'sha512', keyType: 'ec', curve: 'secp521r1' }],
  ['EdDSA', { digest: null, keyType: 'ed25519' }],
  // The same by its fully specified name (RFC 9864 §2.2).
  ['Ed25519', { digest: null, keyType: 'ed25519' }],
]);

const hmacDigests: ReadonlyMap<string, string> = new Map([
  ['HS256', 'sha256'],
  ['HS384', 'sha384'],
  ['HS512', 'sha512'],
]);

/** Asymmetric algorithms a client may sign with. */
export const asymmetricAlgorithms: readonly string[] = [...schemes.keys()];

function schemeOptions(scheme: Scheme, key: KeyObject) {
  if (scheme.keyType === 'ec') return { key, dsaEncoding: 'ieee-p1363' } as const;
  if (scheme.isPss)
    return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return { key };
}

/** Whether a key is of the kind and size an algorithm needs: RSA of 2048 bits at least, the algorithm's own curve. */
export function fitsAlgorithm(key: KeyObject, algorithm: string): boolean {
  const scheme = schemes.get(algorithm);
  if (scheme === undefined || key.asymmetricKeyType !== scheme.keyType) return false;
  const details = key.asymmetricKeyDetails;
  if (scheme.keyType === 'rsa') return (details?.modulusLength ?? 0) >= 2048;
  return scheme.curve === undefined || details?.namedCurve === scheme.curve;
}

/**
 * Whether a public key signed a JWS by an algorithm the caller has chosen; the header must name the same (RFC 8725 §3.1).
 */
export function verifyJws(jwt: CompactJwt, key: KeyObject, algorithm: string): boolean {
  const scheme = schemes.get(algorithm);
  if (scheme === undefined || jwt.header.alg !== algorithm || !fitsAlgorithm(key, algorithm)) return false;
  return verify(scheme.digest, Buffer.from(jwt.signingInput), schemeOptions(scheme, key), jwt.signature);
}

/** Whether a shared secret signed a JWS (RFC 7518 §3.2). */
export function verifyHmacJws(jwt: CompactJwt, secret: Uint8Array, algorithm: string): boolean {
  const digest = hmacDigests.get(algorithm);
  if (digest === undefined || jwt.header.alg !== algorithm) return false;
  const expected = createHmac(digest, secret).update(jwt.signingInput).digest();
  return expected.length === jwt.signature.length && timingSafeEqual(expected, jwt.signature);
}

/**
 * Signs bytes by an algorithm. RSA takes milliseconds and goes to the thread pool, so that other requests go on; the
 * others take less than handing them over would.
 */
export function signBytes(algorithm: string, key: KeyObject, bytes: Uint8Array): Buffer | Promise<Buffer> {
  const scheme = schemes.get(algorithm);
  if (scheme === undefined) throw new Error(`no such signing algorithm: ${algorithm}`);
  const options = schemeOptions(scheme, key);
  if (scheme.keyType !== 'rsa') return sign(scheme.digest, bytes, options);
  return new Promise((resolve, reject) => {
    sign(scheme.digest, bytes, options, (error, signature) =>
      error === null ? resolve(signature) : reject(error),
    );
  });
}

/** The hash an algorithm is built on, for at_hash, c_hash and s_hash (OpenID Connect Core §3.1.3.6, §3.3.2.11). */
function hashOf(algorithm: string): 'sha256' | 'sha384' | 'sha512' {
  switch (schemes.get(algorithm)?.digest) {
    case 'sha384':
      return 'sha384';
    case 'sha512':
    case null:
      return 'sha512';
    default:
      return 'sha256';
  }
}

/** The left half of a text's hash, by the hash of the ID token's algorithm (OpenID Connect Core §3.1.3.6). */
export function leftHalfHash(algorithm: string, text: string): string {
  const digest = Buffer.from(hash(hashOf(algorithm), text, 'hex'), 'hex');
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
