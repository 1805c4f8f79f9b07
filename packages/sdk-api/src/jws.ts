import { constants, type KeyObject, type SigningOptions, verify as verifySignature } from 'node:crypto';
import { type JsonObject, parseJsonObject, stringOf } from './json.ts';

/** A compact JWS taken apart; nothing about it has been checked. */
export interface ParsedJws {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** How an algorithm is carried out. */
interface Algorithm {
  readonly hash: string | undefined;
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  readonly curve?: string;
  readonly options?: SigningOptions;
}

const RSA_PSS: SigningOptions = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};
const RSA_PKCS1: SigningOptions = { padding: constants.RSA_PKCS1_PADDING };
// RFC 7518 §3.4: R and S side by side, not in DER.
const ECDSA: SigningOptions = { dsaEncoding: 'ieee-p1363' };

// Asymmetric only. `none` and the HMAC family have no row, so no key can ever be used with them.
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['RS256', { hash: 'sha256', keyType: 'rsa', options: RSA_PKCS1 }],
  ['RS384', { hash: 'sha384', keyType: 'rsa', options: RSA_PKCS1 }],
  ['RS512', { hash: 'sha512', keyType: 'rsa', options: RSA_PKCS1 }],
  ['PS256', { hash: 'sha256', keyType: 'rsa', options: RSA_PSS }],
  ['PS384', { hash: 'sha384', keyType: 'rsa', options: RSA_PSS }],
  ['PS512', { hash: 'sha512', keyType: 'rsa', options: RSA_PSS }],
  ['ES256', { hash: 'sha256', keyType: 'ec', curve: 'prime256v1', options: ECDSA }],
  ['ES384', { hash: 'sha384', keyType: 'ec', curve: 'secp384r1', options: ECDSA }],
  ['ES512', { hash: 'sha512', keyType: 'ec', curve: 'secp521r1', options: ECDSA }],
  ['EdDSA', { hash: undefined, keyType: 'ed25519' }],
  ['Ed25519', { hash: undefined, keyType: 'ed25519' }],
]);

const MIN_RSA_BITS = 2048;

/** Whether an algorithm is one the verifier ever uses. */
export function isAllowedAlgorithm(algorithm: string): boolean {
  return ALGORITHMS.has(algorithm);
}

/** Whether a key is of the kind, curve and size an algorithm wants. */
export function keyFits(algorithm: string, key: KeyObject): boolean {
  const wanted = ALGORITHMS.get(algorithm);
  if (wanted === undefined || key.type !== 'public' || key.asymmetricKeyType !== wanted.keyType) return false;
  const details = key.asymmetricKeyDetails;
  if (wanted.keyType === 'rsa') return (details?.modulusLength ?? 0) >= MIN_RSA_BITS;
  return wanted.curve === undefined || details?.namedCurve === wanted.curve;
}

/** Takes a compact JWS apart (RFC 7515 §7.1); `undefined` when the text is not one. */
export function parseJws(text: string): ParsedJws | undefined {
  const firstDot = text.indexOf('.');
  const secondDot = text.indexOf('.', firstDot + 1);
  if (firstDot <= 0 || secondDot === -1 || text.indexOf('.', secondDot + 1) !== -1) return undefined;
  const header = decodeObject(text.slice(0, firstDot));
  if (header === undefined || stringOf(header.alg) === undefined) return undefined;
  const payload = decodeObject(text.slice(firstDot + 1, secondDot));
  const signature = decodeBase64Url(text.slice(secondDot + 1));
  if (payload === undefined || signature === undefined) return undefined;
  return { header, payload, signingInput: text.slice(0, secondDot), signature };
}

/**
 * Checks a signature. The caller has chosen the key by its id and made sure with `keyFits` that it is a key for
 * this algorithm; a key never gets used as anything but what it is.
 */
export function hasValidSignature(jws: ParsedJws, algorithm: string, key: KeyObject): boolean {
  const how = ALGORITHMS.get(algorithm);
  if (how === undefined || !keyFits(algorithm, key)) return false;
  return verifySignature(how.hash, Buffer.from(jws.signingInput), { key, ...how.options }, jws.signature);
}

function decodeObject(segment: string): JsonObject | undefined {
  const bytes = decodeBase64Url(segment);
  return bytes === undefined ? undefined : parseJsonObject(bytes.toString('utf8'));
}

// Buffer skips what it does not know; encoding back shows whether the text was the one canonical form.
function decodeBase64Url(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.toString('base64url') === segment ? bytes : undefined;
}
