import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';

/** A P-256 key that access tokens are bound to. */
export interface ProofKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
}

function proofKeyOf(privateKey: KeyObject): ProofKey {
  const { kty = '', crv = '', x = '', y = '' } = privateKey.export({ format: 'jwk' });
  return { privateKey, publicJwk: { kty, crv, x, y } };
}

/** A new key. */
export function createProofKey(): ProofKey {
  return proofKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/** The key of a private JWK in PKCS#8, as a peer tells it. */
export function readProofKey(privateKeyPem: string): ProofKey {
  return proofKeyOf(createPrivateKey(privateKeyPem));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A proof for one request, with a `jti` of its own (RFC 9449 §4.2), ES256. */
export function signProof(
  { privateKey, publicJwk }: ProofKey,
  request: { readonly method: 'GET' | 'POST'; readonly url: string; readonly accessToken?: string },
): string {
  const { method, url, accessToken } = request;
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    ...(accessToken === undefined
      ? {}
      : { ath: createHash('sha256').update(accessToken).digest('base64url') }),
  };
  const input = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
