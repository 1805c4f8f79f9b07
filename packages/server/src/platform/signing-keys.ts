import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { CompactJwt, KeyState, SigningAlgorithm } from '@latchkey/protocol';
import type { SigningKeyRow } from '@latchkey/store';
import type { Sealer } from './seal.ts';

const generate = promisify(generateKeyPair);

/** A signing key in memory. */
export interface SigningKey {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: KeyState;
  readonly sinceMs: number;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function algorithmOptions(algorithm: SigningAlgorithm, key: KeyObject) {
  return algorithm === 'ES256' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : { key };
}

/** The JWK thumbprint, which is the key's `kid` (RFC 7638 §3). */
function thumbprint(jwk: JsonWebKey): string {
  const members =
    jwk.kty === 'EC'
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : { e: jwk.e, kty: jwk.kty, n: jwk.n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** A new key pair, ready to be stored: RSA of 3072 bits or P-256. */
export async function createSigningKey(algorithm: SigningAlgorithm, sealer: Sealer) {
  const pair =
    algorithm === 'ES256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 3072, publicExponent: 65_537 });
  const jwk = pair.publicKey.export({ format: 'jwk' });
  const keyId = thumbprint(jwk);
  const der = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    id: keyId,
    algorithm,
    publicJwk: { ...jwk, kid: keyId, alg: algorithm, use: 'sig' },
    privateKeySealed: sealer.sealAtRest(`signing_keys|private_key_sealed|${keyId}`, der),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Reads a stored key. Throws when it was tampered with. */
export function openSigningKey(
  row: Pick<SigningKeyRow, 'id' | 'algorithm' | 'state' | 'sinceMs' | 'publicJwk' | 'privateKeySealed'>,
  sealer: Sealer,
): SigningKey {
  if (row.privateKeySealed === null || !isObject(row.publicJwk))
    throw new Error(`signing key ${row.id} is incomplete`);
  const der = sealer.openAtRest(`signing_keys|private_key_sealed|${row.id}`, row.privateKeySealed);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    keyId: row.id,
    algorithm: row.algorithm,
    state: row.state,
    sinceMs: row.sinceMs,
    publicJwk: row.publicJwk,
    privateKey,
    publicKey: createPublicKey(privateKey),
  };
}

// The header is the same for every token of a key.
const encodedHeaders = new WeakMap<SigningKey, Map<string, string>>();

function encodeHeader(key: SigningKey, type: 'JWT' | 'at+jwt'): string {
  const known = encodedHeaders.get(key) ?? new Map<string, string>();
  const header =
    known.get(type) ??
    Buffer.from(JSON.stringify({ alg: key.algorithm, kid: key.keyId, typ: type })).toString('base64url');
  encodedHeaders.set(key, known.set(type, header));
  return header;
}

/** Signs claims as a compact JWT (RFC 7515 §7.1). */
export function signJwt(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>>,
  type: 'JWT' | 'at+jwt',
): string {
  const input = `${encodeHeader(key, type)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(input), algorithmOptions(key.algorithm, key.privateKey));
  return `${input}.${signature.toString('base64url')}`;
}

/** Whether one of our keys signed a JWT. The key's algorithm decides, the header must agree with it. */
export function verifyOwnJwt(keys: readonly SigningKey[], jwt: CompactJwt): SigningKey | undefined {
  const key = keys.find((candidate) => candidate.keyId === jwt.header.kid);
  if (key === undefined || key.algorithm !== jwt.header.alg) return undefined;
  const isValid = verify(
    'sha256',
    Buffer.from(jwt.signingInput),
    algorithmOptions(key.algorithm, key.publicKey),
    jwt.signature,
  );
  return isValid ? key : undefined;
}
