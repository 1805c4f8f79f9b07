import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { SignJWT } from 'jose';
import type { JsonObject } from '../json.ts';

/** A key the test issuer signs with. */
export interface SigningKey {
  readonly keyId: string;
  readonly publicJwk: JsonWebKey;
  sign(type: string, claims: JsonObject): Promise<string>;
}

export function createSigningKey(algorithm: 'ES256' | 'RS256' | 'EdDSA'): SigningKey {
  const { privateKey, publicKey } = generatePair(algorithm);
  const keyId = randomUUID();
  return {
    keyId,
    publicJwk: { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: algorithm, use: 'sig' },
    sign: (type, claims) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: keyId })
        .sign(privateKey),
  };
}

/** An RSA key for an application key file: the PEM goes out, the public half stays. */
export function createApplicationKey(): { keyId: string; pem: string; publicKey: KeyObject } {
  const { privateKey } = generatePair('RS256');
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return { keyId: randomUUID(), pem, publicKey: createPublicKey(privateKey) };
}

function generatePair(algorithm: 'ES256' | 'RS256' | 'EdDSA'): {
  privateKey: KeyObject;
  publicKey: KeyObject;
} {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}
