import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { CompactJwt, KeyState, SigningAlgorithm } from '@latchkey/protocol';
import type { SigningKeyRow } from '@latchkey/store';
import { signBytes, verifyJws } from './jws.ts';
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

/** The JWK thumbprint, which is the key's `kid` (RFC 7638 §3). */
export function jwkThumbprint(jwk: JsonWebKey): string {
  const members =
    jwk.kty === 'EC'
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : jwk.kty === 'OKP'
        ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x }
        : { e: jwk.e, kty: jwk.kty, n: jwk.n };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const;

/** Bits an RSA key may have. */
export type RsaBits = 2048 | 3072 | 4096;

/** How many bits an RSA key has; nothing for keys of other kinds. */
export function rsaBitsOf(publicJwk: unknown): RsaBits | undefined {
  if (!isObject(publicJwk) || typeof publicJwk.n !== 'string') return undefined;
  const bits = Buffer.from(publicJwk.n, 'base64url').length * 8;
  return ([2048, 3072, 4096] as const).find((each) => each === bits);
}

function generatePair(algorithm: SigningAlgorithm, rsaBits: RsaBits) {
  switch (algorithm) {
    case 'ES256':
    case 'ES384':
    case 'ES512':
      return generate('ec', { namedCurve: curves[algorithm] });
    case 'EdDSA':
      return generate('ed25519');
    default:
      return generate('rsa', { modulusLength: rsaBits, publicExponent: 65_537 });
  }
}

/** A new key pair, ready to be stored: of the algorithm's curve, or RSA of 3072 bits unless told otherwise. */
export async function createSigningKey(algorithm: SigningAlgorithm, sealer: Sealer, rsaBits: RsaBits = 3072) {
  const pair = await generatePair(algorithm, rsaBits);
  const jwk = pair.publicKey.export({ format: 'jwk' });
  const keyId = jwkThumbprint(jwk);
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

function encodeHeader(key: SigningKey, type: string): string {
  const known = encodedHeaders.get(key) ?? new Map<string, string>();
  const header =
    known.get(type) ??
    Buffer.from(JSON.stringify({ alg: key.algorithm, kid: key.keyId, typ: type })).toString('base64url');
  encodedHeaders.set(key, known.set(type, header));
  return header;
}

/** `typ` of the JWTs we sign: ID tokens and answers, RFC 9068, Back-Channel Logout §2.4, RFC 9701 §5. */
export type OwnJwtType = 'JWT' | 'at+jwt' | 'logout+jwt' | 'token-introspection+jwt' | 'oauth-authz-resp+jwt';

/** Signs claims as a compact JWT (RFC 7515 §7.1). */
export async function signJwt(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>>,
  type: OwnJwtType,
): Promise<string> {
  const input = `${encodeHeader(key, type)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const signature = signBytes(key.algorithm, key.privateKey, Buffer.from(input));
  const bytes = signature instanceof Promise ? await signature : signature;
  return `${input}.${bytes.toString('base64url')}`;
}

/** The key that signs by an algorithm now. Throws when the instance has none: settings must not name such an algorithm. */
export function activeKey(
  instance: { readonly id: string; readonly signingKeys: readonly SigningKey[] },
  algorithm: string,
): SigningKey {
  const key = instance.signingKeys.find(
    (candidate) => candidate.algorithm === algorithm && candidate.state === 'active',
  );
  if (key === undefined) throw new Error(`instance ${instance.id} has no active ${algorithm} key`);
  return key;
}

/** Whether one of our keys signed a JWT. The key's algorithm decides, the header must agree with it. */
export function verifyOwnJwt(keys: readonly SigningKey[], jwt: CompactJwt): SigningKey | undefined {
  const key = keys.find((candidate) => candidate.keyId === jwt.header.kid);
  return key !== undefined && verifyJws(jwt, key.publicKey, key.algorithm) ? key : undefined;
}
