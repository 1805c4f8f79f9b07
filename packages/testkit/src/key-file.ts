import { createPrivateKey, generateKeyPair, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** An application key file as the dialect's clients download it (ZITADEL dialect, application keys). */
export interface KeyFile {
  readonly type: 'application';
  readonly keyId: string;
  /** PEM, PKCS#1. */
  readonly key: string;
  readonly appId: string;
  readonly clientId: string;
}

/** An RSA key pair for private_key_jwt, both halves as PEM. */
export interface KeyPair {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** Makes an RSA key pair for private_key_jwt. */
export async function createKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** What an assertion says. Times are epoch seconds. */
export interface AssertionOptions {
  /** `aud`: the issuer of the server. */
  readonly audience: string;
  readonly nowSeconds: number;
  /** How long it is valid; an hour by default, as the dialect's clients ask for. */
  readonly lifetimeSeconds?: number;
  /** Claims added or put in place of the usual ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Header members added or put in place of the usual ones. */
  readonly header?: Readonly<Record<string, unknown>>;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs a client assertion with a key file (RFC 7523 §3), RS256. */
export function signAssertion(keyFile: KeyFile, options: AssertionOptions): string {
  const { audience, nowSeconds, lifetimeSeconds = 3600 } = options;
  const header = { alg: 'RS256', kid: keyFile.keyId, ...options.header };
  const claims = {
    iss: keyFile.clientId,
    sub: keyFile.clientId,
    aud: audience,
    iat: nowSeconds,
    exp: nowSeconds + lifetimeSeconds,
    jti: randomUUID(),
    ...options.claims,
  };
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), createPrivateKey(keyFile.key));
  return `${input}.${signature.toString('base64url')}`;
}
