import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { PublicJwk } from '@latchkey/protocol';

/** What a key may be used for, as JWK's `use` says. */
export type KeyUse = 'sig' | 'enc';

/** A public key of a client. */
export interface ClientKey {
  readonly keyId: string | undefined;
  /** The only algorithm it may be used with, where its owner says so. */
  readonly algorithm: string | undefined;
  readonly uses: readonly KeyUse[];
  readonly key: KeyObject;
  /** SHA-256 of the key's DER, base64url: the same key has the same one, however it was written. */
  readonly fingerprint: string;
  /** The certificate registered with the key, DER (RFC 8705 §2.2). */
  readonly certificateDer: Buffer | undefined;
  /** A key file of the dialect, which signs by RS256 unless the application says otherwise. */
  readonly origin: 'key-file' | 'jwk';
}

/** By what a particular key is recognised; neither when any will do. */
export interface SoughtKey {
  readonly kid?: string | undefined;
  readonly fingerprint?: string | undefined;
}

/** Whether a particular key is among some keys; `false` when none in particular is sought. */
export function isAmong(keys: readonly ClientKey[], { kid, fingerprint }: SoughtKey): boolean {
  return keys.some(
    (key) =>
      (kid !== undefined && key.keyId === kid) ||
      (fingerprint !== undefined && key.fingerprint === fingerprint),
  );
}

/** The SHA-256 of a public key's DER, base64url. */
export function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/** Whether a key is neither too weak to trust nor so large that using it would be an attack. */
export function isSoundKey(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return (
        modulusLength >= 2048 && modulusLength <= 8192 && publicExponent < 2n ** 32n && publicExponent >= 3n
      );
    case 'ec':
      return ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve);
    case 'ed25519':
    case 'x25519':
      return true;
    default:
      return false;
  }
}

function usesOf(jwk: PublicJwk): readonly KeyUse[] {
  const operations = jwk.keyOperations;
  const mayVerify = operations === undefined || operations.includes('verify');
  const mayEncrypt =
    operations === undefined || ['encrypt', 'wrapKey', 'deriveKey'].some((name) => operations.includes(name));
  return [
    ...(jwk.use !== 'enc' && mayVerify ? (['sig'] as const) : []),
    ...(jwk.use !== 'sig' && mayEncrypt ? (['enc'] as const) : []),
  ];
}

/** The sound keys of a JWK Set; weak and malformed ones are left out (RFC 7517 §5). */
export function toClientKeys(jwks: readonly PublicJwk[]): readonly ClientKey[] {
  return jwks.flatMap((jwk): ClientKey[] => {
    const material: JsonWebKey = { kty: jwk.kty, ...jwk.parameters };
    let key: KeyObject;
    try {
      key = createPublicKey({ key: material, format: 'jwk' });
    } catch {
      return [];
    }
    if (!isSoundKey(key)) return [];
    return [
      {
        keyId: jwk.kid,
        algorithm: jwk.alg,
        uses: usesOf(jwk),
        key,
        fingerprint: fingerprintOf(key),
        certificateDer: jwk.certificate === undefined ? undefined : Buffer.from(jwk.certificate, 'base64'),
        origin: 'jwk',
      },
    ];
  });
}
