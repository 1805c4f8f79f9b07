import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import type { TestServer } from '@latchkey/testkit';

/** A P-256 key of a client, with what the standards make of it. */
export interface ProofKey {
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey;
  /** RFC 7638 thumbprint. */
  readonly jkt: string;
}

/** A fresh key. */
export function createProofKey(): ProofKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const canonical = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
  return { privateKey, jwk, jkt: createHash('sha256').update(canonical).digest('base64url') };
}

/** What a proof is about, and how it differs from a good one; `undefined` takes a member out. */
export interface ProofChange {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signature?: 'good' | 'bad' | 'none';
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs a DPoP proof for a request to the server, by hand, so that any rule can be broken. */
export function proofFor(
  server: Pick<TestServer, 'issuer' | 'clock'>,
  key: ProofKey,
  request: { readonly method: string; readonly path: string; readonly accessToken?: string },
  { header, claims, signature = 'good' }: ProofChange = {},
): string {
  const { method, path, accessToken } = request;
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url');
  const input = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk, ...header })}.${encode({
    jti: randomUUID(),
    htm: method,
    htu: server.issuer + path,
    iat: Math.floor(server.clock.now() / 1000),
    ath,
    ...claims,
  })}`;
  if (signature === 'none') return `${input}.`;
  const signed = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  if (signature === 'bad') signed[3] = (signed[3] ?? 0) ^ 1;
  return `${input}.${signed.toString('base64url')}`;
}
